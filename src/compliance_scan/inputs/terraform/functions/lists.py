"""Functions on lists and tuples."""

from typing import Any

from compliance_scan.inputs.terraform.evaluate_access import whole_index
from compliance_scan.inputs.terraform.functions.spec import LIST_OF_ANY, LIST_OF_STRING, Spec
from compliance_scan.inputs.terraform.operators.bigfloat import Number, ShortInt, add, compare, sign_of
from compliance_scan.inputs.terraform.operators.equality import bare, equal
from compliance_scan.inputs.terraform.types_convert import convert, friendly
from compliance_scan.inputs.terraform.types_core import has_dynamic, type_of, type_text
from compliance_scan.inputs.terraform.types_unify import unify
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    MAPPINGS,
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
    is_null,
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


def _unknown(value: Any, of: str = "", *, sure: bool = True) -> Unknown:
    cause = cause_of(value)
    return Unknown(cause.cause, cause.detail, of, sure)


def _all_true(value: Any) -> Any:
    if is_unknown(value) and type(value) is not OpenVal:
        return _unknown(value, BOOL)
    result: Any = True
    for item in value.items:
        item = bare(item)
        if is_unknown(item):
            result = item if result is True else result
        elif item is not True:
            return False
    if type(value) is OpenVal and result is True:
        result = value.more
    return True if result is True else _unknown(result, BOOL)


def _any_true(value: Any) -> Any:
    if is_unknown(value) and type(value) is not OpenVal:
        return _unknown(value, BOOL)
    result: Any = False
    for item in value.items:
        item = bare(item)
        if is_unknown(item):
            result = item if result is False else result
        elif item is True:
            return True
    if type(value) is OpenVal and result is False:
        result = value.more
    return False if result is False else _unknown(result, BOOL)


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


def _coalesce(*values: Any) -> Any:
    if not values:
        raise EvalError("at least one argument is required")
    of = unify([type_of(value) for value in values])
    if of is None:
        raise EvalError("all arguments must have the same type")
    open_type = any(is_unknown(value) and has_dynamic(type_of(value)) for value in values)
    for value in values:
        if is_null(value):
            continue
        if is_unknown(value):
            return _first_unknown(value, values)
        found = value if open_type else convert(value, of)
        if bare(found) == "" and of in (STRING, DYNAMIC):
            continue
        if open_type and type(bare(found)) is not str:
            return _unknown(next(other for other in values if is_unknown(other)))
        return found
    raise EvalError("no non-null, non-empty-string arguments")


def _first_unknown(value: Any, values: tuple[Any, ...]) -> Any:
    """The first argument that may count is unknown: it is the result if it is certainly some text or number."""
    if value is values[-1]:
        # Nothing follows: in a plan that succeeds, it is this one.
        return value
    cause = cause_of(value)
    return Unknown(cause.cause, cause.detail, type_text(type_of(value)), not_null=True)


def _coalesce_list(*values: Any) -> Any:
    if not values:
        raise EvalError("at least one argument is required")
    for value in values:
        if is_null(value):
            continue
        if is_unknown(value):
            if type(value) is OpenVal and value.items:
                return value
            return _unknown(value)
        if len(sequence(value).items) > 0:
            return value
    raise EvalError("no non-null arguments")


def _compact(value: Any) -> Any:
    if is_unknown(value) and type(value) is not OpenVal:
        return _unknown(value, "list(string)")
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
        return OpenVal(
            "list", out, more, min(len(out), value.sure) if sure < 0 and type(value) is OpenVal else max(sure, 0)
        )
    return ListVal(out, STRING)


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
            more = more or _unknown(value, sure=False)
        else:
            items.extend(sequence(value, "all arguments must be lists or tuples: a list").items)
    return TupleVal(items) if more is None else OpenVal("list", items, more, sure)


def _must_be_list(value: Any) -> None:
    of = type_of(value)
    if isinstance(of, str) and of != DYNAMIC:
        raise EvalError("all arguments must be lists or tuples")


