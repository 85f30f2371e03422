"""What stands behind one name of a resource: the only item of a block, a value of the schema's type."""

from typing import Any

from compliance_scan.model.resource import Resource
from compliance_scan.model.value import (
    ABSENT,
    Encoded,
    Open,
    Path,
    Reference,
    Text,
    Unknown,
    Value,
    is_nothing,
    path_text,
    resolved,
)
from compliance_scan.shape.absence import because
from compliance_scan.shape.convert import convert
from compliance_scan.shape.facts import SPath, TypeFacts
from compliance_scan.shape.jsontext import parse_json
from compliance_scan.shape.nodes import ANY, TREES, YAML, Field, Node

_FULL = ("computed", "redacted")
"""Causes of unknowns that have content where they are no null."""


def covers(marked: Path, path: Path) -> bool:
    shorter = min(len(marked), len(path))
    return marked[:shorter] == path[:shorter]


def only_item(value: Value, path: Path) -> tuple[Value, bool]:
    """The one object of a block that stands at most once, and whether it lay in a list."""
    if isinstance(value, Reference):
        value = resolved(value)
    if isinstance(value, Open) and isinstance(value.items, list):
        if len(value.items) == 1:
            return value.items[0], True
        if not value.items:
            return because(value.more), False
        return Unknown("error", f"{path_text(path)} may stand once only"), False
    if isinstance(value, list):
        if len(value) > 1:
            return Unknown("error", f"{path_text(path)} may stand once only"), False
        return (value[0], True) if value else (ABSENT, False)
    if isinstance(value, dict | Open | Unknown) or is_nothing(value):
        return value, False
    return Unknown("error", f"{path_text(path)} is no block"), False


def left_to_aws(resource: Resource, value: Value, path: Path, field: Field | None) -> bool:
    """Whether a plan's unknown is of something that its configuration does not say at all."""
    if resource.plane != "plan" or not isinstance(value, Unknown) or value.cause != "computed":
        return False
    attributes: Any = resource.attributes
    if not hasattr(attributes, "configured") or attributes.configured(path):
        return False
    # Terraform does not show `dynamic` blocks among what is configured.
    blocks = field is not None and (field.block or (field.node.element or ANY).kind == "object")
    return field is None or not blocks or not attributes.may_hide(computed=field.mode in ("oc", "c"))


def typed(value: Value, node: Node, path: Path) -> Value:
    """A value as the schema's type; JSON text as its tree."""
    if node in TREES:
        return parse_json(value, path_text(path), yaml=node is YAML)
    if isinstance(value, str) and node.kind == "string":
        return value
    if isinstance(value, bool) and node.kind == "bool":
        return value
    return convert(value, node, path_text(path))


def is_unset(facts: TypeFacts, place: SPath, value: Value, field: Field | None) -> bool:
    """Whether an empty text or list says as much as nothing."""
    if place in facts.empties:
        return True
    if field is None:
        return False
    if value == "":
        return facts.legacy and field.node.kind == "string" and field.mode != "r" and not field.has_default
    return field.nested


def unsure(value: Value, field: Field | None, facts: TypeFacts, place: SPath) -> Value:
    """A value, where it is certain that it says something: blocks may be none at all, what a variable gives may be an
    empty text."""
    if isinstance(value, Open):
        return because(value.more) if field is not None and field.nested and not value.items else value
    if isinstance(value, str | bool | int | list | dict | Encoded | float):
        return value
    hollow = _hollow(value)
    if hollow is not None and (is_unset(facts, place, "", field) or is_unset(facts, place, [], field)):
        return Unknown(hollow.cause, hollow.detail, hollow.type, False, hollow.symbol)
    return value


def _hollow(value: Value) -> Unknown | None:
    """The unknown behind a value that certainly is one, and may be without content; what AWS computes, or was masked
    because there is something in it, never is."""
    if isinstance(value, Text):
        parts = [_hollow(part) if not isinstance(part, str) else None for part in value.parts]
        return next((part for part in parts if part is not None), None) if None not in parts else None
    known = resolved(value)
    return known if isinstance(known, Unknown) and known.not_null and known.cause not in _FULL else None
