"""Namespaces of what may have several instances: resources, data sources, module calls."""

from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.ast import Block
from compliance_scan.inputs.terraform.blocks import (
    META_ARGUMENTS,
    META_BLOCKS,
    BlockScope,
    Members,
    Origin,
    attribute_names,
    computed,
    lifecycle_of,
    literal_texts,
    opened,
    value_of,
)
from compliance_scan.inputs.terraform.expansion import ENVIRONMENT, UNKNOWN_KEY, Expansion, Key, expansion_of
from compliance_scan.inputs.terraform.guard import fault, place_of, tell
from compliance_scan.inputs.terraform.module import HiddenKey, key_text
from compliance_scan.inputs.terraform.scope import Namespace, Result, Scope
from compliance_scan.inputs.terraform.values import (
    EvalError,
    ObjectVal,
    OpenVal,
    TfValue,
    TupleVal,
    is_unknown,
    marked,
    unmarked,
)
from compliance_scan.model.value import Reference, Unknown

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.instance import ModuleInstance


def key_in(key: TfValue) -> Key:
    """An index as an instance key; the unknown key for what is not known."""
    plain, _ = unmarked(key)
    while isinstance(plain, Reference):
        plain, _ = unmarked(plain.value)  # type: ignore[arg-type]
    if isinstance(plain, int) and not isinstance(plain, bool):
        return int(plain)
    if isinstance(plain, str):
        return plain
    if is_unknown(plain):
        return UNKNOWN_KEY
    raise EvalError("an instance key is a number or a string")


def address_of(base: str, key: Key) -> str:
    """An address with its instance key."""
    return base + ('["?"]' if key is UNKNOWN_KEY else key_text(key))


def instance_names(expansion: Expansion, key: Key, address: str, block: Block, scope: Scope) -> dict[str, Result]:
    """`each` or `count` of one instance; `scope` is where its block's `for_each` is evaluated."""
    if expansion.mode == "single":
        return {}
    why = expansion.conditional
    if key is UNKNOWN_KEY:
        cause = why or Unknown("computed")
        number: TfValue = 0
        if not expansion.perhaps:
            number = Unknown(cause.cause, cause.detail, "number", True, f"{address}#index")
        text = Unknown(cause.cause, cause.detail, "string", True, f"{cause.symbol or address}#key")
        value: TfValue = Unknown(cause.cause, cause.detail, "", False, f"{cause.symbol or address}#value")
        if expansion.mode == "count":
            return {"count": Members("count", {"index": number})}
        return {"each": Members("each", {"key": text, "value": value})}
    if expansion.mode == "count":
        assert isinstance(key, int)
        return {"count": Members("count", {"index": key})}
    assert isinstance(key, str)
    item = expansion.instances[key]
    assert item is not None
    origin = Origin(block.body.attributes["for_each"].expr, scope, key)
    name: TfValue = marked(str(key), ENVIRONMENT) if isinstance(key, HiddenKey) else key
    return {"each": Members("each", {"key": name, "value": item}, origin)}


