"""Three-valued logic (Kleene) whose unknown says why.

A `Tri` is `True`, `False` or a `Maybe` with the causes. `unknown and false` is false, `unknown or true` is true; what
stays unknown carries the causes of all operands that left it so.
"""

from collections.abc import Iterable
from typing import TypeAlias

from compliance_scan.model.value import Unknown


class Maybe:
    """Neither true nor false can be shown; `causes` in the order in which they were met, without repeats."""

    __slots__ = ("causes",)

    def __init__(self, causes: tuple[Unknown, ...]) -> None:
        self.causes = causes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Maybe) and self.causes == other.causes

    def __hash__(self) -> int:
        return hash(self.causes)

    def __repr__(self) -> str:
        return f"Maybe({self.causes!r})"

    def __bool__(self) -> bool:
        raise TypeError("a Maybe is neither true nor false: compare with `is True` or `is False`")


Tri: TypeAlias = bool | Maybe


def maybe(cause: Unknown) -> Maybe:
    """A `Maybe` with one cause."""
    return Maybe((cause,))


def tri_not(value: Tri) -> Tri:
    """True becomes false and the reverse; a `Maybe` stays."""
    return (not value) if isinstance(value, bool) else value


def tri_all(values: Iterable[Tri]) -> Tri:
    """False where one is false, else unknown where one is unknown, else true (also of nothing)."""
    causes: dict[Unknown, None] | None = None
    for value in values:
        if value is True:
            continue
        if value is False:
            return False
        if causes is None:
            causes = dict.fromkeys(value.causes)
        else:
            causes.update(dict.fromkeys(value.causes))
    return Maybe(tuple(causes)) if causes else True


def tri_any(values: Iterable[Tri]) -> Tri:
    """True where one is true, else unknown where one is unknown, else false (also of nothing)."""
    causes: dict[Unknown, None] | None = None
    for value in values:
        if value is False:
            continue
        if value is True:
            return True
        if causes is None:
            causes = dict.fromkeys(value.causes)
        else:
            causes.update(dict.fromkeys(value.causes))
    return Maybe(tuple(causes)) if causes else False
