"""Terraform's own values, as the evaluator needs them: what `scope` hands in and `evaluate` gives back.

Known scalars are plain Python: `bool`, `str` (NFC) and whole numbers as `int`; other numbers are `Number` (Terraform
computes with binary floats of 512 bits). Null, collections and structures are the slotted classes below; they are never
changed after they were made, so they may be shared. A value that is not known is the model's `Unknown`, `Reference`,
`Text` or `Encoded`; in the language all but `Reference` (which has the type of its `value`) and `Unknown` are strings.
`Reference.value` and the parts of `Text` hold values of this module. Python's `None` is never a value here.

A `Namespace` of `scope` may also offer `whole() -> TfValue` (what the bare name means as a value, say a resource in a
`merge`) and `item(key: TfValue) -> Result` (what `x[key]` means); without them such a use is an error.
"""

from typing import TYPE_CHECKING, Any, Final, TypeAlias, Union

from compliance_scan.inputs.terraform.operators.bigfloat import DoubleInt, MinusZero, Number, ShortInt
from compliance_scan.model.value import Encoded, Reference, Text, Unknown

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.ast import Expr

Type: TypeAlias = str | tuple[Any, ...]
"""`"string"`, `"number"`, `"bool"`, `"dynamic"`; `("list", T)`, `("set", T)`, `("map", T)`, `("tuple", (T, …))`,
`("object", {name: T})` with names sorted. Compare with `==`; types are not hashable."""

STRING: Final = "string"
NUMBER: Final = "number"
BOOL: Final = "bool"
DYNAMIC: Final = "dynamic"

SENSITIVE: Final = frozenset({"sensitive"})
EPHEMERAL: Final = frozenset({"ephemeral"})
NO_MARKS: Final[frozenset[str]] = frozenset()


class EvalError(Exception):
    """Terraform would reject this expression; `expr` is the part that it would point at, where known."""

    def __init__(self, message: str, expr: "Expr | None" = None, rest: "TfValue | None" = None) -> None:
        """`rest`: what Terraform goes on with behind the error, where that is known to be no plain unknown."""
        super().__init__(message)
        self.message = message
        self.expr = expr
        self.rest = rest


class Null:
    """A null of a type (`"dynamic"` where nothing says more)."""

    __slots__ = ("type",)

    def __init__(self, of: Type = DYNAMIC) -> None:
        self.type = of

    def __repr__(self) -> str:
        return f"Null({self.type!r})"


class ListVal:
    """A list: all items have the type `element`."""

    __slots__ = ("element", "items", "weight")

    def __init__(self, items: list[Any], element: Type) -> None:
        self.items = items
        self.element = element

    def __repr__(self) -> str:
        return f"List({self.items!r})"


class SetVal:
    """A set: its items are distinct and in Terraform's order."""

    __slots__ = ("element", "items", "weight")

    def __init__(self, items: list[Any], element: Type) -> None:
        self.items = items
        self.element = element

    def __repr__(self) -> str:
        return f"Set({self.items!r})"


class MapVal:
    """A map: its keys are sorted, its values have the type `element`."""

    __slots__ = ("element", "items", "weight")

    def __init__(self, items: dict[str, Any], element: Type) -> None:
        self.items = items
        self.element = element

    def __repr__(self) -> str:
        return f"Map({self.items!r})"


class TupleVal:
    """A tuple: each item has a type of its own (`[a, b]` is one)."""

    __slots__ = ("items", "weight")

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __repr__(self) -> str:
        return f"Tuple({self.items!r})"


class ObjectVal:
    """An object: its attributes are sorted by name, each has a type of its own (`{a = 1}` is one)."""

    __slots__ = ("items", "weight")

    def __init__(self, items: dict[str, Any]) -> None:
        self.items = items

    def __repr__(self) -> str:
        return f"Object({self.items!r})"


class OpenVal:
    """A collection that certainly holds these items and perhaps others, for the reason `more`.

    `kind` is `list` (also tuples), `set` or `map` (also objects). Of a list the first `sure` items stand at their own
    index; the others' places are not known. `most` above 0 says that there are no more than that many, and that even
    the items here are there only perhaps (the one instance of a `count = c ? 1 : 0`). `each`: all other items are like
    one of these (what a `dynamic` block over an unknown collection makes).
    """

    __slots__ = ("each", "items", "kind", "more", "most", "sure", "weight")

    def __init__(  # noqa: PLR0917 - a value class with plain slots
        self, kind: str, items: Any, more: Unknown, sure: int = 0, most: int = 0, each: tuple[Any, ...] = ()
    ) -> None:
        self.each = each
        self.kind = kind
        self.items = items
        self.more = more
        self.sure = sure
        self.most = most

    def __repr__(self) -> str:
        return f"Open({self.kind}, {self.items!r})"


class Marked:
    """A value that is `sensitive` or `ephemeral` (or both); items of a collection may carry marks of their own."""

    __slots__ = ("marks", "value")

    def __init__(self, value: "TfValue", marks: frozenset[str]) -> None:
        self.value = value
        self.marks = marks

    def __repr__(self) -> str:
        return f"Marked({self.value!r}, {sorted(self.marks)})"


TfValue: TypeAlias = Union[  # noqa: UP007 - one alternative a line
    bool,
    int,
    Number,
    str,
    Null,
    ListVal,
    SetVal,
    MapVal,
    TupleVal,
    ObjectVal,
    OpenVal,
    Marked,
    Unknown,
    Reference,
    Text,
    Encoded,
]

NULL: Final = Null()

