"""The reference estates on a live account: what is seen to pass there, and to fail after one change.

    python -m tools.estates_live [ESTATE ...] [--statement ID ...]    writes fixtures/<estate>/live.yaml

An estate's Terraform is built in a stand-in by the seeds of the types' facts, audited beside its code by its own
profile, and for each statement built again with the change that breaks it. What the stand-in cannot hold is listed with
the reason; `python -m tools.estates` puts both into docs/estates.md.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from compliance_scan import drift, scan
from compliance_scan.audit import Wanted
from compliance_scan.inputs.aws.engine import Place
from compliance_scan.inputs.aws.ledger import Ledger
from compliance_scan.inputs.aws.plan import AuditPlan
from compliance_scan.inputs.aws.seed import Seeder, references
from compliance_scan.inputs.aws.source import AccountSource
from compliance_scan.inputs.aws.standin import StandIn
from compliance_scan.model.resource import Resource
from compliance_scan.ruleset import Ruleset
from compliance_scan.shape.catalog import Catalog
from tools import estates
from tools.estates import Break, Estate, Statement

FILE = "live.yaml"
MANAGED = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
"""The estates attach policies of AWS itself."""


class Built(NamedTuple):
    """An estate in the stand-in, audited."""

    findings: Sequence[Mapping[str, Any]]
    """Those of the live plane, with the address of what declares them."""
    failed: Mapping[str, str]
    """Address of what could not be made, to the reason."""
    left_out: Mapping[str, Sequence[str]]
    """Address to the attributes that were left out."""
    unread: Mapping[str, str]
    """Type that could not be listed, to the reason."""


class Live:
    """Estates against one stand-in."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        self.catalog = Catalog.open()
        self.ruleset = Ruleset.open()
        self._number = 200_000_000_000

    def concerns(self, instance: Mapping[str, Any]) -> bool:
        """Whether a rule judges an account too; what it judges there alone is tested on the estate's inventory."""
        rule = self.ruleset.rule(instance["rule"])
        return rule.provider == "aws" and "live" in rule.planes and "code" in rule.planes

    def judge(self, estate: Estate) -> dict[str, Any]:
        """Statement to what is seen of it."""
        chosen = [each for each in estate.statements if each.kind == "enforced"]
        whole = self.build(estate, [i for s in chosen for i in estate.of(s.id) if self.concerns(i)])
        return {each.id: self.statement(estate, each, whole) for each in chosen}

    def statement(self, estate: Estate, statement: Statement, whole: Built) -> dict[str, Any]:
        """`shown`, or why not, and which of its rules cannot be."""
        instances = [each for each in estate.of(statement.id) if self.concerns(each)]
        if not instances:
            return {"shown": False, "reason": estates.NOT_LIVE}
        beyond = {_name(each): why for each in instances if (why := self._beyond(whole, each))}
        changes = [each for each in estate.breaks if each.statement == statement.id]
        changes = [each for each in changes if any(each.rule == other["rule"] for other in instances)]
        reasons = [self._broken(estate, each, instances, beyond) for each in changes]
        if changes and "" in reasons:
            return {"shown": True, **({"beyond": beyond} if beyond else {})}
        reason = reasons[0] if reasons else NO_CHANGE
        return {"shown": False, "reason": reason, **({"beyond": beyond} if beyond else {})}

    def _beyond(self, built: Built, instance: Mapping[str, Any]) -> str:
        """Why an instance does not pass on the account as it should be."""
        mine = [each for each in built.findings if each["instance"] == _name(instance)]
        bad = [each for each in mine if each["verdict"] in ("fail", "unknown")]
        if bad:
            return _limit(instance["rule"], f"{bad[0]['resource']['address']} is {bad[0]['verdict']}: {_why(bad[0])}")
        if any(each["verdict"] == "pass" for each in mine):
            return ""
        kinds = self.ruleset.rule(instance["rule"]).resource
        for kind in kinds:
            if kind in built.unread:
                return f"{kind}: {built.unread[kind]}"
        failed = {address: why for address, why in built.failed.items() if f".{address}".rpartition(f".{kinds[0]}.")[1]}
        return "; ".join(dict.fromkeys(failed.values())) or _limit(instance["rule"], "nothing of it was found")

    def _broken(
        self, estate: Estate, change: Break, instances: Sequence[Mapping[str, Any]], beyond: Mapping[str, str]
    ) -> str:
        """Why a change is not seen to break the statement; empty where it is."""
        mine = [each for each in instances if each["rule"] == change.rule]
        good = [each for each in mine if _name(each) not in beyond]
        if not good:
            return beyond[_name(mine[0])]
        built = self.build(estate, mine, change)
        found = [each for each in built.findings if each["instance"] in set(map(_name, good)) and _is(each, change)]
        if any(each["verdict"] == "fail" and change.statement in each["statements"] for each in found):
            return ""
        told = {each["verdict"]: _why(each) for each in found}
        why = built.failed.get(change.resource, "")
        return f"after the change {change.resource} is {told or 'not found'} {why}".strip()

    def build(self, estate: Estate, instances: Sequence[Mapping[str, Any]], change: Break | None = None) -> Built:
        """Builds an estate, or with a change only what its rules read, and audits it."""
        overlay = {} if change is None else {change.file: estates.broken_text(estate, change).encode()}
        rules = sorted({each["rule"] for each in instances})
        request = estates.request(estate, overlay=overlay, rules=rules)
        audited = estates.request(estate, overlay=overlay, rules=rules, command="audit")
        resources = [
            each
            for each in scan.load(request).inventory.resources
            if each.type.startswith("aws_") and each.mode == "managed"
        ]
        regions = tuple(dict.fromkeys([estate.region, *(each.region for each in resources if each.region)]))
        self._renew(regions[0])
        seeder = Seeder(
            self.standin.clients(regions[0]),
            self.catalog,
            region=regions[0],
            account=self.standin.account,
            lenient=True,
        )
        failed: dict[str, str] = {}
        unread: dict[str, str] = {}

        def source(wanted: Wanted) -> AccountSource:
            failed.update(seeder.seed(resources if change is None else self._needed(resources, wanted)))
            place = Place(self.standin.account, "aws", regions, regions[0], self.standin.clients(regions[0]))
            plan = AuditPlan(wanted.reads, self.catalog)
            unread.update(dict.fromkeys(plan.missing, "no collector"))
            return AccountSource(plan, [place], Ledger(), disabled={}, threads=4)

        report = drift.audit(audited, source, drift.Options(force=True)).report
        names = {str(made.attributes[key]) for made in seeder.made.values() for key in KEYS if key in made.attributes}
        findings = [
            each
            for each in report["findings"]
            if each["resource"]["plane"] == "live" and _is_of(each, names, estate.region)
        ]
        return Built(findings, failed, seeder.left_out, unread)

    def _needed(self, resources: Sequence[Resource], wanted: Wanted) -> list[Resource]:
        """What rules read, and all that it refers to."""
        kinds = {kind for kind, rules in wanted.reads.rules.items() if rules - {"drift"}}
        by_address: dict[str, list[Resource]] = {}
        for each in resources:
            for name in {each.address, each.address.partition("[")[0]}:
                by_address.setdefault(name, []).append(each)
        open_ = [each for each in resources if self.catalog.canonical(each.type) in kinds]
        hands = HANDS.union(*(NAMED.get(kind, ()) for kind in kinds))
        open_ += [each for each in resources if self.catalog.seed(each.type) and each.type in hands]
        kept: dict[str, Resource] = {}
        while open_:
            resource = open_.pop()
            if resource.address in kept:
                continue
            kept[resource.address] = resource
            for name in resource.attributes:
                for reference in references(resource.attributes[name]):
                    open_ += by_address.get(reference.address) or by_address.get(reference.address.split("[")[0], [])
        return [each for each in resources if each.address in kept]

    def _renew(self, region: str) -> None:
        """An account in which nothing is: buckets alone have names that are taken in all accounts."""
        if self.standin.account and not self._emptied(self.standin.clients(region).client("s3", region)):
            self.standin.reset()
        self._number += 1
        self.standin.account = str(self._number)

    @staticmethod
    def _emptied(s3: Any) -> bool:
        from botocore.exceptions import ClientError

        try:
            for bucket in s3.list_buckets()["Buckets"]:
                s3.delete_bucket(Bucket=bucket["Name"])
        except ClientError:
            return False
        return True


