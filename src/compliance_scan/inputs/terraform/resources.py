"""From module instances to the resources that rules judge."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from compliance_scan.inputs.terraform.ast import Block
from compliance_scan.inputs.terraform.blocks import META_ARGUMENTS, BlockScope, attribute_names, value_of
from compliance_scan.inputs.terraform.convert import sensitive_paths, to_model
from compliance_scan.inputs.terraform.expansion import UNKNOWN_KEY
from compliance_scan.inputs.terraform.guard import fault, place_of
from compliance_scan.inputs.terraform.instance import ModuleInstance, Program
from compliance_scan.inputs.terraform.moves import Moves
from compliance_scan.inputs.terraform.nodes import (
    ModuleNode,
    ResourceInstance,
    ResourceNode,
    address_of,
    instance_names,
)
from compliance_scan.inputs.terraform.provenance import BlockSource
from compliance_scan.inputs.terraform.providers import (
    Missing,
    ProviderConfig,
    has_default_tags,
    merged_tags,
    provider_name,
    symbol_of,
)
from compliance_scan.inputs.terraform.scope import Scope
from compliance_scan.inputs.terraform.values import Marked, OpenVal, TfValue, is_null
from compliance_scan.model.resource import HERE, Place, Resource
from compliance_scan.model.value import Path, Reference, Unknown, Value
from compliance_scan.workspace import Workspace

MAX_RESOURCES = 100_000
"""Resources of one root."""


class ResourceAttributes:
    """A resource's attributes, each worked out when it is asked for (`model.resource.Attributes`)."""

    __slots__ = ("_config", "_names", "_one", "_seen")

    def __init__(self, one: ResourceInstance, config: ProviderConfig | Missing) -> None:
        self._one = one
        self._config = config
        self._names: list[str] | None = None
        self._seen: dict[str, Value] = {}

    def names(self) -> list[str]:
        """What is written, in order; `tags_all` where a provider's default tags join the resource's own."""
        if self._names is None:
            self._names = self._one.names()
            if "tags" in self._names and "tags_all" not in self._names and has_default_tags(self._config):
                self._names.append("tags_all")
            if any(block.type == "lifecycle" for block in self._one.block.body.blocks):
                self._names.append("lifecycle")
        return self._names

    def _tags(self) -> TfValue | None:
        return merged_tags(self._config, self._one.written("tags"))

    def written(self, name: str) -> TfValue | None:
        """The language's own value."""
        if name == "tags_all":
            own = self._one.written(name)
            return self._tags() if own is None else own
        return self._one.written(name)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        return name in self._seen or name in self.names() or (name not in META_ARGUMENTS and self._extra(name))

    def _extra(self, name: str) -> bool:
        if name == "tags_all":
            return self._tags() is not None
        return name in {"provisioner", "connection"} and self._one.written(name) is not None

    def __getitem__(self, name: str) -> Value:
        if name not in self._seen:
            value = self.written(name)
            if value is None:
                raise KeyError(name)
            self._seen[name] = to_model(value)
        return self._seen[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())


class BlockAttributes:
    """The same for a block that is no resource of a provider: a backend, a call of a module that is not at hand."""

    __slots__ = ("_block", "_fixed", "_hidden", "_scope", "_workspace")

    def __init__(
        self, block: Block, scope: Scope, workspace: Workspace, fixed: dict[str, Value], hidden: frozenset[str]
    ) -> None:
        """`fixed`: attributes beyond what the block writes; `hidden`: arguments that are none."""
        self._workspace = workspace
        self._block = block
        self._scope = scope
        self._fixed = fixed
        self._hidden = hidden

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __getitem__(self, name: str) -> Value:
        if name in self._fixed:
            return self._fixed[name]
        value = self.written(name)
        if value is None:
            raise KeyError(name)
        return to_model(value)

    def written(self, name: str) -> TfValue | None:
        """The language's own value."""
        if name in self._hidden:
            return None
        try:
            return value_of(self._block.body, name, self._scope)
        except Exception as error:  # noqa: BLE001 - the boundary of one attribute
            return fault(self._workspace, place_of(self._block), error)

    def __iter__(self) -> Iterator[str]:
        names = [name for name in attribute_names(self._block.body) if name not in self._hidden]
        return iter([*self._fixed, *(name for name in names if name not in self._fixed)])


