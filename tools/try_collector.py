"""Tries a type's collector and seed against a stand-in that it starts: `python tools/try_collector.py TYPE ...`.

For each type the examples of the rules that read it (or with `--tf FILE` your own Terraform) are made in the stand-in
by the types' seeds, then the type is collected, and what came out is compared with what was written. At the end stands
which attributes rules read of the type and the collector does not map. `--all` prints every attribute.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from compliance_scan.inputs.aws.collector import Collector, collectors
from compliance_scan.inputs.aws.gather import Found
from compliance_scan.inputs.aws.lint import problems
from compliance_scan.inputs.aws.seed import Made, Seeder
from compliance_scan.inputs.aws.standin import StandIn
from compliance_scan.inputs.aws.walk import Walk
from compliance_scan.model.rule import instance_of
from compliance_scan.model.value import Unknown
from compliance_scan.reads import Reads, reads_of
from compliance_scan.ruleset import Ruleset
from compliance_scan.selftest import load_example
from compliance_scan.shape.catalog import Catalog

REGION = "eu-west-1"


def main() -> int:
    """1 where a collector is wrong or misses what rules read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("types", nargs="+", metavar="TYPE")
    parser.add_argument("--tf", metavar="FILE", help="Terraform to seed instead of the rules' examples")
    parser.add_argument("--all", action="store_true", help="print every attribute that was collected")
    parser.add_argument("--most", type=int, default=6, metavar="N", help="most examples a type (default 6)")
    given = parser.parse_args()
    bad = False
    with StandIn(environment={"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}) as standin:
        trial = Trial(standin, given)
        for kind in given.types:
            bad |= trial.run(kind)
    return int(bad)


class Trial:
    """One type after the other against one stand-in."""

    def __init__(self, standin: StandIn, given: Any) -> None:
        self.catalog, self.ruleset = Catalog.open(), Ruleset.open()
        self.reads = reads_of((instance_of(rule) for rule in self.ruleset.all()), self.catalog)
        self.standin = standin
        self.given = given

    def run(self, kind: str) -> bool:
        """Whether anything is wrong with a type's collector."""
        print(f"== {kind}")
        spec = self.catalog.collect(kind)
        if spec is None:
            print("   its facts have no `collect`")
            return True
        wrong = problems(kind, self.catalog)
        for problem in wrong:
            print(f"   WRONG {problem}")
        if wrong:
            return True
        for name, example in _examples(kind, self.ruleset, self.given):
            self._example(kind, name, example)
        return _missing(kind, collectors(kind, spec), self.catalog, self.reads)

    def _example(self, kind: str, name: str, example: Mapping[str, Any]) -> None:
        self.standin.reset()
        clients = self.standin.clients(REGION)
        seeder = Seeder(clients, self.catalog, region=REGION)
        print(f"   -- {name}")
        failed = seeder.seed(load_example(example).resources)
        for address, reason in failed.items():
            print(f"      not made: {address}: {reason}")
        walk = Walk(clients, self.catalog, region=REGION, account=seeder.account)
        found = walk.collect(kind)
        for refusal in walk.refused:
            print(f"      LIST FAILED {refusal.asked.service}:{refusal.asked.call}: {refusal.failure}")
        for made in seeder.made.values():
            if made.resource.type == kind:
                _compare(made, found)
        if self.given.all:
            for resource in found:
                print(f"      {resource.id} ({resource.arn}, {resource.region})")
                for attribute, value in resource.attributes.items():
                    print(f"        {attribute} = {value!r}")
        else:
            unknown = {
                (n, v.cause, v.detail) for each in found for n, v in each.attributes.items() if isinstance(v, Unknown)
            }
            for attribute, cause, detail in sorted(unknown):
                print(f"      unknown: {attribute}: {cause} {detail}")
        print(f"      {len(found)} collected with {len(walk.calls)} calls")


def _missing(kind: str, made: Sequence[Collector], catalog: Catalog, reads: Reads) -> bool:
    facts = catalog.type(kind)
    keys = {key[0] for key in facts.keys} if facts is not None else set()
    mapped = {name for each in made for name in each.map} | {"id", "arn", "region"} | keys
    missing = {name: sorted(rules) for name, rules in reads.by_type.get(kind, {}).items() if name not in mapped}
    for name, rules in sorted(missing.items()):
        others = reads.inline.get((kind, name), set())
        collected = [other for other in others if catalog.collect(other) is not None]
        if collected:
            continue
        instead = f" (or collect {' or '.join(sorted(others))})" if others else ""
        print(f"   MISSING {name}{instead}: read by {', '.join(rules[:3])}{' …' if len(rules) > 3 else ''}")
    if not missing:
        print("   maps all that rules read")
    return bool(missing)


def _examples(kind: str, ruleset: Ruleset, given: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if given.tf:
        with open(given.tf, encoding="utf-8") as handle:
            yield given.tf, {"terraform": handle.read()}
        return
    left = given.most
    for rule in ruleset.all():
        if rule.provider != "aws":
            continue
        for example in ruleset.prose(rule.id).examples:
            text = example.get("terraform")
            if left and isinstance(text, str) and f'"{kind}"' in text and not example.get("unknown"):
                left -= 1
                yield f"{rule.id}: {example['name']}", example
                break


def _compare(made: Made, found: Sequence[Found]) -> None:
    resource = made.resource
    mine = [each for each in found if _is(each, made)]
    if not mine:
        print(f"      LOST {resource.address}: it was made, and no collected resource is it")
        return
    written = {name: value for name, value in made.attributes.items() if name in resource.attributes}
    for attribute, value in sorted(written.items()):
        if attribute not in mine[0].attributes:
            continue
        live = mine[0].attributes[attribute]
        if not _agrees(value, live):
            print(f"      DIFFERS {resource.address}.{attribute}: written {value!r}, collected {live!r}")


def _is(found: Found, made: Made) -> bool:
    names = {found.id, found.arn, *(str(found.attributes.get(key)) for key in ("id", "name", "bucket"))} - {None}
    return bool(names & {str(made.attributes.get(key)) for key in ("id", "arn", "name", "identifier", "bucket")})


def _agrees(written: Any, live: Any) -> bool:
    """Whether what was written is in what came out: more may be there."""
    if isinstance(written, dict) and isinstance(live, list) and len(live) == 1:
        live = live[0]
    if isinstance(written, list) and len(written) == 1 and isinstance(live, dict):
        written = written[0]
    if isinstance(written, dict) and isinstance(live, dict):
        return all(value is None or _agrees(value, live.get(key)) for key, value in written.items())
    if isinstance(written, list) and isinstance(live, list):
        return all(any(_agrees(value, other) for other in live) for value in written)
    return written == live or str(written).lower() == str(live).lower()


if __name__ == "__main__":
    sys.exit(main())
