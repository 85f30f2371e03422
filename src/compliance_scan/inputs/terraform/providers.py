"""Provider configurations: which one a resource uses, and what it says (region, default tags)."""

from typing import TYPE_CHECKING, NamedTuple

from compliance_scan.inputs.terraform.ast import Attribute, Block, ObjectCons
from compliance_scan.inputs.terraform.blocks import value_of
from compliance_scan.inputs.terraform.convert import to_model
from compliance_scan.inputs.terraform.guard import fault, place_of
from compliance_scan.inputs.terraform.module import traversal_text
from compliance_scan.inputs.terraform.values import (
    NO_MARKS,
    NULL,
    MapVal,
    ObjectVal,
    OpenVal,
    TfValue,
    TupleVal,
    cause_of,
    is_null,
    is_unknown,
    marked,
    unmarked,
)
from compliance_scan.model.resource import HERE, Place
from compliance_scan.model.value import Reference, Text, Unknown, Value, resolved

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.instance import ModuleInstance


ROLES = ("assume_role", "assume_role_with_web_identity")
SIGN_IN = ("profile", "access_key", "shared_credentials_files", "shared_config_files")
"""Arguments of the AWS provider by which it signs in, besides the role."""


class ProviderConfig:
    """One `provider` block in one module instance."""

    __slots__ = ("_place", "_values", "block", "instance")

    def __init__(self, instance: "ModuleInstance", block: Block) -> None:
        self.instance = instance
        self.block = block
        self._values: dict[str, TfValue | None] = {}
        self._place: Place | None = None

    def value(self, name: str) -> TfValue | None:
        """An argument or nested block; None where it is not written."""
        if name not in self._values:
            self._values[name] = None
            try:
                self._values[name] = value_of(self.block.body, name, self.instance)
            except Exception as error:  # noqa: BLE001 - the boundary of one attribute
                self._values[name] = fault(self.instance.program.store.workspace, place_of(self.block), error)
        return self._values[name]

    def region(self) -> str | None:
        """The region, where it is known."""
        return _text(self.value("region"))

    def account(self) -> str | None:
        """The account's number, where the role to assume or the one allowed account tells."""
        role = self._role()
        found = account_in_arn(to_model(role)) if role is not None else None
        return found or self._only_allowed()

    def _role(self) -> TfValue | None:
        """The role that is assumed last; None where none is."""
        for name in ROLES:
            blocks = self.value(name)
            if blocks is None or (isinstance(blocks, TupleVal) and not blocks.items):
                continue
            last: TfValue = blocks.items[-1] if isinstance(blocks, TupleVal) else blocks
            if not isinstance(last, ObjectVal):
                return Unknown("computed", "whether a role is assumed")
            role: TfValue | None = last.items.get("role_arn")
            if role is not None and not is_null(role):
                return role
        return None

    def _only_allowed(self) -> str | None:
        allowed = self.value("allowed_account_ids")
        value = to_model(allowed) if allowed is not None else None
        one = value[0] if isinstance(value, list) and len(value) == 1 else None
        return one if isinstance(one, str) else None

    def place(self) -> Place:
        """The keys by which to tell accounts and regions apart."""
        if self._place is None:
            alias = self.block.body.attributes.get("alias")
            name = f"{self.block.labels[0]}.{_written(alias)}" if alias is not None else ""
            region = self.value("region")
            self._place = Place(self._sign_in(), "" if region is None else self._symbol(region, "region"), name)
        return self._place

    def _sign_in(self) -> str:
        number = self.account()
        if number is not None:
            return f"={number}"
        said: list[str] = []
        role = self._role()
        if role is not None:
            said.append("role " + self._symbol(role, "role"))
        for name in SIGN_IN:
            value = self.value(name)
            if value is not None and not is_null(value):
                said.append(f"{name} {self._symbol(value, name)}")
        return "; ".join(said)

    def _symbol(self, value: TfValue, what: str) -> str:
        """A text that is equal for equal values; one of its own where nothing is known of the value."""
        return symbol_of(to_model(value)) or f"?{self.instance.module}|{self.block.start}|{self.block.file.path}|{what}"

    def default_tags(self) -> TfValue | None:
        """The map in `default_tags`, if any."""
        blocks = self.value("default_tags")
        if isinstance(blocks, TupleVal) and blocks.items and isinstance(blocks.items[0], ObjectVal):
            return blocks.items[0].items.get("tags")
        return blocks.items.get("tags") if isinstance(blocks, ObjectVal) else None


def provider_name(block: Block) -> str:
    """The local name of the provider that a resource or data block uses: `aws`, `aws.eu`."""
    attribute = block.body.attributes.get("provider")
    if attribute is not None:
        text = traversal_text(attribute.expr)
        if not text:
            text = attribute.file.text[attribute.value_start : attribute.end].strip('"')
        return text.split("[", 1)[0]
    return block.labels[0].split("_", 1)[0]


class Missing(NamedTuple):
    """No block configures a provider: an alias that nobody declares, or the default without a block."""

    name: str
    module: str

    def place(self) -> Place:
        """The keys by which to tell accounts and regions apart; the default says nothing of either."""
        if "." not in self.name:
            return HERE
        key = f"?{self.module}|{self.name}"
        return Place(key, key, self.name)


