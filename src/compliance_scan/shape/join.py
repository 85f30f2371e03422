"""Who belongs to whom: the join laws.

On code a reference joins by its edge alone. Without an edge, equal known literals or the same symbolic value (the same
variable, the same text over it) of one root join; what may be equal makes a possible owner. On state and on the live
account identities (ids, ARNs, names) join as literals do.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from compliance_scan.model.coverage import NOT_COLLECTED
from compliance_scan.model.logic import Tri, maybe, tri_all, tri_any
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Items, Relation, surely
from compliance_scan.shape.cursor import Spot
from compliance_scan.shape.facts import SPath
from compliance_scan.shape.homes import is_unique, same_home
from compliance_scan.shape.made import MadeList, Shaped

if TYPE_CHECKING:
    from compliance_scan.model.view import Cursor
    from compliance_scan.shape.world import World


_OWN_ARNS = frozenset({"acm", "dynamodb", "iam", "kms", "lambda", "sns", "sqs"})
"""Services whose ARNs name types of no other service, and that both name alike."""


class Match(NamedTuple):
    """A resource that a value names, for certain or perhaps."""

    resource: Resource
    sure: Tri


class Named(NamedTuple):
    """What one value names among the resources of a type."""

    matches: list[Match]
    loose: Unknown | None
    """Set where the value names, or may name, something that was not read."""


def bare(address: str) -> str:
    """An address without its last index: `aws_s3_bucket.b["x"]` is `aws_s3_bucket.b`."""
    if not address.endswith("]"):
        return address
    if address.endswith('"]'):
        start = address.rfind('["')
        return address[:start] if start > 0 else address
    return address[: address.rfind("[")]


def alone(value: Value) -> Value:
    """A template that is nothing but one value (`join("", [x.id])`, `format("%s", x.id)`) is that value."""
    if isinstance(value, Text):
        parts = [part for part in value.parts if part != ""]
        if len(parts) == 1:
            return parts[0]
    return value


def same_symbolic(a: object, b: object) -> bool:
    """Whether two values that are not plainly known are one value whatever it is."""
    if isinstance(a, Unknown) and isinstance(b, Unknown):
        return bool(a.symbol) and a.symbol == b.symbol
    if isinstance(a, Reference) and isinstance(b, Reference):
        return a.address == b.address and a.path == b.path
    if isinstance(a, Text) and isinstance(b, Text):
        return len(a.parts) == len(b.parts) and all(
            x == y if isinstance(x, str) else same_symbolic(x, y) for x, y in zip(a.parts, b.parts, strict=True)
        )
    return False


def may_equal(a: Value, b: Value) -> Tri:
    """Whether two texts are equal; what the provider computes equals nothing that somebody wrote down."""
    a, b = _plain(a), _plain(b)
    if is_nothing(a) or is_nothing(b):
        return False
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if same_symbolic(a, b):
        return True
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Unknown) and one.cause == "computed" and isinstance(other, str | Text):
            return False
    if isinstance(a, str | Text) and isinstance(b, str | Text) and _apart(a, b):
        return False
    for value in (a, b):
        hole = _hole(value)
        if hole is not None:
            return maybe(hole)
    return False


def _plain(value: Value) -> Value:
    value = alone(value)
    if isinstance(value, Reference):
        known = resolved(value)
        return value if isinstance(known, Unknown) else _plain(known)
    if isinstance(value, Encoded):
        return value.text if value.text is not None else Unknown("computed", "text with unknown parts")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _hole(value: Value) -> Unknown | None:
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Reference):
        return _hole(value.value) or Unknown("computed", f"{value.address}.{value.path}")
    if isinstance(value, Text):
        return next((_hole(part) for part in value.parts if not isinstance(part, str)), None)
    return None


def _apart(a: str | Text, b: str | Text) -> bool:
    """Whether the known ends of two texts show that they differ."""
    (a_head, a_tail), (b_head, b_tail) = _ends(a), _ends(b)
    if isinstance(a, str) and isinstance(b, Text):
        if len(a) < len(b_head) + len(b_tail):
            return True
    elif isinstance(b, str) and isinstance(a, Text) and len(b) < len(a_head) + len(a_tail):
        return True
    heads = min(len(a_head), len(b_head))
    tails = min(len(a_tail), len(b_tail))
    return a_head[:heads] != b_head[:heads] or (tails > 0 and a_tail[-tails:] != b_tail[-tails:])


def _ends(value: str | Text) -> tuple[str, str]:
    if isinstance(value, str):
        return value, value
    first, last = value.parts[0], value.parts[-1]
    return (first if isinstance(first, str) else ""), (last if isinstance(last, str) else "")


class Keys:
    """The values by which the resources of one type and root are known."""

    __slots__ = ("_known", "_open", "owners")

    def __init__(self) -> None:
        self.owners: list[Resource] = []
        self._known: dict[str, list[Resource]] = {}
        self._open: list[tuple[Resource, list[Value]]] = []

    def add(self, resource: Resource, values: list[Value]) -> None:
        """Files a resource under its key values."""
        self.owners.append(resource)
        loose: list[Value] = []
        for value in values:
            plain = _plain(value)
            if isinstance(plain, str):
                self._known.setdefault(plain, []).append(resource)
            elif not is_nothing(plain):
                loose.append(plain)
        if loose:
            self._open.append((resource, loose))

    def find(self, value: Value, near: Callable[[str, Resource], Tri]) -> list[Match]:
        """Resources known by a value, the certain ones alone where there are any. `near` tells whether one that a name
        means is in the account and region in which the name was written."""
        plain = _plain(value)
        found: dict[Resource, Tri] = {}
        if isinstance(plain, str):
            known = self._known.get(plain)
            if known:
                found = {resource: near(plain, resource) for resource in known}
                sure = [Match(resource, True) for resource, tri in found.items() if tri is True]
                if sure:
                    return sure
        if not isinstance(plain, str):
            alike = may_equal(plain, "") if isinstance(plain, Unknown) else None  # of any text the same
            for text, resources in self._known.items():
                equal = may_equal(plain, text) if alike is None else alike
                for resource in resources:
                    found[resource] = tri_any([found[resource], equal]) if resource in found else equal
        for resource, values in self._open:
            tris = [found.get(resource, False), *(may_equal(plain, item) for item in values)]
            found[resource] = tri_any(tris)
        sure = [Match(resource, True) for resource, tri in found.items() if tri is True]
        return sure or [Match(resource, tri) for resource, tri in found.items() if tri is not False]


class Joins:
    """Finds what values name; indexes are made when they are first needed."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._keys: dict[tuple[str, tuple[SPath, ...]], dict[str, Keys]] = {}
        self._scattered: set[str] | None = None
        self.unknown_types: dict[tuple[str, str], dict[Resource, dict[Resource, None]]] = {}

    def keys(self, kind: str, paths: tuple[SPath, ...], root: str) -> Keys:
        """The keys of a type's resources in one root."""
        table = self._keys.get((kind, paths))
        if table is None:
            table = self._keys[kind, paths] = {}
            for resource in self._world.resources(kind):
                cursor = self._world.cursor(resource)
                values = [cursor.get(path).value for path in paths]
                if resource.plane == "live" and resource.arn:
                    values.append(resource.arn)
                table.setdefault(resource.root, Keys()).add(resource, values)
        return table.get(root) or Keys()

    def named(self, value: Value, by: Resource, kind: str, paths: tuple[SPath, ...]) -> Named:
        """What a value, written in resource `by`, names among the resources of type `kind`, known by `paths`."""
        value = alone(value)
        if is_nothing(value):
            return Named([], None)
        if isinstance(value, Reference):
            return self._referred(value, by, kind, paths)
        keys = self.keys(kind, paths, by.root)
        if isinstance(value, Unknown) and value.cause == "module_not_fetched":
            same = [match for match in keys.find(value, _anywhere) if match.sure is True] if value.symbol else []
            if same:
                return Named(same, None)  # the same output names both
            # Else it names nothing of ours, but for what was handed into such a module.
            handed = [owner for owner in keys.owners if self._world.handed(owner) is not None]
            return Named([Match(owner, maybe(value)) for owner in handed], value)
        matches = keys.find(value, partial(self._near, by) if by.root in self._roots_apart() else _anywhere)
        matches = self._within(by, matches, kind)
        if any(match.sure is True for match in matches) or self._is_another(value, kind):
            return Named(matches, None)
        cause = _hole(value) or Unknown("not_collected", f"{_text(value)} names nothing that was read")
        return Named(matches, cause)

    def _is_another(self, value: Value, kind: str) -> bool:
        """Whether a literal is the ARN of something of another service than the type's."""
        service = [*value.split(":", 3), "", ""][2] if isinstance(value, str) and value.startswith("arn:aws") else ""
        facts = self._world.catalog.type(kind) if service in _OWN_ARNS else None
        return facts is not None and facts.service not in ("", service)

    def referring(self, subject: Resource, relation: Relation) -> Items:
        """The resources of any type that refer to a subject."""
        from compliance_scan.shape.referrers import referring  # few rules ask

        return referring(self._world, subject, relation)

    def _within(self, by: Resource, matches: list[Match], kind: str) -> list[Match]:
        """Those that lie in what the one who names them lies in, where names of the type are given anew in each: stages
        in their API."""
        facts = self._world.catalog.type(kind)
        if facts is None or not facts.scope or not matches:
            return matches
        mine = self._world.cursor(by)
        found: list[Match] = []
        for match in matches:
            theirs = self._world.cursor(match.resource)
            agree = tri_all(
                [match.sure, *(_one_place(mine.get(path).value, theirs.get(path).value) for path in facts.scope)]
            )
            if agree is not False:
                found.append(Match(match.resource, agree))
        return found

    def _roots_apart(self) -> set[str]:
        """The roots whose resources live in more than one account or region."""
        if self._scattered is None:
            seen: dict[str, tuple[object, ...]] = {}
            self._scattered = {
                each.root
                for each in self._world.inventory.resources
                if each.type.startswith("aws_")
                and seen.setdefault(each.root, home_key := (each.account, each.region, each.place)) != home_key
            }
        return self._scattered

    def _near(self, by: Resource, text: str, owner: Resource) -> Tri:
        """Whether what a name means lives where the name was written: names are given once an account and region."""
        if is_unique(text, owner.type) or not (by.type.startswith("aws_") and owner.type.startswith("aws_")):
            return True
        regional = self._world.has_region(by) and self._world.has_region(owner)
        return same_home(by, owner, "region" if regional else "account")

    def _referred(self, value: Reference, by: Resource, kind: str, paths: tuple[SPath, ...]) -> Named:
        inner: Value = value
        for _ in range(50):
            if not isinstance(inner, Reference):
                break
            targets = self._world.at(by.root, inner.address)
            ours = [target for target in targets if self._world.is_a(target, kind)]
            if ours:
                sure: Tri = True
                if len(ours) > 1:
                    sure = maybe(_hole(inner) or Unknown("computed", f"one of {bare(inner.address)}"))
                return Named([Match(target, sure) for target in ours], None)
            inner = inner.value
        if isinstance(inner, Reference | Unknown):
            # The edge leads elsewhere: to a data source, to a type of another kind, to what was not read.
            cause = inner if isinstance(inner, Unknown) else Unknown("computed", value.address)
            return Named([], cause)
        return self.named(inner, by, kind, paths)