HANDS = frozenset({"aws_iam_role_policy_attachment", "aws_vpc_security_group_egress_rule"})
NAMED = {"aws_appautoscaling_target": ("aws_ecs_service", "aws_ecs_cluster")}
"""Types that name in a text what must be there before them."""
KEYS = ("id", "arn", "name", "identifier", "bucket", "cluster_identifier", "function_name", "domain_name", "key_id")
"""Attributes by which what was made is known."""
NO_CHANGE = "the change that breaks it is none of the account"


@cache
def limits() -> dict[str, dict[str, str]]:
    """Rule to what the stand-in lacks for it."""
    told: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("standin_limits.yaml").read_text())
    return told


def _limit(rule: str, seen: str) -> str:
    """What the stand-in lacks where that explains what was seen, else what was seen."""
    limit = limits().get(rule)
    return limit["why"] if limit is not None and re.search(limit["seen"], seen) else seen


def _name(instance: Mapping[str, Any]) -> str:
    return str(instance.get("as", instance["rule"]))


def _is(finding: Mapping[str, Any], change: Break) -> bool:
    """Whether a finding is of what the change broke: at its address or, where nothing joins the two, of its type."""
    resource = finding["resource"]
    kind = change.resource.rpartition("[")[0] if change.resource.endswith("]") else change.resource
    unjoined = resource["address"] == resource["arn"] or "@" in resource["address"]
    return finding["rule"] == change.rule and (
        resource["address"] == change.resource or (unjoined and resource["type"] == kind.split(".")[-2:][0])
    )


