"""Which management events a trail records: `all`, `read`, `write` or `none`."""

from typing import TYPE_CHECKING

from compliance_scan.model.value import Unknown, Value, resolved
from compliance_scan.model.view import surely
from compliance_scan.shape.absence import because
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.made import Shaped, shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

_KINDS = {"all": {"read", "write"}, "readonly": {"read"}, "writeonly": {"write"}}


def management_events(_world: "World", base: Shaped, _owner: Frame) -> Shaped:
    """From basic event selectors."""
    recorded: set[str] = set()
    found = surely(base.items())
    cause = found.more
    for item in found.items:
        selector = shaped(item.cursor)
        included = resolved(selector.step("include_management_events").value)
        kind = resolved(selector.step("read_write_type").value)
        if included is False:
            continue
        if included is True and isinstance(kind, str):
            recorded |= _KINDS.get(kind.lower(), set())
        else:
            cause = cause or next((v for v in (included, kind) if isinstance(v, Unknown)), None)
    return spot(base.frame, base.path, (), _name(recorded, cause))


def advanced_management_events(_world: "World", base: Shaped, _owner: Frame) -> Shaped:
    """From advanced event selectors: those of the category Management, narrowed by readOnly."""
    recorded: set[str] = set()
    found = surely(base.items())
    cause = found.more
    for item in found.items:
        fields: dict[str, Value] = {}
        listed = surely(shaped(item.cursor).step("field_selector").items())
        cause = cause or listed.more
        for field in listed.items:
            name = resolved(field.cursor.get(("field",)).value)
            if isinstance(name, Unknown):
                cause = cause or name
            elif isinstance(name, str):
                fields[name] = resolved(field.cursor.get(("equals",)).value)
        category, read_only = fields.get("eventCategory"), fields.get("readOnly")
        for value in (category, read_only):
            if isinstance(value, Unknown):
                cause = cause or value
        if category != ["Management"]:
            continue
        wanted = {"true": {"read"}, "false": {"write"}}
        narrowed = read_only[0] if isinstance(read_only, list) and len(read_only) == 1 else None
        recorded |= wanted.get(str(narrowed).lower(), {"read", "write"})
    return spot(base.frame, base.path, (), _name(recorded, cause))


def _name(recorded: set[str], cause: Unknown | None) -> Value:
    if recorded == {"read", "write"}:
        return "all"
    if cause is not None:
        return because(cause)
    return next(iter(recorded)) if recorded else "none"