class ResourceInstance:
    """One instance of a resource or data source: the namespace behind `aws_x.y` or `aws_x.y[0]`."""

    __slots__ = (
        "_busy",
        "_known",
        "_owner",
        "_seen",
        "_written",
        "address",
        "block",
        "conditional",
        "key",
        "mode",
        "scope",
    )

    def __init__(self, node: "ResourceNode", key: Key) -> None:
        self._owner = node.instance
        self.block = node.block
        self.mode = node.mode
        self.key = key
        self.address = address_of(node.address, key)
        self.conditional = node.expansion.conditional if key is UNKNOWN_KEY else None
        names = instance_names(node.expansion, key, self.address, node.block, node.instance)
        self.scope = BlockScope(node.instance, names) if names else node.instance
        self._written: dict[str, TfValue | None] = {}
        self._seen: dict[str, TfValue] = {}
        self._known: dict[str, TfValue | None] = {}
        self._busy: set[str] = set()

    @property
    def owner(self) -> "ModuleInstance":
        """The module instance that it lies in."""
        return self._owner

    def names(self) -> list[str]:
        """What is written, in order."""
        return attribute_names(self.block.body)

    def written(self, name: str) -> TfValue | None:
        """What is written for a name, as a rule sees it; None where nothing is. Meta-blocks can be asked for too."""
        if name in self._written:
            return self._written[name]
        if name in self._busy:
            return Unknown("error", f"{self.address}.{name} refers to itself")
        self._busy.add(name)
        try:
            value = self._evaluate(name)
        except Exception as error:  # noqa: BLE001 - the boundary of one attribute
            value = fault(self._owner.program.store.workspace, f"{place_of(self.block)} ({name})", error)
        finally:
            self._busy.discard(name)
        self._written[name] = value
        return value

    def _evaluate(self, name: str) -> TfValue | None:
        body = self.block.body
        if name == "depends_on":
            return TupleVal(list(literal_texts(body, name))) if name in body.attributes else None
        if name in META_ARGUMENTS:
            return None
        if name == "lifecycle":
            block = next((block for block in body.blocks if block.type == name), None)
            return None if block is None else TupleVal([lifecycle_of(block.body, self.scope)])
        with self._owner.program.deeper() as shallow:
            if not shallow:
                return Unknown("limit_reached", f"{self.address}.{name} hangs on too long a chain of references")
            value = value_of(body, name, self.scope)
        if value is not None and self.block.file.path.endswith(".json"):
            from compliance_scan.inputs.terraform.json_blocks import with_blocks

            return with_blocks(self.block.labels[0], self.mode, name, value)
        return value

    def computed(self, name: str) -> Unknown:
        """The unknown that stands for what only the provider knows."""
        symbol = f"{self._owner.root}|{self.address}.{name}"
        of = "string" if name in {"id", "arn"} else ""  # in every provider; all else is the schema's business
        return Unknown("computed", f"{self.address}.{name} is known after apply", of, False, symbol)

    def member(self, name: str) -> Result:
        """An attribute, as a reference that keeps the edge."""
        seen = self._seen.get(name)
        if seen is None:
            seen = self._seen[name] = Reference(self.address, name, self._value(name))  # type: ignore[arg-type]
        return seen

    def _value(self, name: str) -> TfValue:
        unknown = self.computed(name)
        known = self.known(name)
        if known is not None:
            return known
        if name in META_BLOCKS or name in META_ARGUMENTS:
            return unknown
        value = self.written(name)
        if value is None:
            return unknown
        if name in self.block.body.attributes:
            return computed(value, unknown)
        return opened(value, unknown)

    def known(self, name: str) -> TfValue | None:
        """What a data source gives where that can be worked out from what is written; None elsewhere."""
        if self.mode != "data":
            return None
        if name not in self._known:
            from compliance_scan.inputs.terraform.data_sources import known_value

            self._known[name] = None
            self._known[name] = known_value(self, name)
        return self._known[name]

    def whole(self) -> TfValue:
        """The resource as a value: what is written, each as a reference, and perhaps more."""
        items = {name: self._value(name) for name in sorted(self.names())}
        more = self.computed("")
        symbol = more.symbol.removesuffix(".")
        detail = f"{self.address} has attributes that are known after apply"
        value = OpenVal("map", items, Unknown("computed", detail, "", True, symbol))
        return Reference(self.address, "", value)  # type: ignore[arg-type]


class ResourceNode:
    """All instances of one resource block in one module instance: the namespace behind `aws_x.y`."""

    __slots__ = ("_instances", "address", "block", "expansion", "instance", "mode")

    def __init__(self, instance: "ModuleInstance", block: Block, mode: str) -> None:
        self.instance = instance
        self.block = block
        self.mode = mode
        prefix = "" if mode == "managed" else mode + "."
        self.address = instance.prefix + prefix + ".".join(block.labels)
        workspace = instance.program.store.workspace
        self.expansion = tell(workspace, block, expansion_of(block, instance, self.address))
        self._instances = {key: ResourceInstance(self, key) for key in self.expansion.instances}

    def instances(self) -> list[ResourceInstance]:
        """In order of keys, the unknown one last."""
        return list(self._instances.values())

    def member(self, name: str) -> Result:
        """An attribute of the only instance; raises `EvalError` where there may be several."""
        if self.expansion.mode == "single":
            return self._instances[None].member(name)
        raise EvalError(f"{self.address} has {self.expansion.mode}: name one instance")

    def item(self, key: TfValue) -> Result:
        """An instance by key."""
        return instance_item(self, self._instances, key)

    def whole(self) -> TfValue:
        """All instances as a value."""
        return whole_of(self.expansion, {key: one.whole() for key, one in self._instances.items()})


