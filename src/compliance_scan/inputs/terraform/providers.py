"""Provider configurations: which one a resource uses, and what it says (region, default tags)."""

from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.ast import Block, ObjectCons
from compliance_scan.inputs.terraform.blocks import value_of
from compliance_scan.inputs.terraform.guard import fault, place_of
from compliance_scan.inputs.terraform.module import traversal_text
from compliance_scan.inputs.terraform.values import MapVal, ObjectVal, TfValue, TupleVal, unmarked
from compliance_scan.model.value import Reference

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.instance import ModuleInstance


class ProviderConfig:
    """One `provider` block in one module instance."""

    __slots__ = ("_values", "block", "instance")

    def __init__(self, instance: "ModuleInstance", block: Block) -> None:
        self.instance = instance
        self.block = block
        self._values: dict[str, TfValue | None] = {}

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


def config_of(instance: "ModuleInstance", name: str) -> ProviderConfig | None:
    """The configuration behind a local name in a module: its own, one handed in, or the default that is inherited."""
    while True:
        own = instance.provider_configs().get(name)
        parent = instance.parent
        if own is not None or parent is None:
            return own
        handed = _handed(instance).get(name)
        if handed is not None:
            name = handed
        elif "." in name:
            return None
        instance = parent


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
            name += "." + alias.file.text[alias.value_start : alias.end].strip('"')
        configs.setdefault(name, ProviderConfig(instance, block))
    return configs


def merged_tags(config: ProviderConfig | None, tags: TfValue | None) -> TfValue | None:
    """`tags_all`: the provider's default tags with the resource's own over them; None where either is not plain."""
    if config is None:
        return None
    default = config.default_tags()
    plain, _ = unmarked(default) if default is not None else (None, None)
    own, _ = unmarked(tags) if tags is not None else (ObjectVal({}), None)
    if not isinstance(plain, MapVal | ObjectVal) or not isinstance(own, MapVal | ObjectVal):
        return None
    items = {**plain.items, **own.items}
    return ObjectVal({name: items[name] for name in sorted(items)})


def _text(value: TfValue | None) -> str | None:
    while value is not None:
        value, _ = unmarked(value)
        if not isinstance(value, Reference):
            break
        value = value.value  # type: ignore[assignment]
    return value if isinstance(value, str) else None
