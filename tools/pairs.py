"""Pairs of rules that fail together wherever either fails, over the examples of all rules: do they speak of one cause?

    python tools/pairs.py        prints the pairs that nothing settles; 1 where there is any

A pair is settled where one yields to the other (`yields_to`), or `tools/pairs.yaml` says why both speak.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import yaml

from compliance_scan.evaluate import evaluate
from compliance_scan.model.rule import Rule, instance_of
from compliance_scan.ruleset import Ruleset
from compliance_scan.selftest import AS_OF, load_example
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World

EXPLAINED = Path(__file__).with_name("pairs.yaml")
ENOUGH = 3
"""Failing examples of each rule, below which nothing is said of a pair."""

Place = tuple[str, str, str]


def failures(ruleset: Ruleset, catalog: Catalog) -> dict[str, set[Place]]:
    """Rule to the places at which it fails: the rule and name of an example, and an address."""
    found: dict[str, set[Place]] = defaultdict(set)
    rules = list(ruleset.all())
    by_type: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        for kind in rule.resource:
            by_type[kind].append(rule)
    for rule in rules:
        others = {one.id: one for kind in rule.resource for one in by_type[kind]}
        runnable = [one for one in others.values() if all(p.default is not None for p in one.parameters.values())]
        for example in ruleset.prose(rule.id).examples:
            world = World(load_example(example), catalog, as_of=AS_OF)
            for finding in evaluate([instance_of(one) for one in runnable], world):
                if finding.verdict == "fail":
                    found[finding.rule].add((rule.id, example["name"], finding.resource.address))
    return found


def pairs(ruleset: Ruleset, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Pairs of rules on a common type that fail at the same places, in the order of their ids."""
    found = failures(ruleset, catalog)
    same: dict[frozenset[Place], list[str]] = defaultdict(list)
    for rule, places in sorted(found.items()):
        if len({place[:2] for place in places}) >= ENOUGH:
            same[frozenset(places)].append(rule)
    for rules in same.values():
        for index, first in enumerate(rules):
            for second in rules[index + 1 :]:
                yield first, second


def unsettled(ruleset: Ruleset, catalog: Catalog) -> list[tuple[str, str]]:
    """Those of which neither yields to the other and no reason is given."""
    explained = {tuple(one["rules"]) for one in yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) or ()}
    return [
        (first, second)
        for first, second in pairs(ruleset, catalog)
        if second not in ruleset.rule(first).yields_to
        and first not in ruleset.rule(second).yields_to
        and (first, second) not in explained
    ]


def main() -> int:
    """Prints what is not settled."""
    found = unsettled(Ruleset.open(), Catalog.open())
    for first, second in found:
        print(f"{first} and {second} always fail together")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