class MarkedPaths(frozenset[Path]):
    """Paths whose values carry one of some marks, worked out when somebody looks into the set.

    Rules that touch no secret never pay for it.
    """

    _attributes: ResourceAttributes | BlockAttributes
    _marks: frozenset[str]
    _found: frozenset[Path] | None

    @classmethod
    def of(cls, attributes: ResourceAttributes | BlockAttributes, marks: frozenset[str]) -> "MarkedPaths":
        """The paths of a resource that carry a mark of these."""
        made = cls()
        made._attributes = attributes
        made._marks = marks
        made._found = None
        return made

    def _paths(self) -> frozenset[Path]:
        if self._found is None:
            found: set[Path] = set()
            for name in dict.fromkeys([*self._attributes, "tags_all"]):
                value = self._attributes.written(name)
                if value is not None:
                    found.update((name, *path) for path in marked_paths(value, self._marks))
            self._found = frozenset(found)
        return self._found

    def __contains__(self, path: object) -> bool:
        return path in self._paths()

    def __iter__(self) -> Iterator[Path]:
        return iter(self._paths())

    def __len__(self) -> int:
        return len(self._paths())

    def __eq__(self, other: object) -> bool:
        return self._paths() == other

    def __hash__(self) -> int:
        return hash(self._paths())


def marked_paths(value: TfValue, marks: frozenset[str]) -> Iterator[Path]:
    """Paths within a value whose marks meet `marks`."""
    for path in sensitive_paths(value):
        if marks & _marks_at(value, path):
            yield path


def _marks_at(value: TfValue, path: Path) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for step in (*path, None):
        while isinstance(value, Marked | Reference):
            if isinstance(value, Marked):
                found |= value.marks
            value = value.value  # type: ignore[assignment]
        if step is not None:
            items: Any = value.items  # type: ignore[union-attr]
            if isinstance(value, OpenVal) and isinstance(items, list):
                items = [*items, *value.each]
            value = items[step]
    return found


_SECRET = frozenset({"sensitive", "ephemeral"})
_ENVIRONMENT = frozenset({"environment"})


def resources_of(program: Program, top: ModuleInstance, chosen: Callable[[str], bool]) -> Iterator[Resource]:
    """All resources and data sources of a root, its backend, and the calls of modules that are not at hand.

    `chosen` says of a file whether what it declares is wanted.
    """
    yield from (backend for backend in _backends(top) if chosen(backend.source.span.file))
    stack = [top]
    count = 0
    moves = Moves()
    while stack:
        instance = stack.pop()
        for old, new in instance.declared.moved:
            moves.add(instance.prefix + old, instance.prefix + new)
        for node in _nodes(instance):
            if not chosen(node.block.file.path):
                continue
            if node.expansion.instances:
                program.store.instantiated.add(node.block)
            for one in node.instances():
                count += 1
                if count > MAX_RESOURCES:
                    message = f"more than {MAX_RESOURCES} resources below {program.root}: the rest was not read"
                    program.store.workspace.note("limit_reached", program.root, message, "scan its parts one by one")
                    return
                try:
                    found = _resource(node, one, moves)
                except Exception as error:  # noqa: BLE001 - the boundary of one resource
                    fault(program.store.workspace, place_of(node.block), error)
                else:
                    yield found
        children: list[ModuleInstance] = []
        for name in instance.declared.calls:
            call = instance.call(name)
            if isinstance(call, ModuleNode):
                if call.unfetched is not None and chosen(call.block.file.path):
                    yield from _unfetched(call)
                children.extend(call.instances.values())
        stack.extend(reversed(children))


def _nodes(instance: ModuleInstance) -> Iterator[ResourceNode]:
    declared = instance.declared
    for mode, table in (("managed", declared.managed), ("data", declared.data)):
        for kind, name in table:
            node = instance.resource(mode, kind, name)
            if isinstance(node, ResourceNode):
                yield node
    for block in declared.repeated:
        yield instance.repeated(block)