def _contains(value: Any, wanted: Any) -> Any:
    if is_unknown(value) and type(value) is not OpenVal:
        return _unknown(value, BOOL)
    if type(value) is not OpenVal and type(value) not in SEQUENCES:
        raise EvalError("argument must be list, tuple, or set")
    doubt: Any = value.more if type(value) is OpenVal else None
    for item in value.items:
        found = equal(item, wanted)
        if found:
            return True
        if found is None and doubt is None:
            doubt = item if not is_wholly_known(item) else wanted
    return False if doubt is None else _unknown(doubt, BOOL)


def _distinct(value: Any) -> Any:
    if is_unknown(value) and type(value) is not OpenVal:
        return _unknown(value)
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
        return OpenVal(
            "list", out, more, min(value.sure, len(out)) if sure < 0 and type(value) is OpenVal else max(sure, 0)
        )
    return ListVal(out, value.element)


def _element(value: Any, index: Any) -> Any:
    if type(value) is Unknown or is_unknown(index):
        return _unknown_element(value, index)
    place = whole_index(index)
    if place < 0:
        raise EvalError("cannot use element function with a negative index")
    if type(value) is OpenVal:
        return value.items[place] if place < value.sure else _unknown(value, sure=False)
    items = sequence(bare(value)).items
    if not items:
        raise EvalError("cannot use element function with an empty list")
    return items[place % len(items)]


def _unknown_element(value: Any, index: Any) -> Unknown:
    of: Any = type_of(value)
    element = type_text(of[1]) if isinstance(of, tuple) and of[0] == "list" else ""
    symbol = ""
    if type(value) is Unknown and value.symbol and not is_unknown(index):
        symbol = f"element({value.symbol},{whole_index(index)})"
    cause = cause_of(value if is_unknown(value) else index)
    return Unknown(cause.cause, cause.detail, element, symbol=symbol)


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
                self.open(_unknown(found, sure=False))
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
        return _unknown(value)
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


def _index(value: Any, wanted: Any) -> Any:
    if type(value) is not OpenVal and is_unknown(value):
        return _unknown(value, NUMBER)
    if type(value) is OpenVal:
        return _unknown(value, NUMBER)
    for place, item in enumerate(sequence(value).items):
        found = equal(item, wanted)
        if found:
            return ShortInt(place)
        if found is None:
            return _unknown(item if not is_wholly_known(item) else wanted, NUMBER)
    raise EvalError("item not found")


def _length(value: Any) -> Any:
    value = bare(value)
    if type(value) in SEQUENCES or type(value) in MAPPINGS:
        return ShortInt(len(value.items))
    if type(value) is str:
        from compliance_scan.inputs.terraform.functions.graphemes import count

        return ShortInt(count(value))
    if is_unknown(value):
        of = type_of(value)
        if isinstance(of, tuple) and of[0] in ("tuple", "object"):
            return ShortInt(len(of[1]))
        symbol = f"length({value.symbol})" if type(value) is Unknown and value.symbol else ""
        cause = cause_of(value)
        return Unknown(cause.cause, cause.detail, NUMBER, not_null=True, symbol=symbol)
    raise EvalError("argument must be a string, a collection type, or a structural type")


def _match_keys(values: Any, keys: Any, search: Any) -> Any:
    if len(values.items) != len(keys.items):
        raise EvalError("length of keys and values should be equal")
    common = unify([keys.element, search.element])
    if common is None:
        raise EvalError("keys and searchset must be of the same type")
    wanted = convert(search, ("list", common)).items
    given = convert(keys, ("list", common)).items
    if not wanted:
        return ListVal([], values.element)
    found = [item for item, key in zip(values.items, given, strict=True) if any(equal(key, other) for other in wanted)]
    return ListVal(found, values.element)


