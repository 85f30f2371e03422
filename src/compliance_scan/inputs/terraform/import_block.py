"""An `import` block with the resource that it takes in, as `terraform fmt` leaves it."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from compliance_scan.inputs.terraform.hcl_write import INDENT, aligned, literal, text
from compliance_scan.shape.nodes import Node

NEVER = frozenset({"id", "arn", "tags_all", "region", "timeouts"})
MAX_DEPTH = 8


def label_of(name: str, taken: AbstractSet[str] = frozenset()) -> str:
    """A resource's name in code, made of the name that AWS knows; `taken` are those in use."""
    base = re.sub(r"[^A-Za-z0-9_-]+", "_", name.rpartition("/")[2] or name).strip("_-") or "this"
    base = base if base[0].isalpha() or base[0] == "_" else f"_{base}"
    label, number = base, 2
    while label in taken:
        label, number = f"{base}_{number}", number + 1
    return label


def import_block(kind: str, label: str, identifier: str, attributes: Mapping[str, Any], root: Node) -> str:
    """The text: an import by id, and a resource with what the account says and the provider lets one write."""
    body = "".join(_body(attributes, root, INDENT, 0))
    head = f"import {{\n{aligned([('to', f'{kind}.{label}'), ('id', text(identifier))], INDENT)}}}\n"
    return f'{head}\nresource "{kind}" "{label}" {{\n{body}}}\n'


def _body(values: Mapping[str, Any], node: Node, indent: str, depth: int) -> Iterator[str]:
    """Attributes first, those of one line aligned; then what takes several lines, parted by blank lines."""
    lines: list[tuple[str, str]] = []
    parts: list[str] = []
    for name in sorted(values):
        field, value = node.field(name), values[name]
        if field is None or field.mode == "c" or field.sensitive or _is_nothing(value) or (name in NEVER and not depth):
            continue
        if field.has_default and value == field.default:
            continue
        if field.nested:
            items = value if isinstance(value, list) else [value]
            inner = field.node.element if field.node.kind in ("list", "set") else field.node
            parts += [_block(name, item, inner, indent, depth) for item in items if isinstance(item, Mapping)]
        else:
            written = literal(value, indent)
            if "\n" in written:
                parts.append(f"{indent}{name} = {written}\n")
            else:
                lines.append((name, written))
    parts = [part for part in parts if part]
    if lines:
        yield aligned(lines, indent)
    for index, part in enumerate(parts):
        yield ("\n" if lines or index else "") + part


def _block(name: str, value: Mapping[str, Any], node: Node | None, indent: str, depth: int) -> str:
    if node is None or depth >= MAX_DEPTH:
        return ""
    inside = "".join(_body(value, node, indent + INDENT, depth + 1))
    return f"{indent}{name} {{\n{inside}{indent}}}\n" if inside else ""


def _is_nothing(value: Any) -> bool:
    return value is None or value in ("", [], {}) or not isinstance(value, str | int | float | bool | list | Mapping)
