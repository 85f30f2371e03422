"""Attributes of a resource in a plan: what will be, with a hole exactly where only the apply will tell."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from compliance_scan.model.value import Path, Unknown, Value, path_text

MAX_DEPTH = 100


class Written(Protocol):
    """What somebody wrote of a resource: the configuration in the plan, or the code beside it."""

    def configured(self, path: Path) -> bool:
        """Whether anything is written at a path; True where that cannot be told."""
        ...

    def edge(self, path: Path, unknown: Unknown) -> Value:
        """What an unknown value at a path is: itself, or more where what is written says more."""
        ...

    def may_hide(self, *, computed: bool) -> bool:
        """Whether a block that is not known and not configured may be written all the same; `computed`: the provider
        may leave it open itself."""
        ...


class PlanAttributes:
    """A resource's planned attributes (`model.resource.Attributes`), each put together when it is asked for."""

    __slots__ = ("_after", "_seen", "_symbol", "_unknown", "_written", "address")

    def __init__(self, address: str, symbol: str, after: dict[str, Any], unknown: Any, written: Written) -> None:
        """`after` and `unknown` as the plan has them; `symbol` begins the symbols of what is not known."""
        self.address = address
        self._symbol = symbol
        self._after = after
        self._unknown: dict[str, Any] = unknown if isinstance(unknown, dict) else {}
        self._written = written
        self._seen: dict[str, Value] = {}

    def configured(self, path: Path) -> bool:
        """Whether the configuration says anything at a path; True also where that cannot be told."""
        return self._written.configured(path)

    def may_hide(self, *, computed: bool) -> bool:
        """See `Written`."""
        return self._written.may_hide(computed=computed)

    def rewritten(self, symbol: str, written: Written) -> "PlanAttributes":
        """The same attributes, with edges and configuration from elsewhere."""
        return PlanAttributes(self.address, symbol, self._after, self._unknown, written)

    def marks(self, path: Path) -> Any:
        """What `after_unknown` says at a path."""
        found: Any = self._unknown
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return True if found is True else None
        return found

    def plain(self, path: Path) -> Any:
        """What `after` says at a path; None where it says nothing."""
        return at(self._after, path)

    def __contains__(self, name: object) -> bool:
        return name in self._after or (isinstance(name, str) and has_hole(self._unknown.get(name)))

    def __getitem__(self, name: str) -> Value:
        if name not in self._seen:
            if name not in self:
                raise KeyError(name)
            self._seen[name] = self._value(self._after.get(name), self._unknown.get(name), (name,))
        return self._seen[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._after
        for name, mark in self._unknown.items():
            if name not in self._after and has_hole(mark):
                yield name

    def _value(self, known: Any, unknown: Any, path: Path) -> Value:
        if unknown is True:
            return self._written.edge(path, self._hole(path))
        if len(path) > MAX_DEPTH:
            return Unknown("limit_reached", f"{self.address}.{path_text(path[:3])} is nested too deeply")
        if isinstance(unknown, dict) and isinstance(known, dict | None):
            known = known or {}
            names = [*known, *(name for name, mark in unknown.items() if name not in known and has_hole(mark))]
            return {name: self._value(known.get(name), unknown.get(name), (*path, name)) for name in names}
        if isinstance(unknown, list) and isinstance(known, list | None):
            known = known or []
            size = max(len(known), len(unknown))
            return [
                self._value(
                    known[index] if index < len(known) else None,
                    unknown[index] if index < len(unknown) else None,
                    (*path, index),
                )
                for index in range(size)
            ]
        return bounded(known)

    def _hole(self, path: Path) -> Unknown:
        where = f"{self.address}.{path_text(path)}"
        return Unknown("computed", f"{where} is known after apply", "", False, f"{self._symbol}.{path_text(path)}")


def has_hole(marks: Any) -> bool:
    """Whether anything is unknown by these marks."""
    return next(hole_paths(marks), None) is not None


def hole_paths(marks: Any, start: Path = ()) -> Iterator[Path]:
    """The paths that are wholly unknown, in order of writing."""
    stack: list[tuple[Path, Any]] = [(start, marks)]
    while stack:
        path, mark = stack.pop()
        if mark is True:
            yield path
        elif isinstance(mark, dict):
            stack.extend(((*path, key), item) for key, item in reversed(mark.items()))
        elif isinstance(mark, list):
            stack.extend(((*path, index), item) for index, item in reversed(list(enumerate(mark))))


def bounded(value: Any, depth: int = 0) -> Value:
    """A JSON value as a model value: the same, cut where it is nested too deeply."""
    if depth > MAX_DEPTH:
        return Unknown("limit_reached", "the value is nested too deeply")
    if isinstance(value, dict):
        return {str(key): bounded(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [bounded(item, depth + 1) for item in value]
    return value  # type: ignore[no-any-return]


def marked_paths(marks: Any, names: "Iterator[str] | tuple[str, ...]" = ()) -> frozenset[Path]:
    """The paths that `after_sensitive` or `sensitive_values` marks; `names` are all attributes, for a mark on the
    whole."""
    if marks is True:
        return frozenset((name,) for name in names)
    found: set[Path] = set()
    stack: list[tuple[Path, Any]] = [((), marks)]
    while stack:
        path, mark = stack.pop()
        if mark is True or len(path) > MAX_DEPTH:
            found.add(path)
        elif isinstance(mark, dict):
            stack.extend(((*path, key), item) for key, item in mark.items() if item)
        elif isinstance(mark, list):
            stack.extend(((*path, index), item) for index, item in enumerate(mark) if item)
    return frozenset(found)


def leaves(value: Any, start: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every scalar of a JSON value with its path."""
    stack: list[tuple[Path, Any]] = [(start, value)]
    while stack:
        path, item = stack.pop()
        if isinstance(item, dict):
            stack.extend(((*path, key), inner) for key, inner in item.items())
        elif isinstance(item, list):
            stack.extend(((*path, index), inner) for index, inner in enumerate(item))
        else:
            yield path, item


class Secrets:
    """The texts that something sensitive holds: where one stands elsewhere, unmarked, it is masked there too.

    Providers copy values (`output` of `terraform_data`, a rendered template), and a copy has no mark.
    """

    SHORTEST = 6

    def __init__(self) -> None:
        self._texts: set[str] = set()

    def learn(self, value: Any, marked: Iterable[Path] = ((),)) -> None:
        """Keeps the texts at marked paths of a value."""
        for path in marked:
            for _, text in leaves(at(value, path)):
                if isinstance(text, str) and len(text) >= self.SHORTEST:
                    self._texts.add(text)

    def found(self, value: Any) -> frozenset[Path]:
        """The paths of a value at which one of the texts stands."""
        if not self._texts:
            return frozenset()
        return frozenset(path for path, text in leaves(value) if isinstance(text, str) and text in self._texts)


def at(value: Any, path: Path) -> Any:
    """What stands at a path of a JSON value; None where nothing does."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