def _one(value: Any) -> Any:
    if type(value) is OpenVal:
        if type(value.items) is dict:
            raise EvalError("must be a list, set, or tuple value with either zero or one elements")
        # With one certain item, whatever else there were would be an error.
        return value.items[0] if len(value.items) == 1 else _unknown(value, sure=False)
    if is_unknown(value):
        of: Any = type_of(value)
        element = type_text(of[1]) if isinstance(of, tuple) and of[0] in ("list", "set") else ""
        symbol = f"one({value.symbol})" if type(value) is Unknown and value.symbol else ""
        cause = cause_of(value)
        return Unknown(cause.cause, cause.detail, element, symbol=symbol)
    if type(value) not in SEQUENCES or len(value.items) > 1:
        raise EvalError("must be a list, set, or tuple value with either zero or one elements")
    if value.items:
        return value.items[0]
    return Null(DYNAMIC if type(value) is TupleVal else value.element)


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
    current = start
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
        return _unknown(value)
    if type(value) is TupleVal:
        return TupleVal(value.items[::-1])
    if type(value) is ListVal or type(value) is SetVal:
        return ListVal(value.items[::-1], value.element)
    raise EvalError("can only reverse list or tuple values")


def _slice(value: Any, start: Any, end: Any) -> Any:
    if is_unknown(start) or is_unknown(end):
        return _unknown(start if is_unknown(start) else end)
    first, last = whole_index(start), whole_index(end)
    if type(value) is OpenVal and type(value.items) is list and 0 <= first <= last <= value.sure:
        return TupleVal(value.items[first:last])
    if is_unknown(value):
        return _unknown(value)
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


def _sum(value: Any) -> Any:
    if type(value) not in SEQUENCES:
        raise EvalError("argument must be list, set, or tuple")
    if not value.items:
        raise EvalError("cannot sum an empty list")
    numbers = []
    for item in value.items:
        if type(item) is Null:
            raise EvalError("argument must be list, set, or tuple of number values")
        numbers.append(convert(item, NUMBER))
    total = numbers[0]
    for number in numbers[1:]:
        total = add(total, number)
    return total


FUNCTIONS = {
    "alltrue": Spec(_all_true, (("list", BOOL),), returns=BOOL, raw=True),
    "anytrue": Spec(_any_true, (("list", BOOL),), returns=BOOL, raw=True),
    "chunklist": Spec(_chunk_list, (LIST_OF_ANY, NUMBER), returns=DYNAMIC, shallow=True),
    "coalesce": Spec(_coalesce, (), DYNAMIC, returns=DYNAMIC, nullable=True, raw=True, edges=True, open_args=True),
    "coalescelist": Spec(_coalesce_list, (), DYNAMIC, returns=DYNAMIC, raw=True),
    "compact": Spec(_compact, (LIST_OF_STRING,), returns=LIST_OF_STRING, raw=True),
    "concat": Spec(_concat, (), DYNAMIC, returns=DYNAMIC, raw=True, shallow=True, open_args=True),
    "contains": Spec(_contains, (DYNAMIC, DYNAMIC), returns=BOOL, raw=True),
    "distinct": Spec(_distinct, (LIST_OF_ANY,), returns=DYNAMIC, raw=True),
    "element": Spec(_element, (DYNAMIC, NUMBER), returns=DYNAMIC, raw=True, shallow=True, may_be_null=True),
    "flatten": Spec(_flatten, (DYNAMIC,), returns=DYNAMIC, raw=True, shallow=True),
    "index": Spec(_index, (DYNAMIC, DYNAMIC), returns=NUMBER, raw=True),
    "length": Spec(_length, (DYNAMIC,), returns=NUMBER, raw=True, shallow=True),
    "matchkeys": Spec(_match_keys, (LIST_OF_ANY, LIST_OF_ANY, LIST_OF_ANY), returns=DYNAMIC),
    "one": Spec(_one, (DYNAMIC,), returns=DYNAMIC, raw=True, shallow=True, may_be_null=True),
    "range": Spec(_range, (), NUMBER, returns=("list", NUMBER)),
    "reverse": Spec(_reverse, (DYNAMIC,), returns=DYNAMIC, raw=True, shallow=True),
    "slice": Spec(_slice, (DYNAMIC, NUMBER, NUMBER), returns=DYNAMIC, raw=True, shallow=True),
    "sort": Spec(_sort, (LIST_OF_STRING,), returns=LIST_OF_STRING),
    "sum": Spec(_sum, (DYNAMIC,), returns=NUMBER),
}
