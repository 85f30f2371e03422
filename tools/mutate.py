"""Whether every condition of every rule is held by an example: each is negated or left out in turn, and some example
must come out otherwise.

    python tools/mutate.py [ID ...]     prints what no example notices, and figures; 1 where there is any

A shared condition is one condition to the rules that use it; what it is made of is held where an example of any of them
notices. All in one process: packs are loaded once, an example is read once and judged by all mutants of its rule.
"""

import copy
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from compliance_scan.compiled import source_folder
from compliance_scan.evaluate import evaluate
from compliance_scan.model.rule import Condition, Rule, instance_of
from compliance_scan.ruleset import Ruleset
from compliance_scan.ruleset.build import shared_conditions
from compliance_scan.ruleset.conditions import Reader
from compliance_scan.ruleset.lookup import SharedConditions
from compliance_scan.selftest import AS_OF, load_example
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World

Verdicts = dict[str, str]


class Mutant(NamedTuple):
    """A rule with one condition changed."""

    what: str
    """`assert.all[1]: negated`."""
    when: Condition | None
    assertion: Condition


class Told(NamedTuple):
    """An example, read and shaped, with the parameters that it sets."""

    world: World
    given: Mapping[str, Any]


SHARED = "shared "


@cache
def shared() -> Mapping[str, str]:
    """The shared conditions as rules hold them, with their names; one that takes arguments is each rule's own."""
    known = shared_conditions(source_folder("rules"))
    found = {}
    for name, one in known.items():
        if not one.arguments:
            reader = Reader(one.document, {}, SharedConditions(known))
            found[json.dumps(reader.read(one.document.data["condition"], ("condition",)))] = name
    return found


def mutants(rule: Rule) -> Iterator[Mutant]:
    """Every condition of a rule negated, and left out where something else is left."""
    if rule.when is not None:
        yield Mutant("when: left out", None, rule.assertion)
        for what, changed in changes(rule.when, "when"):
            yield Mutant(what, changed, rule.assertion)
    for what, changed in changes(rule.assertion, "assert"):
        if not (what.startswith("assert.every: empty") and asks_for_items(rule)):
            yield Mutant(what, rule.when, changed)


def asks_for_items(rule: Rule) -> bool:
    """Whether the rule concerns only who has such an item in a list of its own: what none would mean is never asked.
    Where nobody knows whether there is one, `when` is unknown and so is `every`, whatever it says of none."""
    if rule.when is None or rule.assertion[2][0] != "path":
        return False
    some = ["each", "some", rule.assertion[2], rule.assertion[3], None, None]
    parts = rule.when[1] if rule.when[0] == "all" else [rule.when]
    return any(json.dumps(part) == json.dumps(some) for part in parts)


def changes(condition: Condition, place: str) -> Iterator[tuple[str, Condition]]:
    """A condition with one of its parts changed, and what was done where."""
    yield f"{place}: negated", ("not", condition)
    kind, name = condition[0], shared().get(json.dumps(condition))
    place = f"{SHARED}{name}" if name else place
    if kind in ("all", "any"):
        parts = list(condition[1])
        for index, part in enumerate(parts):
            here = f"{place}.{kind}[{index}]"
            if len(parts) > 1:
                yield f"{here}: left out", (kind, [*parts[:index], *parts[index + 1 :]])
            for what, changed in changes(part, here):
                yield what, (kind, [*parts[:index], changed, *parts[index + 1 :]])
    elif kind == "not":
        for what, changed in changes(condition[1], f"{place}.not"):
            if what != f"{place}.not: negated":  # the same as the whole, negated
                yield what, ("not", changed)
    elif kind in ("each", "count"):
        yield from _inside(condition, place)


def _inside(condition: Condition, place: str) -> Iterator[tuple[str, Condition]]:
    first = 3 if condition[0] == "each" else 2
    name = condition[1] if condition[0] == "each" else "count"
    for index, part in ((first, "where"), (first + 1, "assert")):
        inner = condition[index]
        if inner is None:
            continue
        here = f"{place}.{name}.{part}"
        yield f"{here}: left out", (*condition[:index], None, *condition[index + 1 :])
        for what, changed in changes(inner, here):
            yield what, (*condition[:index], changed, *condition[index + 1 :])
    if condition[0] == "each" and condition[5] in ("pass", "fail"):
        other = "fail" if condition[5] == "pass" else "pass"
        yield f"{place}.{name}: empty {other}", (*condition[:5], other)


def verdicts(rule: Rule, told: Told) -> Verdicts:
    """Address to verdict of what a rule judges in an example."""
    instance = instance_of(rule)
    instance = instance._replace(parameters={**instance.parameters, **told.given})
    return {one.resource.address: one.verdict for one in evaluate([instance], told.world)}


def survivors(rule: Rule, examples: Sequence[Mapping[str, Any]], catalog: Catalog) -> Iterator[tuple[str, bool]]:
    """The mutants of a rule, and whether an example notices them."""
    told = [Told(World(load_example(one), catalog, as_of=AS_OF), one.get("with") or {}) for one in examples]
    expected = [verdicts(rule, one) for one in told]
    for mutant in mutants(rule):
        changed = copy.copy(rule)
        changed.when, changed.assertion = mutant.when, mutant.assertion
        yield mutant.what, any(verdicts(changed, one) != before for one, before in zip(told, expected, strict=True))


def noticed(rules: Sequence[Rule], ruleset: Ruleset, catalog: Catalog) -> dict[str, bool]:
    """The mutants of these rules and whether an example of any of them notices."""
    found: dict[str, bool] = {}
    for rule in rules:
        for what, seen in survivors(rule, ruleset.prose(rule.id).examples, catalog):
            key = what if what.startswith(SHARED) else f"{rule.id}: {what}"
            found[key] = found.get(key, False) or seen
    return found


def main(arguments: list[str]) -> int:
    """Prints survivors rule by rule and the figures."""
    names = [argument for argument in arguments if not argument.startswith("-")]
    ruleset, catalog = Ruleset.open(), Catalog.open()
    rules = [ruleset.rule(name) for name in names] if names else list(ruleset.all())
    found = noticed(rules, ruleset, catalog)
    alive = [what for what, seen in found.items() if not seen]
    for what in alive:
        print(what)
    touched = {what.partition(":")[0] for what in alive}
    print(f"{len(rules)} rules, {len(found)} mutants, {len(alive)} not noticed, in {len(touched)} rules")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
