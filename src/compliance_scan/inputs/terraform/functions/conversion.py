"""Functions between types and about marks."""

from typing import Any

from compliance_scan.inputs.terraform.functions.spec import LIST_OF_ANY, MAP_OF_ANY, SET_OF_ANY, Spec
from compliance_scan.inputs.terraform.types_convert import convert
from compliance_scan.inputs.terraform.types_core import type_of
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    SENSITIVE,
    STRING,
    Marked,
    Null,
    Type,
    is_wholly_known,
    marked,
    rebuilt,
    unmarked,
    unmarked_deep,
)
from compliance_scan.model.value import Reference


def _to(of: Type) -> Spec:
    return Spec(
        lambda value: convert(value, of), (DYNAMIC,), returns=of, nullable=True, raw=True, shallow=True, edges=True
    )


def _sensitive(value: Any) -> Any:
    return marked(value, SENSITIVE)


def _nonsensitive(value: Any) -> Any:
    return _without(value, "sensitive")


def _without(value: Any, mark: str) -> Any:
    bare, marks = unmarked(value)
    return marked(bare, marks - {mark})


def _issensitive(value: Any) -> Any:
    bare, marks = unmarked(value)
    if "sensitive" in marks:
        return True
    if not is_wholly_known(bare) and not _sure_of_marks(bare):
        from compliance_scan.inputs.terraform.values import cause_of
        from compliance_scan.model.value import Unknown

        cause = cause_of(bare)
        return Unknown(cause.cause, cause.detail, BOOL, not_null=True)
    return False


def _sure_of_marks(value: Any) -> bool:
    return False if type(value) is Reference else type(value).__name__ not in ("Unknown", "OpenVal")


def _ephemeral_as_null(value: Any) -> Any:
    if type(value) is Marked and "ephemeral" in value.marks:
        return marked(Null(type_of(value)), value.marks - {"ephemeral"})
    inner: Any
    inner, marks = unmarked(value)
    if "ephemeral" not in unmarked_deep(inner)[1]:
        return value
    items = inner.items
    if type(items) is dict:
        return marked(rebuilt(inner, {key: _ephemeral_as_null(item) for key, item in items.items()}), marks)
    return marked(rebuilt(inner, [_ephemeral_as_null(item) for item in items]), marks)


FUNCTIONS = {
    "tobool": _to(BOOL),
    "tonumber": _to(NUMBER),
    "tostring": _to(STRING),
    "tolist": _to(LIST_OF_ANY),
    "tomap": _to(MAP_OF_ANY),
    "toset": _to(SET_OF_ANY),
    "sensitive": Spec(_sensitive, (DYNAMIC,), returns=DYNAMIC, nullable=True, raw=True, edges=True, own_marks=True),
    "nonsensitive": Spec(
        _nonsensitive, (DYNAMIC,), returns=DYNAMIC, nullable=True, raw=True, edges=True, own_marks=True
    ),
    "issensitive": Spec(_issensitive, (DYNAMIC,), returns=BOOL, nullable=True, raw=True, edges=True, own_marks=True),
    "ephemeralasnull": Spec(
        _ephemeral_as_null, (DYNAMIC,), returns=DYNAMIC, nullable=True, raw=True, edges=True, own_marks=True
    ),
}
