"""`override.tf` and `*_override.tf`: blocks that change the blocks of the same name in a folder's other files."""

from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.ast import Block, Body

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.module import Module

_META_BLOCKS = frozenset({"lifecycle"})
"""Blocks whose arguments merge one by one instead of being replaced as a whole."""


def apply_override(module: "Module", block: Block) -> None:
    """Merges one block of an override file into the module; a block that overrides nothing is passed over."""
    kind = block.type
    if kind == "locals":
        for name, attribute in block.body.attributes.items():
            module.locals[name] = attribute
    elif kind == "terraform":
        _override_terraform(module, block)
    elif kind == "provider":
        for index, provider in enumerate(module.providers):
            if provider.labels == block.labels and _alias(provider) == _alias(block):
                module.providers[index] = merged(provider, block)
                break
        else:
            module.providers.append(block)
    elif kind in {"resource", "data"} and len(block.labels) == 2:
        table = module.managed if kind == "resource" else module.data
        key = (block.labels[0], block.labels[1])
        if key in table:
            table[key] = merged(table[key], block)
    elif len(block.labels) == 1:
        tables = {"variable": module.variables, "output": module.outputs, "module": module.calls}
        named = tables.get(kind)
        if named is not None and block.labels[0] in named:
            named[block.labels[0]] = merged(named[block.labels[0]], block)


def _override_terraform(module: "Module", block: Block) -> None:
    """A backend (or `cloud`) of an override stands instead of any other; all else adds up."""
    if any(inner.type in {"backend", "cloud"} for inner in block.body.blocks):
        module.terraform = [_without(other, {"backend", "cloud"}) for other in module.terraform]
    module.terraform.append(block)


def _without(block: Block, kinds: set[str]) -> Block:
    body = block.body
    kept = Body(body.file, body.start, body.end, body.attributes, [b for b in body.blocks if b.type not in kinds])
    return Block(block.file, block.start, block.end, block.type, block.labels, block.header_end, kept)


def _alias(block: Block) -> str:
    alias = block.body.attributes.get("alias")
    return "" if alias is None else alias.file.text[alias.value_start : alias.end]


def merged(original: Block, override: Block) -> Block:
    """The original with the override's arguments; nested blocks of a kind that the override has replace all others of
    that kind, `dynamic` ones of the same label included."""
    old, new = original.body, override.body
    replaced = {_kind(block) for block in new.blocks} - _META_BLOCKS
    blocks = [block for block in old.blocks if _kind(block) not in replaced]
    for block in new.blocks:
        twin = next((at for at, other in enumerate(blocks) if other.type == block.type), None)
        if block.type in _META_BLOCKS and twin is not None:
            blocks[twin] = merged(blocks[twin], block)
        else:
            blocks.append(block)
    body = Body(old.file, old.start, old.end, {**old.attributes, **new.attributes}, blocks)
    return Block(original.file, original.start, original.end, original.type, original.labels, original.header_end, body)


def _kind(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type