def _resource(node: ResourceNode, one: ResourceInstance, moves: Moves) -> Resource:
    instance = node.instance
    kind, name = node.block.labels[0], node.block.labels[1]
    provider = provider_name(node.block)
    config = instance.config(provider)
    home = _home(one, kind, config)
    attributes = ResourceAttributes(one, config)
    secrets = instance.program.has_marks
    return Resource(
        address=one.address,
        type=kind,
        root=instance.root,
        plane="code",
        attributes=attributes,
        source=BlockSource(node.block, one.scope),
        name=name,
        module=instance.module,
        mode="managed" if node.mode == "managed" else "data",
        provider=provider,
        conditional=_both(instance.conditional, one.conditional),
        account=home.account,
        region=home.region,
        place=home.place,
        aliases=_aliases(one, node, moves),
        sensitive=MarkedPaths.of(attributes, _SECRET) if secrets else frozenset(),
        environment=MarkedPaths.of(attributes, _ENVIRONMENT) if secrets else frozenset(),
    )


class _Home(NamedTuple):
    """Where a resource lives, by its own words and its provider's."""

    account: str | None = None
    region: str | None = None
    place: Place = HERE


def _home(one: ResourceInstance, kind: str, config: ProviderConfig | Missing) -> _Home:
    if not kind.startswith("aws_"):
        return _Home()
    account, region = (config.account(), config.region()) if isinstance(config, ProviderConfig) else (None, None)
    place = config.place()
    own = one.written("region") if "region" in one.block.body.attributes else None
    if own is not None and not is_null(own):
        region = own if isinstance(own, str) else None
        place = place._replace(region=symbol_of(to_model(own)) or f"?{one.address}")
    return _Home(account, region, place)


def _both(outer: Unknown | None, own: Unknown | None) -> Unknown | None:
    """The condition of a thing that exists only if both of two conditions hold."""
    if outer is None or own is None or outer == own:
        return own or outer
    symbol = f"{outer.symbol} and {own.symbol}" if outer.symbol and own.symbol else ""
    return Unknown(own.cause, own.detail, "", True, symbol)


def _aliases(one: ResourceInstance, node: ResourceNode, moves: Moves) -> tuple[str, ...]:
    found = [f"{node.address}[0]"] if one.key is UNKNOWN_KEY and node.expansion.perhaps else []
    return (*found, *moves.earlier(one.address, node.instance.module))


def _backends(top: ModuleInstance) -> Iterator[Resource]:
    for settings in top.declared.terraform:
        for block in settings.body.blocks:
            kind = block.labels[0] if block.type == "backend" and block.labels else block.type
            if block.type in {"backend", "cloud"}:
                attributes = BlockAttributes(block, top, top.program.store.workspace, {"type": kind}, frozenset())
                yield Resource(
                    address=f"terraform_backend.{kind}",
                    type="terraform_backend",
                    root=top.root,
                    plane="code",
                    attributes=attributes,
                    source=BlockSource(block, top),
                    sensitive=MarkedPaths.of(attributes, _SECRET),
                    environment=MarkedPaths.of(attributes, _ENVIRONMENT),
                    name=kind,
                    provider="terraform",
                )


def _unfetched(call: ModuleNode) -> Iterator[Resource]:
    """A call of a module that is not at hand: what is handed to it is kept, since it may do anything with that."""
    instance = call.instance
    workspace = instance.program.store.workspace
    for key in call.expansion.instances:
        address = address_of(call.address, key)
        names = instance_names(call.expansion, key, address, call.block, instance)
        scope = BlockScope(instance, names) if names else instance
        attributes = BlockAttributes(call.block, scope, workspace, {}, frozenset({"providers", "version"}))
        yield Resource(
            address=address,
            type="terraform_module",
            root=instance.root,
            plane="code",
            attributes=attributes,
            source=BlockSource(call.block, scope),
            sensitive=MarkedPaths.of(attributes, _SECRET),
            environment=MarkedPaths.of(attributes, _ENVIRONMENT),
            name=call.block.labels[0],
            module=instance.module,
            provider="terraform",
            conditional=_both(instance.conditional, call.expansion.conditional if key is UNKNOWN_KEY else None),
        )
