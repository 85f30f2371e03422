"""Every condition of the rules is held by an example: negated or left out, some example comes out otherwise."""

from compliance_scan.ruleset import Ruleset
from compliance_scan.shape.catalog import Catalog
from tools.mutate import mutants, noticed, survivors


def test_an_example_notices_each_change_of_a_condition() -> None:
    ruleset = Ruleset.open()
    rules = list(ruleset.all())
    assert {rule.provider for rule in rules} >= {"aws", "kubernetes"}
    found = noticed(rules, ruleset, Catalog.open())
    assert len(found) > 6000
    assert [what for what, seen in found.items() if not seen] == []


def test_what_no_example_holds_is_found() -> None:
    ruleset = Ruleset.open()
    rule = ruleset.rule("aws-rds-storage-encrypted")
    examples = ruleset.prose(rule.id).examples
    assert all(seen for _what, seen in survivors(rule, examples, Catalog.open()))
    poorer = [one for one in examples if one.get("pass")][:1]
    assert [seen for _what, seen in survivors(rule, poorer, Catalog.open())].count(False) > 0
    assert len(list(mutants(rule))) == len(list(survivors(rule, examples, Catalog.open())))
