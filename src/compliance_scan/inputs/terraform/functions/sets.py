"""Functions on sets."""

from itertools import product
from typing import Any

from compliance_scan.inputs.terraform.functions.spec import LIST_OF_ANY, SET_OF_ANY, Spec
from compliance_scan.inputs.terraform.operators.bigfloat import LimitError
from compliance_scan.inputs.terraform.operators.equality import equal, identical
from compliance_scan.inputs.terraform.operators.setorder import set_of
from compliance_scan.inputs.terraform.types_convert import convert, is_of_open_type, of_open_type
from compliance_scan.inputs.terraform.types_unify import unify
from compliance_scan.inputs.terraform.values import (
    DYNAMIC,
    SEQUENCES,
    EvalError,
    ListVal,
    OpenVal,
    SetVal,
    TupleVal,
    cause_of,
    is_unknown,
)
from compliance_scan.model.value import Unknown

MAX_PRODUCT = 100_000


def _unified(sets: tuple[Any, ...]) -> list[Any]:
    """The sets with one element type; empty sets of no type do not count."""
    types = [value.element for value in sets if value.element != DYNAMIC or value.items]
    element = unify(types) if types else DYNAMIC
    if element is None:
        raise EvalError("given sets must all have compatible element types")
    if element == DYNAMIC and any(of != DYNAMIC for of in types):
        raise EvalError("given sets must all have compatible element types")
    return [convert(value, ("set", element)) if value.items else SetVal([], element) for value in sets]


def _intersection(*given: Any) -> Any:
    sets = _unified(given)
    kept = sets[0].items
    for other in sets[1:]:
        kept = [item for item in kept if _in(item, other.items)]
    return SetVal(list(kept), sets[0].element)


def _in(item: Any, items: list[Any]) -> bool:
    return item in items if type(item) is str else any(identical(item, other) for other in items)


def _union(*given: Any) -> Any:
    if any(is_unknown(value) or is_of_open_type(value) for value in given):
        return _open_union(given)
    sets = _unified(given)
    return set_of([item for value in sets for item in value.items], sets[0].element)


def _open_union(given: tuple[Any, ...]) -> Any:
    cause = cause_of(next(value for value in given if is_unknown(value) or is_of_open_type(value)))
    items: list[Any] = []
    for value in given:
        known = value.items if type(value) is SetVal or type(value) is OpenVal else []
        items.extend(item for item in known if not any(equal(item, other) for other in items))
    return OpenVal("set", [of_open_type(item, cause) for item in items], Unknown(cause.cause, cause.detail))


def _subtract(a: Any, b: Any) -> Any:
    first, second = _unified((a, b))
    return SetVal([item for item in first.items if not _in(item, second.items)], first.element)


def _product(*given: Any) -> Any:
    if len(given) < 2:
        raise EvalError("at least two arguments are required")
    total = 1
    for value in given:
        if type(value) not in SEQUENCES:
            raise EvalError("a set or a list is required")
        total *= len(value.items)
        if total > MAX_PRODUCT:
            raise LimitError(f"setproduct() of more than {MAX_PRODUCT} combinations")
    elements = [_element(value) for value in given]
    of: Any = ("tuple", tuple([element for element, _ in elements]))
    rows = [TupleVal(list(row)) for row in product(*[items for _, items in elements])]
    if any(type(value) is SetVal for value in given):
        return set_of(rows, of)
    return ListVal(rows, of)


def _element(value: Any) -> tuple[Any, list[Any]]:
    if type(value) is TupleVal:
        value = convert(value, LIST_OF_ANY)
    return value.element, value.items


FUNCTIONS = {
    "setintersection": Spec(_intersection, (SET_OF_ANY,), SET_OF_ANY, returns=DYNAMIC),
    "setunion": Spec(_union, (SET_OF_ANY,), SET_OF_ANY, returns=DYNAMIC, raw=True, open_args=True),
    "setsubtract": Spec(_subtract, (SET_OF_ANY, SET_OF_ANY), returns=DYNAMIC),
    "setproduct": Spec(_product, (), DYNAMIC, returns=DYNAMIC, shallow=True),
}
