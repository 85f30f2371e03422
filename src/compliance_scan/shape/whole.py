"""The value of a whole object or list: its parts with absence resolved, put together when somebody asks for it."""

from typing import TYPE_CHECKING, Any

from compliance_scan.model.value import Encoded, Open, Reference, Unknown, is_nothing

if TYPE_CHECKING:
    from compliance_scan.shape.cursor import Spot


def assembled(spot: "Spot") -> Any:
    """The value at a cursor; scalars, JSON and what is not known as they are."""
    raw: Any = spot.raw
    if not spot.path and not spot.place:
        raw = dict.fromkeys(raw)  # the names that are written; the children give the values
    if isinstance(raw, Reference | Unknown | Encoded) or spot.node.kind not in ("object", "list", "set"):
        return raw
    if isinstance(raw, Open):
        inner = _parts(spot, raw.items)
        return raw if inner is raw.items else Open(inner, raw.more)
    return _parts(spot, raw)


def _parts(spot: "Spot", raw: Any) -> Any:
    node = spot.node
    if node.kind == "object":
        if not isinstance(raw, dict):
            return raw
        values = {name: spot.step(name).value for name in _names(spot, raw)}
        return {name: value for name, value in values.items() if not is_nothing(value)}
    if node.element is None or node.element.kind != "object":
        return raw
    if isinstance(raw, dict):
        return [spot.of(node.element).value]
    if isinstance(raw, list):
        return [spot.step(index).value for index in range(len(raw))]
    return raw


def _names(spot: "Spot", raw: dict[str, Any]) -> dict[str, None]:
    """The fields that may have a value: written ones, and unwritten ones that are not simply absent."""
    facts = spot.frame.facts
    names: dict[str, None] = dict.fromkeys(raw)
    for name in spot.node.names():
        field = spot.node.field(name)
        decided = field is None or field.has_default or field.zero or field.mode in ("oc", "c")
        if spot.frame.silent or decided or (*spot.place, name) in facts.absent:
            names[name] = None
    return names if spot.path else {name: None for name in names if name not in facts.folds}
