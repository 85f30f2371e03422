"""An account seeded from rules' examples, with the code that declares it and the state that Terraform would hold.

Each example is a root of its own below `roots/`, made in the stand-in by the types' seeds. The state is made of what is
written, of what the seeds learn at apply, and (as a provider does) of what the account says for the rest; whatever else
the stand-in holds, helpers of seeds among it, is adopted as if somebody had imported it.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from compliance_scan.errors import ScanError
from compliance_scan.inputs.aws.engine import Place
from compliance_scan.inputs.aws.ledger import Ledger
from compliance_scan.inputs.aws.lines import UnitLine, Writer
from compliance_scan.inputs.aws.plan import AuditPlan
from compliance_scan.inputs.aws.seed import Made, Seeder
from compliance_scan.inputs.aws.source import AccountSource
from compliance_scan.inputs.aws.standin import StandIn
from compliance_scan.model.resource import Resource
from compliance_scan.planes.normal import HOLE, known
from compliance_scan.reads import Reads
from compliance_scan.ruleset import Ruleset
from compliance_scan.selftest import load_example
from compliance_scan.shape.catalog import Catalog

ACCOUNT, REGION = "123456789012", "eu-west-1"
PROVIDER = 'provider["registry.terraform.io/hashicorp/aws"]'
NAMES = ("id", "arn", "name", "identifier", "bucket", "cluster_identifier", "function_name", "role", "user")


class Unit(NamedTuple):
    """One example as a root module."""

    name: str
    text: str
    resources: tuple[Resource, ...]


class Entry(NamedTuple):
    """A resource of the state."""

    unit: str
    type: str
    name: str
    key: Any
    attributes: dict[str, Any]
    live: Resource
    written: frozenset[str]
    """The attributes that the code writes."""

    @property
    def address(self) -> str:
        """As the state names it."""
        key = "" if self.key is None else f"[{json.dumps(self.key)}]"
        return f"module.{self.unit}.{self.type}.{self.name}{key}"


def units(seed: int, *, types: Sequence[str] = (), most: int = 2) -> Iterator[Unit]:
    """Examples in an order drawn by seed, at most so many for each type that they make; `types`: only those for these."""
    catalog, found = Catalog.open(), []
    for rule in Ruleset.open().all():
        if rule.provider == "aws" and {"code", "live"} <= set(rule.planes):
            for example in Ruleset.open().prose(rule.id).examples:
                text = example.get("terraform")
                if isinstance(text, str) and not example.get("unknown"):
                    found.append(text)
    random.Random(seed).shuffle(found)
    seen: dict[str, int] = {}
    for text in found:
        kinds = set(re.findall(r'^resource "(\w+)"', text, re.MULTILINE))
        if not kinds or (types and not kinds <= set(types)) or all(seen.get(kind, 0) >= most for kind in kinds):
            continue
        unit = _unit(f"u{len(seen)}x{sum(seen.values())}", text, catalog)
        if unit is not None:
            for kind in kinds:
                seen[kind] = seen.get(kind, 0) + 1
            yield unit


def _unit(name: str, text: str, catalog: Catalog) -> Unit | None:
    """The example with names that no other has."""
    try:
        resources = load_example({"terraform": text}).resources
    except ScanError:
        return None
    for each in resources:
        facts = catalog.type(each.type)
        for path in facts.keys if facts is not None else ():
            value = read(each, path[0])
            if isinstance(value, str) and re.fullmatch(r"[\w./-]+", value) and len(value) < 50:
                new = f"{name}.{value}" if "." in value else f"{value}-{name}" if "-" in value else f"{value}{name}"
                text = re.sub(rf'(?<=["/]){re.escape(value)}(?=["/])', new, text)
    resources = load_example({"terraform": text}).resources
    return Unit(name, text, tuple(each for each in resources if each.mode == "managed"))


def read(resource: Resource, name: str) -> Any:
    """An attribute, None where it is not there."""
    if name not in resource.attributes:
        return None
    return resource.attributes[name]


class Account:
    """What was made of units in a stand-in."""

    def __init__(
        self, standin: StandIn, seed: int, *, types: Sequence[str] = (), most: int = 2, limit: int = 1000
    ) -> None:
        """`limit`: how many resources are enough."""
        self.catalog = Catalog.open()
        self.standin = standin
        self.types = tuple(types)
        self.refused: dict[str, str] = {}
        """Address to why the stand-in could not hold it."""
        self.made: list[tuple[Unit, dict[str, Made]]] = []
        seeder = Seeder(standin.clients(REGION), self.catalog, region=REGION)
        count = 0
        for unit in units(seed, types=types, most=most):
            if count >= limit:
                break
            seeder.made = {}
            failed = seeder.seed(unit.resources)
            self.refused |= {f"{unit.name} {address}": why for address, why in failed.items()}
            if seeder.made:
                self.made.append((unit, seeder.made))
                count += len(seeder.made)
        self.live = self.collected()

    def collected(self) -> list[Resource]:
        """Everything that the collectors find."""
        reads = Reads(self.catalog)
        for kind in self.types or self.catalog.collectors():
            reads.whole.add(kind)
            reads.rules[kind] = {"drift"}
        place = Place(ACCOUNT, "aws", (REGION,), REGION, self.standin.clients(REGION))
        source = AccountSource(AuditPlan(reads, self.catalog), [place], Ledger(), disabled={}, threads=2)
        return list(source.resources())

    def write_inventory(self, path: str) -> None:
        """What was collected, as an audit would have saved it."""
        writer = Writer(path, {"accounts": {ACCOUNT: [REGION]}, "regions_disabled": []})
        for each in self.live:
            writer.resource(each, (each.type, ACCOUNT, each.region or ""))
        for kind in self.types or self.catalog.collectors():
            if self.catalog.collect(kind) is not None:
                writer.unit(UnitLine(kind, ACCOUNT, REGION, None))
        writer.whole({"operations": []})

    def entries(self) -> list[Entry]:
        """The state: what was made, as far as the account has it, and everything else there but what AWS makes."""
        free = dict.fromkeys(self.live)
        found = []
        for unit, made in self.made:
            for address, each in made.items():
                live = _found(self.catalog.canonical(each.resource.type), each, free)
                if live is not None:
                    free.pop(live)
                    name, _, key = address.split(".", 1)[1].partition("[")
                    attributes = _settled(each, live, self.catalog)
                    index = json.loads(key[:-1]) if key else None
                    written = frozenset(each.resource.attributes)
                    found.append(Entry(unit.name, live.type, name, index, attributes, live, written))
        for number, live in enumerate(free):
            if not is_aws_own(live):
                attributes = {"id": live.name, "arn": live.arn, **_whole(as_read(live, self.catalog))}
                attributes["id"] = attributes["id"] or live.name
                found.append(Entry("adopted", live.type, f"r{number}", None, attributes, live, frozenset()))
        return found


DEFAULTS = {
    "aws_vpc": ("is_default", True),
    "aws_subnet": ("default_for_az", True),
    "aws_security_group": ("name", "default"),
    "aws_network_acl": ("is_default", True),
    "aws_athena_workgroup": ("name", "primary"),
}


def is_aws_own(live: Resource) -> bool:
    """What an account has though nobody made it, told without the tables under test."""
    name, value = DEFAULTS.get(live.type, ("", None))
    attributes = live.attributes
    tags = read(live, "tags")
    if isinstance(tags, dict) and any(tag.startswith("aws:") for tag in tags):
        return True
    return (
        (name in attributes and attributes[name] == value)
        or live.type.startswith("aws_default_")
        or (live.type == "aws_kms_alias" and "alias/aws/" in (live.name or ""))
        or live.name in (live.account, live.region)
    )


def _found(kind: str, made: Made, free: Mapping[Resource, None]) -> Resource | None:
    ours = {str(made.attributes[key]) for key in NAMES if isinstance(made.attributes.get(key), str)}
    for each in free:
        if each.type == kind:
            names = {each.name, each.arn, *(each.attributes[n] for n in ("id", "arn") if n in each.attributes)}
            if ours & {name for name in names if isinstance(name, str)}:
                return each
    return None


def as_read(live: Resource, catalog: Catalog) -> dict[str, Any]:
    """What a provider reads back: what is known of the account, in the schema's attributes."""
    facts = catalog.type(live.type)
    assert facts is not None
    found: dict[str, Any] = {}
    for name in facts.root.names():
        field = facts.hidden.get(name) or facts.root.field(name)
        if field is not None and (name not in facts.folds or facts.hidden.get(name) is not None):
            found[name] = [] if field.nested else field.default if field.has_default else None
    for name in live.attributes:
        value = known(live.attributes[name])
        if name in found:
            found[name] = value
    return found