def _is_of(finding: Mapping[str, Any], names: set[str], home: str) -> bool:
    """Whether a finding is of the estate, and not of what seeds made for it besides, or of regions that it leaves
    alone."""
    resource = finding["resource"]
    address, arn = resource["address"], resource["arn"]
    if "@" in address:
        return resource["region"] in (None, home)
    return address != arn or arn in names or arn.rpartition(":")[2].rpartition("/")[2] in names


def _why(finding: Mapping[str, Any]) -> str:
    told = finding.get("unknown_detail") or finding.get("message") or ""
    return " ".join(str(told).split())[:160]


def write(estate: Estate, seen: Mapping[str, Any]) -> None:
    """The estate's live.yaml."""
    head = "# Made by `python -m tools.estates_live`: what the stand-in's account shows of each statement.\n"
    text = yaml.safe_dump(dict(seen), sort_keys=True, width=120, allow_unicode=True)
    (estate.folder / FILE).write_text(head + text)


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("estate", nargs="*", help="a folder of fixtures; default: all")
    parser.add_argument("--statement", action="append", default=[], help="only this one, the others as they are")
    parser.add_argument("--made", action="store_true", help="print what could not be made")
    given = parser.parse_args(None if arguments is None else list(arguments))
    with StandIn(environment=MANAGED) as standin:
        live = Live(standin)
        for estate in estates.estates():
            if given.estate and estate.name not in given.estate:
                continue
            if given.made:
                chosen = [i for i in estate.instances if i.get("statement") and live.concerns(i)]
                built = live.build(estate, chosen)
                print(yaml.safe_dump({"failed": dict(built.failed), "left_out": dict(built.left_out)}, width=200))
                continue
            narrowed = estate._replace(
                statements=tuple(s for s in estate.statements if not given.statement or s.id in given.statement)
            )
            seen = live.judge(narrowed)
            shown = sum(each["shown"] for each in seen.values())
            print(f"{estate.name}: {shown} of {len(seen)} statements on the account", flush=True)
            write(estate, {**(estates.live(estate) if given.statement else {}), **seen})
    return 0


if __name__ == "__main__":
    sys.exit(main())
