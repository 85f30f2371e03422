"""Plans (`terraform show -json` of a plan file, OpenTofu's alike) to an inventory: what will be after the apply."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from compliance_scan.inputs.terraform.covered import admit
from compliance_scan.inputs.terraform.module import key_text
from compliance_scan.inputs.terraform.plan_config import Configuration, Configured, Place, Record
from compliance_scan.inputs.terraform.plan_providers import PlanProviders
from compliance_scan.inputs.terraform.plan_values import PlanAttributes, Secrets, marked_paths
from compliance_scan.inputs.terraform.shown import SHOW, AddressSource, Document, Places, is_readable, read
from compliance_scan.inputs.terraform.state import account_in, shown_resources
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.value import Unknown
from compliance_scan.workspace import Workspace

_QUOTED = re.compile(r'\["(?:[^"\\]|\\.)*"\]')
_GONE = frozenset({"delete", "forget"})


class Plan:
    """One plan: what it leaves, what it takes away, and what was there before."""

    def __init__(self, document: Document, root: str) -> None:
        """`root`: the folder under which its resources stand."""
        self.root = root
        self._document = document
        self.data = document.data
        self.places = Places(document)
        self.configuration = Configuration(document.data)
        self._providers = PlanProviders(self.configuration)
        self.actions: dict[str, tuple[str, ...]] = {}
        """Address to what will be done: `create`, `update`, `no-op`, `read`, `delete`, `delete` and `create`."""
        self._changes = list(self._listed())
        for change, _ in self._changes:
            if not change.get("deposed"):
                actions = tuple(str(action) for action in _list(_record(change.get("change")).get("actions")))
                self.actions[_address(change)] = actions
        self._secrets = Secrets()
        self._learn_secrets()

    def _learn_secrets(self) -> None:
        declared = _record(_record(_record(self.data.get("configuration")).get("root_module")).get("variables"))
        for name, given in self.configuration.variables.items():
            if _record(declared.get(name)).get("sensitive") is True:
                self._secrets.learn(_record(given).get("value"))
        for change, _ in self._changes:
            inner = _record(change.get("change"))
            for when in ("before", "after"):
                self._secrets.learn(inner.get(when), marked_paths(inner.get(f"{when}_sensitive")))

    @property
    def whole(self) -> bool:
        """Whether the plan covers its whole configuration (no `-target`, nothing deferred)."""
        return self.data.get("complete") is not False

    def _listed(self) -> "Iterator[tuple[Record, Unknown | None]]":
        for change in _list(self.data.get("resource_changes")):
            if isinstance(change, dict) and isinstance(change.get("address"), str):
                yield change, None
        for deferred in _list(self.data.get("deferred_changes")):
            change = _record(_record(deferred).get("resource_change"))
            if isinstance(change.get("address"), str):
                reason = f"{change['address']} is deferred to a later plan"
                yield change, Unknown("computed", reason, "", True, f"{self.root}|{change['address']}?")

    def moved(self, root: str) -> "Plan":
        """The same plan under another root."""
        return Plan(self._document, root)

    def inventory(self) -> Inventory:
        """What is there after the apply, as an inventory."""
        inventory = Inventory()
        admit(inventory, self.root, self.resources())
        return inventory

    def resources(self) -> list[Resource]:
        """What is there after the apply; what is deleted is not."""
        kept = [(change, why) for change, why in self._changes if self._stays(change)]
        for change, _ in kept:
            self.configuration.add(_base(change), _address(change))
        read_before = [each for each in self.prior() if each.mode == "data" and each.address not in self.actions]
        for each in read_before:
            self.configuration.add(each.address.removesuffix(_key_of(each.address)), each.address)
        found = [self._resource(change, why) for change, why in kept]
        return found + [self._read_before(each) for each in read_before]

    def prior(self) -> list[Resource]:
        """What was there before, on the plane `state`."""
        prior = _record(self.data.get("prior_state"))
        return list(shown_resources(_record(prior.get("values")), self.root, self.places, self._secrets))

    def _stays(self, change: Record) -> bool:
        actions = set(_list(_record(change.get("change")).get("actions")))
        return not change.get("deposed") and bool(actions - _GONE)

    def _resource(self, change: Record, why: Unknown | None) -> Resource:
        address, module = _address(change), str(change.get("module_address") or "")
        inner = _record(change.get("change"))
        written, config = self._written(change, module)
        after = inner.get("after")
        attributes = PlanAttributes(
            address,
            f"{self.root}|{address}",
            after if isinstance(after, dict) else {},
            inner.get("after_unknown"),
            written,
        )
        written.attributes = attributes
        previous = change.get("previous_address")
        provider = provider_of(config, change)
        home = self._providers.home(config, attributes)
        return Resource(
            address=address,
            type=str(change.get("type")),
            root=self.root,
            plane="plan",
            attributes=attributes,
            source=AddressSource(self.places, str(change["address"]), "after"),
            name=str(change.get("name") or ""),
            module=module,
            mode="data" if change.get("mode") == "data" else "managed",
            provider=provider,
            conditional=why,
            account=account_in(attributes.plain(("arn",))) or home.account,
            region=home.region,
            place=home.place,
            arn=_arn(attributes.plain(("arn",))),
            aliases=(previous,) if isinstance(previous, str) and previous != address else (),
            sensitive=marked_paths(inner.get("after_sensitive"), tuple(attributes)) | self._secrets.found(after),
        )

    def _written(self, change: Record, module: str) -> tuple[Configured, Record]:
        """What the configuration says of a resource, and its record there."""
        mode = "data." if change.get("mode") == "data" else ""
        record = self.configuration.resource(module, f"{mode}{change.get('type')}.{change.get('name')}")
        place = Place(module, key_text(change.get("index")))
        return Configured(self.configuration, record, place), record or {}

    def _read_before(self, prior: Resource) -> Resource:
        """A data source that was read while planning: a plan has it among what was there before alone."""

        base = prior.address.removesuffix(_key_of(prior.address))
        local = base[len(prior.module) + 1 :] if prior.module else base
        record = self.configuration.resource(prior.module, local) or {}
        return prior._replace(plane="plan", provider=provider_of(record, {"type": prior.type}))


def load(workspace: Workspace, files: Sequence[str], roots: Mapping[str, str] | None = None) -> Inventory:
    """The resources of plan files (root-relative). They stand under the root `roots` gives for a file, else its folder.

    Notes (broken JSON with its line, a newer format) go to `workspace.incomplete`.
    """
    inventory = Inventory()
    for path in files:
        plan = read_plan(workspace, path, (roots or {}).get(path))
        if plan is not None:
            admit(inventory, plan.root, plan.resources())
            inventory.files += 1
    inventory.incomplete = list(workspace.incomplete)
    return inventory


def read_plan(workspace: Workspace, path: str, root: str | None = None) -> Plan | None:
    """One plan; None, with a note, where the file is none that can be read."""
    document = read(workspace, path)
    if document is None or not is_readable(workspace, document):
        return None
    data = document.data
    if not ({"resource_changes", "planned_values", "configuration"} & data.keys()):
        what = "a state" if "values" in data else "no plan"
        workspace.note("error", path, f"{path} is {what}, where a plan is expected", SHOW)
        return None
    planned = _record(_record(data.get("planned_values")).get("root_module"))
    if "resource_changes" not in data and (planned.get("resources") or planned.get("child_modules")):
        message = f"{path} lacks resource_changes: it cannot be told what is known after the apply only"
        workspace.note("error", path, message, f"keep the plan whole: {SHOW}")
        return None
    if data.get("errored") is True:
        message = f"{path}: planning ended with an error, so that the plan has only a part of the resources"
        workspace.note("error", path, message, "mend what terraform plan complains of, and plan again")
    return Plan(document, (posixpath.dirname(path) or ".") if root is None else root)


def provider_of(config: Record, change: Record) -> str:
    """The local name of the provider configuration of a resource: `aws`, `aws.eu`."""
    key = config.get("provider_config_key")
    if isinstance(key, str) and key:
        return key.rpartition(":")[2]
    return str(change.get("type")).split("_", 1)[0]


def _address(change: Record) -> str:
    address = str(change["address"])
    if change.get("index_unknown") is True:
        return f'{address.removesuffix(_key_of(address))}["?"]'
    return address


def _base(change: Record) -> str:
    """An address without the instance key, module keys kept."""
    address = _address(change)
    return address.removesuffix(_key_of(address))


def _key_of(address: str) -> str:
    """The instance key at the end of an address: `[0]`, `["x"]`, `[*]` or empty."""
    if not address.endswith("]"):
        return ""
    start = address.rfind('["') if address.endswith('"]') else address.rfind("[")
    while start > 0 and address.endswith('"]') and not _closes(address[start:]):
        start = address.rfind('["', 0, start)
    return address[start:] if start > 0 else ""


def _closes(key: str) -> bool:
    """Whether a text is one key in quotes: a key may hold brackets and quotes of its own."""
    return _QUOTED.fullmatch(key) is not None


def _arn(value: object) -> str | None:
    return value if isinstance(value, str) and value.startswith("arn:") else None


def _record(value: object) -> Record:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