def _whole(attributes: dict[str, Any]) -> dict[str, Any]:
    """Without what the account hides."""
    return {name: None if has_hole(value) else value for name, value in attributes.items()}


def has_hole(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(has_hole, value.values() if isinstance(value, dict) else value))
    return value is HOLE


def _settled(made: Made, live: Resource, catalog: Catalog) -> dict[str, Any]:
    """What was written, in the words in which it was written where the account has it so."""
    found = as_read(live, catalog)
    for name in made.resource.attributes:
        value = made.attributes.get(name)
        if name in found and value is not None and same(value, found[name]):
            found[name] = [value] if isinstance(value, dict) and isinstance(found[name], list) else value
    return {
        **_whole(found),
        "id": made.attributes.get("id") or live.name,
        "arn": live.arn or made.attributes.get("arn"),
    }


def same(written: Any, live: Any) -> bool:
    """Whether the stand-in kept what was written; plain, and without a word of the code under test."""
    if live is HOLE:
        return True
    if isinstance(live, list) and len(live) == 1 and isinstance(written, dict):
        live = live[0]
    if isinstance(written, dict) and isinstance(live, dict):
        return all(value is None or same(value, live.get(name)) for name, value in written.items())
    if isinstance(written, list) and isinstance(live, list):
        return len(written) == len(live) and all(any(same(one, other) for other in live) for one in written)
    if isinstance(written, str) and written[:1] in "{[" and written and isinstance(live, str):
        try:
            return bool(_sorted(json.loads(written)) == _sorted(json.loads(live)))
        except ValueError:
            return False
    return str(written).lower() == str(live).lower()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return sorted((_sorted(item) for item in value), key=str)
    return value


def state_text(entries: Sequence[Entry], serial: int = 1) -> str:
    """The state file."""
    resources = []
    for each in entries:
        instance: dict[str, Any] = {"attributes": each.attributes}
        if each.key is not None:
            instance["index_key"] = each.key
        resources.append(
            {
                "module": f"module.{each.unit}",
                "mode": "managed",
                "type": each.type,
                "name": each.name,
                "provider": PROVIDER,
                "instances": [instance],
            }
        )
    return json.dumps({"version": 4, "serial": serial, "lineage": "seeded", "resources": resources})