def _one_place(a: Value, b: Value) -> Tri:
    """Whether two resources lie in one place: where either does not say, nothing keeps them apart."""
    if is_nothing(resolved(a)) or is_nothing(resolved(b)):
        return True
    a, b = alone(a), alone(b)
    if isinstance(a, Reference) and isinstance(b, Reference) and a.path == b.path and a.address != b.address:
        known = (resolved(a), resolved(b))
        if all(isinstance(each, Unknown) and each.cause == "computed" for each in known):
            return False  # the ids of two resources
    return may_equal(a, b)


def _anywhere(text: str, owner: Resource) -> Tri:
    del text, owner  # all are in one account and region
    return True


def each_value(value: Value) -> tuple[list[Value], Unknown | None]:
    """The values of an attribute that may hold one or many, and why there may be others."""
    plain = resolved(value) if isinstance(value, Reference) else value
    if isinstance(plain, list):
        return list(plain), None
    if isinstance(plain, Open) and isinstance(plain.items, list):
        return list(plain.items), plain.more
    return [value], None


def _is_unheard(cursor: Spot) -> bool:
    """Whether nobody asked for what stands there: it may be anything, other than what nobody wrote."""
    above = cursor.above
    return cursor.frame.silent and isinstance(above, Unknown) and above.cause == NOT_COLLECTED


