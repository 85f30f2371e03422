"""What the caller has to know of a function."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from compliance_scan.inputs.terraform.values import DYNAMIC, STRING, ListVal, Type


class Spec(NamedTuple):
    """One function: its code, its parameters' types and what it wants to see of its arguments.

    By default it is called with known values only (without marks, edges and trees), and its result has all their marks.
    """

    run: Callable[..., Any]
    params: tuple[Type, ...] = (STRING,)
    variadic: Type | None = None
    returns: Type = STRING
    """The type of an unknown result."""
    nullable: bool = False
    """Arguments may be null."""
    nullable_rest: bool = False
    """Only the arguments behind `params` may be null."""
    raw: bool = False
    """It deals with unknown values in its arguments itself; items keep their edges."""
    shallow: bool = False
    """Marks of items stay where they are; only those of the arguments themselves go to the result."""
    own_marks: bool = False
    """It sees the marks of its arguments, and its result has no others than it gives."""
    edges: bool = False
    """It sees references as such."""
    scoped: bool = False
    """Its last argument is the scope."""
    open_args: bool = False
    """It can be called although the number of arguments is not known (an unknown stands for the others)."""
    may_be_null: bool = False
    """The result may be null although the arguments are not."""


LIST_OF_STRING: Final[Type] = ("list", STRING)
LIST_OF_ANY: Final[Type] = ("list", DYNAMIC)
MAP_OF_ANY: Final[Type] = ("map", DYNAMIC)
SET_OF_ANY: Final[Type] = ("set", DYNAMIC)


def string_list(items: list[str]) -> ListVal:
    """A list of strings."""
    return ListVal(list(items), STRING)
