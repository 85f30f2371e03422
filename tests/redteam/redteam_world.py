"""Reads a case from memory and judges it with the built-in rules: what the red team's tests share."""

from collections.abc import Iterable, Mapping
from functools import cache

from compliance_scan.evaluate import evaluate
from compliance_scan.model.finding import Finding, Verdict
from compliance_scan.model.resource import Inventory
from compliance_scan.model.rule import Instance, instance_of
from compliance_scan.ruleset import Ruleset
from compliance_scan.selftest import AS_OF, load_example
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World


@cache
def catalog() -> Catalog:
    """The built-in types, opened once."""
    return Catalog.open()


@cache
def ruleset() -> Ruleset:
    """The built-in rules, opened once."""
    return Ruleset.open()


def instances(names: Iterable[str] = ()) -> list[Instance]:
    """Instances of the rules named, of all where none is; those with parameters that have no default are left out."""
    wanted = set(names)
    rules = [rule for rule in ruleset().all() if not wanted or rule.id in wanted]
    made = [instance_of(rule) for rule in rules]
    return [instance for instance in made if None not in instance.parameters.values()]


def read(files: Mapping[str, str]) -> Inventory:
    """The inventory of files by path: manifests where they are YAML, else Terraform."""
    kind = "kubernetes" if any(path.endswith((".yaml", ".yml")) for path in files) else "terraform"
    return load_example({"name": "", "line": 1, kind: dict(files)})


def findings(files: Mapping[str, str], rules: Iterable[str] = ()) -> list[Finding]:
    """What the rules say of the files."""
    world = World(read(files), catalog(), as_of=AS_OF)
    return list(evaluate(instances(rules), world))


def verdicts(files: Mapping[str, str], rules: Iterable[str] = ()) -> dict[tuple[str, str], Verdict]:
    """Verdicts by rule and address, every alias of an address included."""
    found: dict[tuple[str, str], Verdict] = {}
    for finding in findings(files, rules):
        for address in (finding.resource.address, *finding.resource.aliases):
            found.setdefault((finding.rule, address), finding.verdict)
    return found