def values_at(start: Shaped, path: SPath, *, written: bool = False) -> list[Value]:
    """All values at a path, through every item of the lists on the way, each item of a last list by itself; an unknown
    stands for what it hides. With `written` only what somebody wrote."""
    cursors: list[Cursor] = [start]
    for depth, step in enumerate(path):
        following: list[Cursor] = []
        for cursor in cursors:
            below = cursor.get((step,))
            many = isinstance(below, MadeList) or (isinstance(below, Spot) and below.node.kind in ("list", "set"))
            if depth < len(path) - 1 and many:
                items = surely(below.items())
                following += [item.cursor for item in items.items]
                if items.more is not None:
                    following.append(below)
            else:
                following.append(below)
        cursors = following
    values: list[Value] = []
    for cursor in cursors:
        if written and isinstance(cursor, Spot) and cursor.above is not None and not _is_unheard(cursor):
            continue
        plain, more = each_value(cursor.value)
        values += plain if isinstance(plain, list) else [plain]
        if more is not None:
            values.append(more)
    return [value for value in values if not is_nothing(value)]


def _text(value: Value) -> str:
    return f'"{value}"' if isinstance(value, str) else "a value"


def implied(member: Resource, owner: Resource) -> Tri:
    """Whether a resource exists given that another does: equal conditions go together."""
    condition = member.conditional
    if condition is None:
        return True
    if owner.conditional is not None and condition.symbol and condition.symbol == owner.conditional.symbol:
        return True
    return maybe(condition)


def certain(resource: Resource) -> Tri:
    """Whether a resource certainly exists."""
    return True if resource.conditional is None else maybe(resource.conditional)
