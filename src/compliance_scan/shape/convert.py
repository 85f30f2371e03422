"""Values converted to the types of the schema, as Terraform itself converts them."""

from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value, is_nothing
from compliance_scan.shape.nodes import Node

_BOOLS = {"true": True, "1": True, "false": False, "0": False}
_NUMBER_CHARACTERS = frozenset("0123456789+-.eE")


def convert(value: Value, node: Node, what: str) -> Value:
    """`value` as the schema's type: `"443"` as a number, `"true"` as a bool. What does not fit is an error of the
    value; what is not known stays as it is. Objects are left alone: their fields are converted when they are read."""
    kind = node.kind
    if isinstance(value, str):
        if kind in ("string", "any"):
            return value
        if kind in ("list", "set"):
            return _only(value, node, what)
        return _from_text(value, kind, what)
    if value is None or kind == "any" or isinstance(value, Unknown):
        return value
    if kind == "bool" and isinstance(value, bool):
        return value
    return _convert(value, node, what)


def _convert(value: Value, node: Node, what: str) -> Value:
    kind = node.kind
    if isinstance(value, Reference):
        inner = convert(value.value, node, what)
        return value if inner is value.value else Reference(value.address, value.path, inner, value.presence)
    if isinstance(value, bool):
        return ("true" if value else "false") if kind == "string" else wrong(value, kind, what)
    if isinstance(value, int | float):
        if kind in ("list", "set"):
            return _only(value, node, what)
        if kind == "string":
            return repr(value) if isinstance(value, int) else f"{value:.15g}"
        return value if kind == "number" else wrong(value, kind, what)
    if isinstance(value, Text | Encoded):
        if kind == "string":
            return value
        return first_hole(value) if kind in ("bool", "number") else wrong(value, kind, what)
    if is_nothing(value):
        return value
    return _collection(value, node, what)


def _only(value: Value, node: Node, what: str) -> Value:
    """One value where a list is asked for. Terraform refuses it; read as the list of one that is meant, so that a
    person hears of what will stand there once the brackets do."""
    return [convert(value, node.element, what) if node.element is not None else value]


def _from_text(value: str, kind: str, what: str) -> Value:
    if kind == "bool":
        known = _BOOLS.get(value)
        return wrong(value, kind, what) if known is None else known
    if kind == "number":
        return _number(value, what)
    return wrong(value, kind, what)


def _number(value: str, what: str) -> Value:
    if not 0 < len(value) <= 60 or not set(value) <= _NUMBER_CHARACTERS:
        return wrong(value, "number", what)
    try:
        return int(value) if value.lstrip("+-").isdigit() else float(value)
    except ValueError:
        return wrong(value, "number", what)


def _collection(value: Value, node: Node, what: str) -> Value:
    kind = node.kind
    if isinstance(value, Open):
        inner = _collection(value.items, node, what)
        if isinstance(inner, list | dict):
            return value if inner is value.items else Open(inner, value.more)
        return inner
    if isinstance(value, dict):
        if kind in ("object", "list", "set"):  # one object where a list is possible is a list of one
            return value
        if kind == "map" and node.element is not None:
            element = node.element
            if element.kind in ("string", "number", "bool"):
                return {key: convert(item, element, what) for key, item in value.items()}
        return value if kind == "map" else wrong(value, kind, what)
    if isinstance(value, list):
        if kind in ("string", "number", "bool", "map"):
            return wrong(value, kind, what)
        element_node = node.element
        if element_node is not None and element_node.kind in ("string", "number", "bool"):
            return [convert(item, element_node, what) for item in value]
    return value


def wrong(value: Value, kind: str, what: str) -> Unknown:
    """The unknown that stands for a value of the wrong type."""
    shown = {"str": "text", "bool": "a bool", "list": "a list", "dict": "an object", "int": "a number"}
    name = shown.get(type(value).__name__, "a value of another type")
    return Unknown("error", f"{what} is {name}, expected {kind}", type=kind)


def first_hole(value: Text | Encoded) -> Value:
    """Why a partly known text has no known number or bool in it."""
    from compliance_scan.model.value import holes

    return next(holes(value), Unknown("unsupported_expression", "text where a number or a bool is expected"))
