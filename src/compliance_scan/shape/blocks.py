"""What stands behind one name of a resource: the only item of a block, a value of the schema's type."""

from compliance_scan.model.value import ABSENT, Open, Path, Reference, Unknown, Value, is_nothing, path_text, resolved
from compliance_scan.shape.absence import because
from compliance_scan.shape.convert import convert
from compliance_scan.shape.facts import SPath, TypeFacts
from compliance_scan.shape.jsontext import parse_json
from compliance_scan.shape.nodes import JSON, Field, Node


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


def typed(value: Value, node: Node, path: Path) -> Value:
    """A value as the schema's type; JSON text as its tree."""
    if node is JSON:
        return parse_json(value, path_text(path))
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


def unsure(value: Value, field: Field | None) -> Value:
    """A value, where it is not blocks of which it is not known whether there is one."""
    if field is not None and field.nested and isinstance(value, Open) and not value.items:
        return because(value.more)
    return value
