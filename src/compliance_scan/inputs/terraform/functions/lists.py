"""Functions on lists and tuples."""

from typing import Any

from compliance_scan.inputs.terraform.evaluate_access import whole_index
from compliance_scan.inputs.terraform.functions.spec import LIST_OF_ANY, LIST_OF_STRING, Spec
from compliance_scan.inputs.terraform.operators.bigfloat import Number, add, compare, sign_of
from compliance_scan.inputs.terraform.operators.equality import bare, equal
from compliance_scan.inputs.terraform.types_convert import convert, friendly, is_of_open_type, of_open_type
from compliance_scan.inputs.terraform.types_core import type_of
from compliance_scan.inputs.terraform.types_unify import unify
from compliance_scan.inputs.terraform.values import (
    DYNAMIC,
    NO_MARKS,
    NUMBER,
    SEQUENCES,
    STRING,
    EvalError,
    ListVal,
    Null,
    OpenVal,
    SetVal,
    TupleVal,
    cause_of,
    derived,
    is_unknown,
    is_wholly_known,
    marked,
    unmarked,
)
from compliance_scan.model.value import Unknown

MAX_RANGE = 1024
"""Terraform's own limit."""


def sequence(value: Any, what: str = "a list or tuple") -> Any:
    """A known list or tuple; `EvalError` for anything else."""
    if type(value) is not ListVal and type(value) is not TupleVal:
        raise EvalError(f"{what} is required, not {friendly(type_of(value))}")
    return value


def unknown_for(value: Any, of: str = "", *, sure: bool = True) -> Unknown:
    cause = cause_of(value)
    return Unknown(cause.cause, cause.detail, of, sure)


def _chunk_list(value: Any, size: Any) -> Any:
    count = whole_index(size)
    if count < 0:
        raise EvalError("the size argument must be positive")
    of = ("list", value.element)
    if not value.items:
        return ListVal([], of)
    if count == 0:
        return ListVal([value], of)
    chunks = [value.items[i : i + count] for i in range(0, len(value.items), count)]
    return ListVal([ListVal(chunk, value.element) for chunk in chunks], of)


def _compact(value: Any) -> Any:
    if is_unknown(value) and type(value) is not OpenVal:
        return unknown_for(value, "list(string)")
    out: list[Any] = []
    more: Unknown | None = value.more if type(value) is OpenVal else None
    sure = -1
    for item in value.items:
        found = bare(item)
        if is_unknown(found):
            if _not_empty(found):
                out.append(item)
            else:
                more = more or derived(found)
                sure = len(out) if sure < 0 else sure
        elif type(found) is str and found:
            out.append(item)
    if more is not None:
        return OpenVal("list", out, more, _still_sure(value, out, sure))
    return ListVal(out, STRING)


def _still_sure(value: Any, out: list[Any], sure: int) -> int:
    """How many items of a filtered list certainly stand at their place; `sure` is -1 where none was in doubt."""
    found = sure if sure >= 0 else len(out)
    return min(found, value.sure) if type(value) is OpenVal else found


def _not_empty(value: Any) -> bool:
    """Whether unknown text certainly has characters."""
    from compliance_scan.model.value import Encoded, Reference, Text

    if type(value) is Text:
        return any(isinstance(part, str) for part in value.parts)
    if type(value) is Reference:
        return value.path.rsplit(".", 1)[-1] in ("id", "arn")
    return type(value) is Encoded


def _concat(*values: Any) -> Any:
    if not values:
        raise EvalError("at least one argument is required")
    kinds = {type(bare(value)) for value in values}
    plain = [bare(value) for value in values]
    if kinds == {ListVal}:
        loose = next((value for value in plain if is_of_open_type(value)), None)
        if loose is not None:
            cause = cause_of(loose)
            return ListVal([of_open_type(item, cause) for value in plain for item in value.items], DYNAMIC)
        common = unify([("list", value.element) for value in plain])
        if common is not None:
            return ListVal([item for value in plain for item in convert(value, common).items], common[1])
    items: list[Any] = []
    more: Unknown | None = None
    sure = -1
    for value in plain:
        if is_unknown(value):
            if type(value) is OpenVal:
                if type(value.items) is dict or value.kind == "set":
                    raise EvalError("all arguments must be lists or tuples")
                sure = len(items) + value.sure if sure < 0 else sure
                items.extend(value.items)
            else:
                _must_be_list(value)
                sure = len(items) if sure < 0 else sure
            more = more or unknown_for(value, sure=False)
        else:
            items.extend(sequence(value, "all arguments must be lists or tuples: a list").items)
    if more is None:
        return TupleVal(items)
    if TupleVal not in kinds:
        # All may be lists, whose items then get one type.
        items = [of_open_type(item, more) for item in items]
    return OpenVal("list", items, more, sure)


def _must_be_list(value: Any) -> None:
    of = type_of(value)
    if isinstance(of, str) and of != DYNAMIC:
        raise EvalError("all arguments must be lists or tuples")


def _distinct(value: Any) -> Any:
    if is_unknown(value) and type(value) is not OpenVal:
        return unknown_for(value)
    more: Unknown | None = value.more if type(value) is OpenVal else None
    out: list[Any] = []
    sure = -1
    texts: set[str] = set()
    for item in value.items:
        found = bare(item)
        if type(found) is str:
            if found in texts:
                continue
            texts.add(found)
            out.append(item)
            continue
        answers = [equal(item, other) for other in out]
        if True in answers:
            continue
        if None in answers:
            more = more or derived(
                item if not is_wholly_known(item) else next(x for x in out if not is_wholly_known(x))
            )
            sure = len(out) if sure < 0 else sure
        out.append(item)
    if more is not None:
        return OpenVal("list", out, more, _still_sure(value, out, sure))
    return ListVal(out, value.element)