VALUE_CLASSES: Final = frozenset(
    {
        bool,
        int,
        ShortInt,
        DoubleInt,
        MinusZero,
        Number,
        str,
        Null,
        ListVal,
        SetVal,
        MapVal,
        TupleVal,
        ObjectVal,
        OpenVal,
        Marked,
        Unknown,
        Reference,
        Text,
        Encoded,
    }
)
"""Classes of values; whatever else `Scope.name` gives is a namespace."""

SEQUENCES: Final = frozenset({ListVal, SetVal, TupleVal})
MAPPINGS: Final = frozenset({MapVal, ObjectVal})
PLAIN: Final = frozenset({bool, int, ShortInt, DoubleInt, MinusZero, Number, str})
"""Known scalars that are not null."""


def marked(value: TfValue, marks: frozenset[str]) -> TfValue:
    """The value with these marks besides its own."""
    if not marks:
        return value
    if type(value) is Marked:
        return Marked(value.value, value.marks | marks)
    return Marked(value, marks)


def unmarked(value: TfValue) -> tuple[TfValue, frozenset[str]]:
    """The value without the marks it carries itself, and these; items keep theirs."""
    if type(value) is Marked:
        return value.value, value.marks
    return value, NO_MARKS


def unmarked_deep(value: Any) -> tuple[Any, frozenset[str]]:
    """The value without any marks, also in its items, and all of them together."""
    cls = type(value)
    if cls in PLAIN:
        return value, NO_MARKS
    if cls is Marked:
        inner, marks = unmarked_deep(value.value)
        return inner, marks | value.marks
    if cls is Reference:
        inner, marks = unmarked_deep(value.value)
        return (Reference(value.address, value.path, inner, value.presence) if marks else value), marks
    items = getattr(value, "items", None)
    if items is None:
        return value, NO_MARKS
    found = NO_MARKS
    out: Any
    if type(items) is dict:
        out = {}
        for key, item in items.items():
            out[key], marks = unmarked_deep(item)
            found |= marks
    else:
        out = []
        for item in items:
            inner, marks = unmarked_deep(item)
            out.append(inner)
            found |= marks
    if not found:
        return value, NO_MARKS
    return rebuilt(value, out), found


def rebuilt(value: Any, items: Any) -> Any:
    """A collection of the same class and type as `value` with other items."""
    if type(value) is OpenVal:
        return OpenVal(value.kind, items, value.more, value.sure, value.most)
    if type(value) is TupleVal or type(value) is ObjectVal:
        return type(value)(items)
    return type(value)(items, value.element)


def object_of(items: "dict[str, TfValue]") -> ObjectVal:
    """An object of attributes in any order."""
    return ObjectVal({name: items[name] for name in sorted(items)})


def from_plain(value: Any) -> Any:
    """A value of the language for what JSON or Python data says: lists become tuples, mappings objects.

    Takes `None`, `bool`, `int`, `float`, `decimal.Decimal`, `str`, `list`, `tuple` and `dict` with string keys.
    """
    cls = type(value)
    if cls is str:
        return nfc(value)
    if cls is bool or cls is int:
        return value
    if value is None:
        return NULL
    if cls is dict:
        return ObjectVal({key: from_plain(value[key]) for key in sorted(value)})
    if cls is list or cls is tuple:
        return TupleVal([from_plain(item) for item in value])
    from compliance_scan.inputs.terraform.operators.bigfloat import parse_number

    number = parse_number(str(value))
    if number is None:
        raise EvalError(f"{value!r} is no number")
    return number


def nfc(text: str) -> str:
    """Text in the normal form that Terraform keeps all its strings in."""
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)


def is_unknown(value: Any) -> bool:
    """Whether the value itself (not what is in it) is unknown in the language."""
    cls = type(value)
    if cls in PLAIN:
        return False
    if cls is Marked or cls is Reference:
        return is_unknown(value.value)
    if cls is Encoded:
        return value.text is None
    return cls is Unknown or cls is Text or cls is OpenVal


def is_wholly_known(value: TfValue) -> bool:
    """Whether neither the value nor anything in it is unknown."""
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        cls = type(item)
        if cls in PLAIN or cls is Null:
            continue
        if cls is Marked or cls is Reference:
            stack.append(item.value)
        elif cls in MAPPINGS:
            stack.extend(item.items.values())
        elif cls in SEQUENCES:
            stack.extend(item.items)
        elif cls is not Encoded or item.text is None:
            return False
    return True


def is_null(value: Any) -> bool:
    """Whether the value is certainly null."""
    while type(value) is Marked or type(value) is Reference:
        value = value.value
    return type(value) is Null


def cause_of(value: TfValue) -> Unknown:
    """Why a value (or something in it) is unknown; call it for what is not wholly known."""
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        cls = type(item)
        if isinstance(item, Unknown):
            # What the value may be says nothing of what is unknown because of it.
            return Unknown(item.cause, item.detail, item.type, item.not_null, item.symbol) if item.options else item
        if cls is Marked or cls is Reference:
            stack.append(item.value)
        elif cls is Text:
            stack.extend(reversed(item.parts))
        elif isinstance(item, OpenVal):
            return item.more
        elif cls is Encoded and item.text is None:
            from compliance_scan.model.value import holes

            return next(holes(item), Unknown("computed", type=STRING))
        elif cls in MAPPINGS:
            stack.extend(reversed(item.items.values()))
        elif cls in SEQUENCES:
            stack.extend(reversed(item.items))
    return Unknown("computed")


def derived(value: TfValue, of: str = "", *, not_null: bool = False, symbol: str = "") -> Unknown:
    """An unknown result with the cause of an unknown operand."""
    cause = cause_of(value)
    return Unknown(cause.cause, cause.detail, of, not_null, symbol)