def config_of(instance: "ModuleInstance", name: str) -> ProviderConfig | Missing:
    """The configuration behind a local name in a module: its own, one handed in, or the default that is inherited."""
    while True:
        own = instance.provider_configs().get(name)
        if own is not None:
            return own
        handed = _handed(instance).get(name)
        if handed is not None:
            name = handed
        if instance.parent is None or (handed is None and "." in name):
            return Missing(name, instance.module)
        instance = instance.parent


def _handed(instance: "ModuleInstance") -> dict[str, str]:
    """`providers = {aws.this = aws.eu}` of the call that made this instance."""
    attribute = instance.call_block.body.attributes.get("providers") if instance.call_block is not None else None
    if attribute is None or not isinstance(attribute.expr, ObjectCons):
        return {}
    found: dict[str, str] = {}
    for key, value in attribute.expr.items:
        name = key.file.text[key.start : key.end].strip('"')
        found[name] = traversal_text(value) or value.file.text[value.start : value.end].strip('"')
    return found


def own_configs(instance: "ModuleInstance") -> dict[str, ProviderConfig]:
    """The provider blocks of a module by local name and alias."""
    configs: dict[str, ProviderConfig] = {}
    for block in instance.declared.providers:
        alias = block.body.attributes.get("alias")
        name = block.labels[0]
        if alias is not None:
            name += "." + _written(alias)
        configs.setdefault(name, ProviderConfig(instance, block))
    return configs


def _written(attribute: Attribute) -> str:
    return attribute.file.text[attribute.value_start : attribute.end].strip('"')


def account_in_arn(value: Value) -> str | None:
    """The account that an ARN names, also where only its beginning is known."""
    value = resolved(value)
    if isinstance(value, Text):
        value = value.parts[0] if isinstance(value.parts[0], str) else None
    parts = value.split(":", 5) if isinstance(value, str) else []
    return parts[4] if len(parts) == 6 and parts[0] == "arn" and parts[4].isdigit() else None


def symbol_of(value: Value) -> str:
    """A text that only equal values of one root have; empty where what is not known has no name."""
    if isinstance(value, Reference) and isinstance(resolved(value), Unknown):
        return f"<{value.address}.{value.path}>"
    value = resolved(value)
    if isinstance(value, Unknown):
        return f"<{value.symbol}>" if value.symbol else ""
    if isinstance(value, Text | list):
        parts = [
            repr(part) if isinstance(part, str) else symbol_of(part)
            for part in (value.parts if isinstance(value, Text) else value)
        ]
        return "[" + ",".join(parts) + "]" if all(parts) else ""
    if isinstance(value, dict):
        named = [(name, symbol_of(item)) for name, item in value.items()]
        return repr(named) if all(text for _, text in named) else ""
    return repr(value) if isinstance(value, bool | int | float | str | None) else ""


def has_default_tags(config: "ProviderConfig | Missing | None") -> bool:
    """Whether a provider is declared, and with default tags."""
    return isinstance(config, ProviderConfig) and config.value("default_tags") is not None


def merged_tags(config: "ProviderConfig | Missing | None", tags: TfValue | None) -> TfValue | None:
    """`tags_all`: the provider's default tags with the resource's own over them; None where no provider is declared, or
    its default tags are none that we can read."""
    if not isinstance(config, ProviderConfig):
        return None
    default, marks = _bare(config.default_tags())
    own, more_marks = _bare(tags)
    if is_null(default) and has_default_tags(config):
        return None
    below, more = _known(default)
    above, unknown = _known(own)
    if unknown is not None:
        # What is not known of the resource's own tags may stand over any of the defaults.
        over = Unknown(unknown.cause, unknown.detail)
        below = dict.fromkeys(below, over)
    items = {**below, **above}
    merged = {name: items[name] for name in sorted(items)}
    more = more or unknown
    result: TfValue = ObjectVal(merged) if more is None else OpenVal("map", merged, Unknown(more.cause, more.detail))
    return marked(result, marks | more_marks)


def _known(tags: TfValue) -> tuple[dict[str, TfValue], Unknown | None]:
    """The tags that are certainly there, and why there may be others."""
    if is_null(tags):
        return {}, None
    if isinstance(tags, MapVal | ObjectVal):
        return tags.items, None
    if isinstance(tags, OpenVal) and isinstance(tags.items, dict):
        return tags.items, tags.more
    return {}, cause_of(tags) if is_unknown(tags) else Unknown("error", "tags are no map")


def _bare(value: TfValue | None) -> tuple[TfValue, frozenset[str]]:
    """A value without its own marks and edges, and the marks."""
    if value is None:
        return NULL, NO_MARKS
    found, marks = unmarked(value)
    while isinstance(found, Reference):
        found, also = unmarked(found.value)  # type: ignore[arg-type]
        marks |= also
    return found, marks


def _text(value: TfValue | None) -> str | None:
    while value is not None:
        value, _ = unmarked(value)
        if not isinstance(value, Reference):
            break
        value = value.value  # type: ignore[assignment]
    return value if isinstance(value, str) else None
