"""Parity of the planes: what a rule says of Terraform it must say of the same thing in an account.

The pass and fail examples of a rule are made in the stand-in by the types' seeds, collected by their collectors, and
judged again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from compliance_scan.errors import ScanError
from compliance_scan.evaluate import evaluate
from compliance_scan.inputs.aws.engine import Place
from compliance_scan.inputs.aws.ledger import Ledger
from compliance_scan.inputs.aws.plan import AuditPlan
from compliance_scan.inputs.aws.seed import Made, Seeder
from compliance_scan.inputs.aws.source import AccountSource
from compliance_scan.inputs.aws.standin import StandIn
from compliance_scan.model.finding import Finding
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.rule import Instance, Rule, instance_of
from compliance_scan.reads import reads_of
from compliance_scan.ruleset import Ruleset
from compliance_scan.selftest import AS_OF, load_example
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World

REGION = "us-east-1"
KEYS = (
    "id",
    "arn",
    "name",
    "identifier",
    "bucket",
    "cluster_identifier",
    "function_name",
    "domain_name",
    "role",
    "user",
)


class Outcome(NamedTuple):
    """What came of one example."""

    rule: str
    example: str
    state: str
    """`same`, `differs` or `cannot`."""
    reason: str


class Parity:
    """Examples against one stand-in."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        self.number = 100_000_000_000
        self.catalog = Catalog.open()
        self.ruleset = Ruleset.open()
        self.clients = standin.clients(REGION)

    def rules(self) -> list[Rule]:
        """The rules that judge AWS on code and in an account."""
        return [r for r in self.ruleset.all() if r.provider == "aws" and {"code", "live"} <= set(r.planes)]

    def run(self, rule: Rule, *, most: int = 100) -> Iterator[Outcome]:
        """The outcomes of a rule's examples with a pass or a fail, at most so many of each."""
        left = {"pass": most, "fail": most}
        for example in self.ruleset.prose(rule.id).examples:
            told = [verdict for verdict in left if example.get(verdict)]
            if "terraform" not in example or example.get("unknown") or not any(left[verdict] for verdict in told):
                continue
            for verdict in told:
                left[verdict] -= 1
            try:
                state, reason = self._example(rule, example)
            except Exception as error:  # noqa: BLE001 - the boundary of one example
                state, reason = "cannot", f"{type(error).__name__}: {error}"
            yield Outcome(rule.id, example["name"], state, reason)

    def needs_managed_policies(self, rule: Rule) -> bool:
        """Whether an example names a policy of AWS itself, which the stand-in loads only when it is told to."""
        return any("iam::aws:policy" in str(example) for example in self.ruleset.prose(rule.id).examples)

    def _example(self, rule: Rule, example: Mapping[str, Any]) -> tuple[str, str]:
        instance = _instance(rule, example)
        plan = AuditPlan(reads_of([instance], self.catalog), self.catalog)
        kinds = [self.catalog.canonical(kind) for kind in rule.resource if kind not in self.catalog.virtual]
        missing = [kind for kind in kinds if kind in plan.missing]
        if kinds and len(missing) == len(kinds):
            return "cannot", f"no collector: {missing[0]}"
        try:
            resources = load_example(example).resources
        except ScanError as error:
            return "cannot", error.message
        if any(each.type == "aws_s3_bucket" for each in resources):
            self.standin.reset()  # the names of buckets are unique over all accounts
        self.number += 1
        self.standin.account = str(self.number)
        seeder = Seeder(self.clients, self.catalog, region=REGION, account=self.standin.account)
        failed = seeder.seed(resources)
        if failed:
            return "cannot", f"cannot be made: {next(iter(failed.values()))}"
        findings, inventory = self._judged(instance, plan)
        return self._compared(example, seeder.made, findings, inventory)

    def _judged(self, instance: Instance, plan: AuditPlan) -> tuple[list[Finding], Inventory]:
        place = Place(self.standin.account, "aws", (REGION,), REGION, self.clients)
        source = AccountSource(plan, [place], Ledger(), disabled={}, threads=4)
        inventory = Inventory(resources=list(source.resources()), coverage=source.coverage)
        world = World(inventory, self.catalog, as_of=AS_OF)
        return list(evaluate([instance], world, detail=("pass", "fail", "unknown"))), inventory

    def _compared(
        self, example: Mapping[str, Any], made: Mapping[str, Made], findings: Sequence[Finding], inventory: Inventory
    ) -> tuple[str, str]:
        del inventory
        told = {address: verdict for verdict in ("pass", "fail") for address in example.get(verdict) or ()}
        for address, verdict in told.items():
            mine = [each for each in findings if _is(each.resource, address, made)]
            if not mine:
                return "cannot", f"{address} is not among what was collected"
            verdicts = {each.verdict for each in mine}
            if verdicts != {verdict}:
                first = next(each for each in mine if each.verdict != verdict)
                cause = f" ({first.cause.cause}: {first.cause.detail})" if first.cause is not None else ""
                message = f": {first.evidence[0].message}" if first.evidence else ""
                state = "cannot" if first.verdict == "unknown" else "differs"
                return state, f"{address} is {first.verdict}{cause}{message}, on code {verdict}"
        return "same", ""


def _instance(rule: Rule, example: Mapping[str, Any]) -> Instance:
    plain = instance_of(rule)
    return plain._replace(parameters={**plain.parameters, **(example.get("with") or {})})


def _is(found: Resource, address: str, made: Mapping[str, Made]) -> bool:
    """Whether a live resource is the one that was made for an address."""
    if found.type in ("account", "region"):
        return found.type == address or (address.partition("[")[0] == found.type)
    seeded = made.get(address)
    if seeded is None:
        return False
    ours = {str(seeded.attributes[key]) for key in KEYS if isinstance(seeded.attributes.get(key), str)}
    names = {found.name, found.arn, *(str(found.attributes[k]) for k in ("id", "name") if k in found.attributes)}
    return bool(ours & names)