class _Flat:
    __slots__ = ("marks", "more", "out", "sure")

    def __init__(self) -> None:
        self.marks = NO_MARKS
        self.out: list[Any] = []
        self.more: Unknown | None = None
        self.sure = 0

    def add(self, value: Any) -> None:
        for item in value.items:
            found = bare(item)
            if type(found) in SEQUENCES:
                self.marks |= unmarked(item)[1]
                self.add(found)
            elif type(found) is OpenVal and type(found.items) is list:
                self.open(found.more)
                self.add(found)
            elif type(found) is not OpenVal and is_unknown(found) and _may_be_list(found):
                self.open(unknown_for(found, sure=False))
            else:
                self.out.append(item)

    def open(self, cause: Unknown) -> None:
        if self.more is None:
            self.more = cause
            self.sure = len(self.out)


def _may_be_list(value: Any) -> bool:
    of = type_of(value)
    return of == DYNAMIC or (isinstance(of, tuple) and of[0] in ("list", "set", "tuple"))


def _flatten(value: Any) -> Any:
    if type(value) is not OpenVal and is_unknown(value):
        return unknown_for(value)
    if type(value) not in SEQUENCES and not (type(value) is OpenVal and type(value.items) is list):
        raise EvalError("can only flatten lists, sets and tuples")
    flat = _Flat()
    flat.add(value)
    if type(value) is OpenVal:
        flat.sure = min(flat.sure if flat.more is not None else len(flat.out), value.sure)
        sure = 0 if value.sure < len(value.items) else flat.sure
        return marked(OpenVal("list", flat.out, flat.more or value.more, sure), flat.marks)
    if flat.more is None:
        return marked(TupleVal(flat.out), flat.marks)
    return marked(OpenVal("list", flat.out, flat.more, flat.sure), flat.marks)


def _range(*numbers: Any) -> Any:
    if len(numbers) == 1:
        start, end, step = 0, numbers[0], None
    elif len(numbers) == 2:
        start, end, step = numbers[0], numbers[1], None
    elif len(numbers) == 3:
        start, end, step = numbers
    else:
        raise EvalError("must have one, two, or three arguments")
    if any(type(number) is Number and number.e is None for number in numbers):
        raise EvalError("a number is too large")
    down = compare(end, start) < 0
    if compare(start, end) == 0:
        return ListVal([], NUMBER)
    if step is None:
        step = -1 if down else 1
    if (down and sign_of(step) > 0) or (not down and sign_of(step) < 0):
        raise EvalError("end must be beyond start in the direction of step")
    if sign_of(step) == 0:
        raise EvalError("step must not be zero")
    out: list[Any] = []
    current: Any = start
    while (compare(current, end) > 0) if down else (compare(current, end) < 0):
        if len(out) >= MAX_RANGE:
            raise EvalError(f"more than {MAX_RANGE} values were generated")
        out.append(current)
        current = add(current, step)
    return ListVal(out, NUMBER)


def _reverse(value: Any) -> Any:
    if type(value) is OpenVal and type(value.items) is list:
        return OpenVal("list", value.items[::-1], value.more, 0)
    if is_unknown(value):
        return unknown_for(value)
    if type(value) is TupleVal:
        return TupleVal(value.items[::-1])
    if type(value) is ListVal or type(value) is SetVal:
        return ListVal(value.items[::-1], value.element)
    raise EvalError("can only reverse list or tuple values")


def _slice(value: Any, start: Any, end: Any) -> Any:
    if is_unknown(start) or is_unknown(end):
        return unknown_for(start if is_unknown(start) else end)
    first, last = whole_index(start), whole_index(end)
    if type(value) is OpenVal and type(value.items) is list and 0 <= first <= last <= value.sure:
        return TupleVal(value.items[first:last])
    if is_unknown(value):
        return unknown_for(value)
    if type(value) is SetVal:
        raise EvalError("cannot slice a set, because its elements do not have indices")
    items = sequence(value).items
    if first < 0 or last > len(items) or first > last:
        raise EvalError("start and end must lie within the list, start not behind end")
    part = items[first:last]
    return TupleVal(part) if type(value) is TupleVal else ListVal(part, value.element)


def _sort(value: Any) -> Any:
    if any(type(item) is Null for item in value.items):
        raise EvalError("given list contains a null element; cannot sort null values")
    return ListVal(sorted(value.items), STRING)


FUNCTIONS = {
    "chunklist": Spec(_chunk_list, (LIST_OF_ANY, NUMBER), returns=DYNAMIC, shallow=True),
    "compact": Spec(_compact, (LIST_OF_STRING,), returns=LIST_OF_STRING, raw=True),
    "concat": Spec(_concat, (), DYNAMIC, returns=DYNAMIC, raw=True, shallow=True, open_args=True),
    "distinct": Spec(_distinct, (LIST_OF_ANY,), returns=DYNAMIC, raw=True),
    "flatten": Spec(_flatten, (DYNAMIC,), returns=DYNAMIC, raw=True, shallow=True),
    "range": Spec(_range, (), NUMBER, returns=("list", NUMBER)),
    "reverse": Spec(_reverse, (DYNAMIC,), returns=DYNAMIC, raw=True, shallow=True),
    "slice": Spec(_slice, (DYNAMIC, NUMBER, NUMBER), returns=DYNAMIC, raw=True, shallow=True),
    "sort": Spec(_sort, (LIST_OF_STRING,), returns=LIST_OF_STRING),
}