def instance_item(
    node: "ResourceNode | ModuleNode",
    instances: "dict[Key, ResourceInstance] | dict[Key, ModuleInstance]",
    key: TfValue,
) -> Result:
    """`x[key]`: a known instance, the one that may exist, or an unknown."""
    expansion = node.expansion
    wanted = key_in(key)
    if expansion.mode == "single":
        raise EvalError(f"{node.address} has neither count nor for_each")
    if expansion.mode == "count" and isinstance(wanted, str) and wanted.isdigit():
        wanted = int(wanted)
    found: Namespace | None = None
    if wanted is not UNKNOWN_KEY:
        found = instances.get(wanted)
    if found is None and UNKNOWN_KEY in instances and (wanted == 0 if expansion.perhaps else True):
        found = instances[UNKNOWN_KEY]
        if not expansion.perhaps and wanted is not UNKNOWN_KEY:
            return _one_of(node, wanted)
    if found is not None and wanted is not UNKNOWN_KEY:
        return found
    if wanted is UNKNOWN_KEY:
        return _one_of(node, wanted)
    raise EvalError(f"{address_of(node.address, wanted)} does not exist")


def _one_of(node: "ResourceNode | ModuleNode", key: Key) -> TfValue:
    """An instance that may exist among those that are not known: an edge to whichever it is."""
    address = address_of(node.address, UNKNOWN_KEY)
    where = address_of(node.address, key)
    symbol = f"{node.instance.root}|{where}" if key is not UNKNOWN_KEY else ""
    why = node.expansion.conditional
    unknown = Unknown(why.cause if why else "computed", f"{where} may not exist", "", False, symbol)
    if isinstance(node, ModuleNode):
        return unknown
    return Reference(address, "", unknown)


def whole_of(expansion: Expansion, values: dict[Key, TfValue]) -> TfValue:
    """Instances as one value: itself, a tuple for `count`, an object for `for_each`; open where some are not known."""
    if expansion.mode == "single":
        return values[None]
    why = expansion.conditional
    if expansion.mode == "count":
        if why is None:
            return TupleVal(list(values.values()))
        return OpenVal("list", list(values.values()), why, 1, 1) if expansion.perhaps else OpenVal("list", [], why)
    known = {key: value for key, value in sorted(values.items(), key=lambda p: str(p[0])) if isinstance(key, str)}
    return ObjectVal(known) if why is None else OpenVal("map", known, why)


class ModuleNode:
    """All instances of one module call: the namespace behind `module.m`."""

    __slots__ = ("address", "block", "expansion", "instance", "instances", "unfetched")

    def __init__(
        self,
        instance: "ModuleInstance",
        block: Block,
        expansion: Expansion,
        instances: "dict[Key, ModuleInstance]",
        unfetched: Unknown | None,
    ) -> None:
        """`unfetched` says why there is nothing behind the call; `instances` is empty then."""
        self.instance = instance
        self.block = block
        self.address = f"{instance.prefix}module.{block.labels[0]}"
        self.expansion = expansion
        self.instances = instances
        self.unfetched = unfetched

    def member(self, name: str) -> Result:
        """An output of the only instance."""
        if self.unfetched is not None:
            return self._below(f".{name}")
        if self.expansion.mode == "single":
            return self.instances[None].output(name)
        raise EvalError(f"{self.address} has {self.expansion.mode}: name one instance")

    def item(self, key: TfValue) -> Result:
        """An instance by key."""
        if self.unfetched is not None:
            wanted = key_in(key)
            if wanted is UNKNOWN_KEY:
                return Unknown(self.unfetched.cause, self.unfetched.detail)
            return self._below(key_text(wanted))
        return instance_item(self, self.instances, key)

    def whole(self) -> TfValue:
        """All outputs, or all instances' outputs."""
        if self.unfetched is not None:
            return self._below("")
        return whole_of(self.expansion, {key: one.whole() for key, one in self.instances.items()})

    def _below(self, step: str) -> Unknown:
        assert self.unfetched is not None
        symbol = f"{self.instance.root}|{self.address}{step}"
        return Unknown(self.unfetched.cause, self.unfetched.detail, "", False, symbol)
