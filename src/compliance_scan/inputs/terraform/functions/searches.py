"""Functions that answer with one item of a list, or with a fact about it."""

from typing import Any

from compliance_scan.inputs.terraform.evaluate_access import get_index, whole_index
from compliance_scan.inputs.terraform.functions.lists import sequence, unknown_for
from compliance_scan.inputs.terraform.functions.spec import LIST_OF_ANY, Spec
from compliance_scan.inputs.terraform.operators.bigfloat import ShortInt, add
from compliance_scan.inputs.terraform.operators.equality import bare, equal
from compliance_scan.inputs.terraform.operators.symbols import is_conditional
from compliance_scan.inputs.terraform.types_convert import convert
from compliance_scan.inputs.terraform.types_core import has_dynamic, type_of, type_text
from compliance_scan.inputs.terraform.types_unify import unify
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    MAPPINGS,
    NUMBER,
    SEQUENCES,
    STRING,
    EvalError,
    ListVal,
    Null,
    OpenVal,
    TupleVal,
    Type,
    cause_of,
    is_null,
    is_unknown,
    is_wholly_known,
)
from compliance_scan.model.value import Reference, Unknown


def _contains(value: Any, wanted: Any) -> Any:
    if is_unknown(value) and type(value) is not OpenVal:
        return unknown_for(value, BOOL)
    if type(value) is not OpenVal and type(value) not in SEQUENCES:
        raise EvalError("argument must be list, tuple, or set")
    doubt: Any = value.more if type(value) is OpenVal else None
    for item in value.items:
        found = equal(item, wanted)
        if found and not is_conditional(item):
            return True
        if found is not False and doubt is None:
            doubt = _why_open(item, wanted)
    return False if doubt is None else unknown_for(doubt, BOOL)


def _index(value: Any, wanted: Any) -> Any:
    if type(value) is not OpenVal and is_unknown(value):
        return unknown_for(value, NUMBER)
    if type(value) is OpenVal:
        return unknown_for(value, NUMBER)
    for place, item in enumerate(sequence(value).items):
        found = equal(item, wanted)
        if found:
            return ShortInt(place)
        if found is None:
            return unknown_for(item if not is_wholly_known(item) else wanted, NUMBER)
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
        return value.items[0] if len(value.items) == 1 else unknown_for(value, sure=False)
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


def _all_true(value: Any) -> Any:
    if is_unknown(value) and type(value) is not OpenVal:
        return unknown_for(value, BOOL)
    result: Any = True
    for item in value.items:
        found = bare(item)
        if is_unknown(found):
            result = found if result is True else result
        elif found is not True:
            return False
    if type(value) is OpenVal and result is True:
        result = value.more
    return True if result is True else unknown_for(result, BOOL)


def _any_true(value: Any) -> Any:
    if is_unknown(value) and type(value) is not OpenVal:
        return unknown_for(value, BOOL)
    result: Any = False
    for item in value.items:
        found = bare(item)
        if is_unknown(found):
            result = found if result is False else result
        elif found is True:
            return True
    if type(value) is OpenVal and result is False:
        result = value.more
    return False if result is False else unknown_for(result, BOOL)


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
            return _first_unknown(value, values, of if not open_type else DYNAMIC)
        found = value if open_type else convert(value, of)
        if bare(found) == "" and of in (STRING, DYNAMIC):
            continue
        if open_type and type(bare(found)) is not str:
            return unknown_for(next(other for other in values if is_unknown(other)))
        return found
    raise EvalError("no non-null, non-empty-string arguments")


def _first_unknown(value: Any, values: tuple[Any, ...], of: Type) -> Any:
    """The first argument that may count is unknown: it is the result if it is certainly some text or number."""
    if value is values[-1]:
        # Nothing follows: in a plan that succeeds, it is this one.
        return convert(value, of)
    cause = cause_of(value)
    return Unknown(cause.cause, cause.detail, type_text(of), not_null=True)


def _coalesce_list(*values: Any) -> Any:
    if not values:
        raise EvalError("at least one argument is required")
    for value in values:
        if is_null(value):
            of: Any = type_of(value)
            if of[0] not in ("list", "tuple"):
                raise EvalError("all arguments must be lists or tuples: a list is required")
        elif not is_unknown(value):
            sequence(value, "all arguments must be lists or tuples: a list")
    for value in values:
        if is_null(value):
            continue
        if is_unknown(value):
            if type(value) is OpenVal and value.items and not value.most:
                return value
            return unknown_for(value)
        if len(sequence(value).items) > 0:
            return value
    raise EvalError("no non-null arguments")


def _element(value: Any, index: Any) -> Any:
    if type(value) is Reference and not is_unknown(index):
        return get_index(value, abs(whole_index(index)))
    if is_unknown(index) or (is_unknown(value) and type(value) is not OpenVal):
        return _unknown_element(value, index)
    place = whole_index(index)
    if type(value) is OpenVal:
        return value.items[place] if 0 <= place < value.sure else unknown_for(value, sure=False)
    items = sequence(bare(value)).items
    if not items:
        raise EvalError("cannot use element function with an empty list")
    if place < 0 and type(value) is TupleVal and place % len(items):
        raise EvalError("cannot use element function with a negative index")
    return items[place % len(items)]


def _unknown_element(value: Any, index: Any) -> Unknown:
    of: Any = type_of(value)
    element = type_text(of[1]) if isinstance(of, tuple) and of[0] == "list" else ""
    symbol = ""
    if type(value) is Unknown and value.symbol and not is_unknown(index):
        symbol = f"element({value.symbol},{whole_index(index)})"
    cause = cause_of(value if is_unknown(value) else index)
    return Unknown(cause.cause, cause.detail, element, symbol=symbol)


def _why_open(item: Any, wanted: Any) -> Any:
    if is_conditional(item):
        return Unknown("computed", "whether the item is there is not known")
    return item if not is_wholly_known(item) else wanted


FUNCTIONS = {
    "alltrue": Spec(_all_true, (("list", BOOL),), returns=BOOL, raw=True),
    "anytrue": Spec(_any_true, (("list", BOOL),), returns=BOOL, raw=True),
    "coalesce": Spec(_coalesce, (), DYNAMIC, returns=DYNAMIC, nullable=True, raw=True, edges=True, open_args=True),
    "coalescelist": Spec(_coalesce_list, (), DYNAMIC, returns=DYNAMIC, raw=True, nullable_rest=True),
    "contains": Spec(_contains, (DYNAMIC, DYNAMIC), returns=BOOL, raw=True),
    "element": Spec(_element, (DYNAMIC, NUMBER), returns=DYNAMIC, raw=True, shallow=True, may_be_null=True),
    "index": Spec(_index, (DYNAMIC, DYNAMIC), returns=NUMBER, raw=True),
    "length": Spec(_length, (DYNAMIC,), returns=NUMBER, raw=True, shallow=True),
    "matchkeys": Spec(_match_keys, (LIST_OF_ANY, LIST_OF_ANY, LIST_OF_ANY), returns=DYNAMIC),
    "one": Spec(_one, (DYNAMIC,), returns=DYNAMIC, raw=True, shallow=True, may_be_null=True),
    "sum": Spec(_sum, (DYNAMIC,), returns=NUMBER),
}
