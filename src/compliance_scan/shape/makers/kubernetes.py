"""What a service account may be in AWS: the roles that its annotation, or a pod identity association, gives it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from compliance_scan.model.logic import Tri, maybe, tri_all, tri_any
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Open, Reference, Text, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Item, Items, surely
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.made import Made, Maker, Shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

ANNOTATION: Final = "eks.amazonaws.com/role-arn"
_ASSOCIATION: Final = "aws_eks_pod_identity_association"
_ROLE: Final = "aws_iam_role"
_DOCUMENT: Final = "data.aws_iam_policy_document."
_WEB_IDENTITY: Final = "sts:AssumeRoleWithWebIdentity"
_UNREAD = "the role was not read"


class Subject(NamedTuple):
    """One condition on the subject of a token."""

    operator: str
    values: tuple[str, ...]
    more: Unknown | None
    """Why there may be other values."""


class Trust(NamedTuple):
    """A statement that lets tokens of a cluster assume a role."""

    subjects: tuple[Subject, ...]
    more: Unknown | None
    """Why there may be other conditions."""


def aws_roles(world: "World", _base: Shaped, owner: Frame) -> Items:
    """The roles of a service account, each with whether its trust is for this account alone."""
    account = owner.resource
    metadata = owner.root.inline("metadata")
    items: list[Item] = []
    more: Unknown | None = None
    annotations = metadata.step("annotations")
    value = annotations.step(ANNOTATION).value
    if isinstance(resolved(value), Unknown) and not isinstance(value, Reference) and _is_hole(annotations):
        more = resolved(value)  # type: ignore[assignment]
    elif not is_nothing(resolved(value)):
        place = annotations.step(ANNOTATION)
        items += _found(world, owner, place, value, "annotation")
    names = _text(metadata.step("namespace").value) or "default", account.name
    for resource in world.resources(_ASSOCIATION):
        cursor = world.cursor(resource)
        holds = tri_all(_equal(cursor.step(name).value, wanted) for name, wanted in zip(_KEYS, names, strict=True))
        if holds is not False:
            arn = cursor.step("role_arn")
            items += [
                Item(item.cursor, tri_all([item.present, holds]))
                for item in _found(world, owner, arn, arn.value, "pod_identity")
            ]
    return Items(items, more)


_KEYS: Final = ("namespace", "service_account")


def _is_hole(annotations: Shaped) -> bool:
    """Whether the annotations are not known, rather than the value of the one that is asked for."""
    value: Any = resolved(annotations.value)
    return isinstance(value, Unknown | Open) and not (
        isinstance(value, Open) and isinstance(value.items, dict) and ANNOTATION in value.items
    )


def _found(world: "World", owner: Frame, place: Shaped, value: Value, how: str) -> list[Item]:
    roles = (
        list(_roles(world, owner.resource, value))
        if how == "annotation"
        else list(_roles(world, place.resource, value))
    )
    if not roles:
        return [Item(_made(world, owner, place, value, how, None), True)]
    sure = True if len(roles) == 1 else maybe(Unknown("ambiguous_join", "several roles have this name"))
    return [Item(_made(world, owner, place, value, how, role), sure) for role in roles]


def _roles(world: "World", by: Resource, value: Value) -> Iterator[Resource]:
    """The roles that a value names: by the edge, else by the ARN's account and name, in whatever root they stand."""
    if isinstance(value, Reference):
        yield from (each for each in world.at(by.root, value.address) if each.type == _ROLE)
        if not isinstance(resolved(value), str):
            return
    parts = _parts(resolved(value))
    if parts is None:
        return
    account, path = parts
    for role in world.resources(_ROLE):
        if isinstance(value, Reference) and role.address == value.address:
            continue
        cursor = world.cursor(role)
        name, own = _text(cursor.step("name").value), resolved(cursor.step("arn").value)
        known = _parts(own) if isinstance(own, str) else None
        if known is not None and known[0] and account:
            if known == parts:
                yield role
        elif name and name == path.rpartition("/")[2] and role.account in (None, account, ""):
            yield role


def _parts(value: Any) -> tuple[str, str] | None:
    """Account (empty where it is not known) and path with name of a role's ARN."""
    if isinstance(value, str) and value.startswith("arn:") and ":role/" in value:
        return value.split(":")[4], value.partition(":role/")[2]
    if isinstance(value, Text):  # `arn:aws:iam::${local.account}:role/app`
        tail = value.parts[-1]
        if isinstance(tail, str) and ":role/" in tail:
            return "", tail.partition(":role/")[2]
    return None


def _made(  # noqa: PLR0917 - what the fields of one item are made of
    world: "World", owner: Frame, place: Shaped, value: Value, how: str, role: Resource | None
) -> Made:
    frame, path = (owner, place.path) if place.resource is owner.resource else (place.frame, place.path)
    fields: dict[str, Shaped | Maker] = {
        "arn": spot(frame, path, (), value),
        "through": spot(frame, path, (), how),
    }
    if role is None:
        unread = Unknown("not_collected", _UNREAD)
        return Made(frame, path, (), fields | {name: spot(frame, path, (), unread) for name in ("pinned", "trusted")})
    cursor = world.cursor(role)
    fields["role"] = spot(frame, path, (), role.address)
    fields["statements"] = lambda: cursor.step("statements")
    trust = cursor.step("assume_role_policy").path
    if how == "annotation":
        trusts, more = _trusts(world, role)
        wanted = _subject(owner)
        trust_frame = world.frame(role)
        fields["pinned"] = spot(trust_frame, trust, (), _value(_pinned(trusts, more)))
        fields["trusted"] = spot(trust_frame, trust, (), _value(_trusted(trusts, more, wanted)))
    return Made(frame, path, (), fields)


def _value(holds: Tri) -> Value:
    return holds if isinstance(holds, bool) else holds.causes[0]


def _subject(owner: Frame) -> str | Unknown:
    namespace = resolved(owner.root.inline("metadata").step("namespace").value)
    if isinstance(namespace, Unknown):
        return namespace
    return f"system:serviceaccount:{namespace if isinstance(namespace, str) else 'default'}:{owner.resource.name}"


def _pinned(trusts: list[Trust], more: Unknown | None) -> Tri:
    """Whether every statement names single accounts only, and one at least."""
    holds = [_exact(each) for each in trusts]
    return tri_all([*holds, maybe(more)] if more is not None else holds) if holds or more is not None else False


def _exact(trust: Trust) -> Tri:
    found: list[Tri] = [maybe(trust.more)] if trust.more is not None else []
    for subject in trust.subjects:
        if not subject.operator.endswith("like"):
            found.append(bool(subject.values) or subject.more is not None)  # an equal text is one account, whichever
            continue
        plain: Tri = not any("*" in value or "?" in value for value in subject.values)
        if subject.more is not None:
            plain = tri_all([plain, maybe(subject.more)])
        found.append(plain if subject.values or subject.more is not None else False)
    return tri_any(found)


def _trusted(trusts: list[Trust], more: Unknown | None, wanted: str | Unknown) -> Tri:
    """Whether a statement lets this account's token in."""
    if isinstance(wanted, Unknown):
        return maybe(wanted)
    holds = [_lets_in(each, wanted) for each in trusts]
    return tri_any([*holds, maybe(more)] if more is not None else holds)


def _lets_in(trust: Trust, wanted: str) -> Tri:
    found: list[Tri] = []
    for subject in trust.subjects:
        like = subject.operator.endswith("like")
        fits = any(fnmatchcase(wanted, value) if like else wanted == value for value in subject.values)
        found.append(True if fits else maybe(subject.more) if subject.more is not None else False)
    if trust.more is not None and all(each is not False for each in found):
        found.append(maybe(trust.more))
    return tri_all(found)


def _trusts(world: "World", role: Resource) -> tuple[list[Trust], Unknown | None]:
    """The statements of a role's trust that take tokens, and why there may be others."""
    attributes = role.attributes
    written = attributes["assume_role_policy"] if "assume_role_policy" in attributes else None  # noqa: SIM401
    if isinstance(written, Reference) and f".{_DOCUMENT}" in f".{written.address}":
        for document in world.at(role.root, written.address):
            found = _of_document(surely(world.cursor(document).step("statement").items()))
            if found is not None:
                return found
    items = surely(world.cursor(role).step("trust").items())
    found_trusts = []
    for item in items.items:
        cursor = item.cursor
        if _takes_tokens(cursor.get(("effect",)).value, cursor.get(("actions",)).value):
            conditions: Any = resolved(cursor.get(("conditions",)).value)
            more = conditions.more if isinstance(conditions, Open) else None
            entries = conditions.items if isinstance(conditions, Open) else conditions
            subjects = [
                made
                for each in (entries if isinstance(entries, list) else ())
                if isinstance(each, dict)
                and not each.get("if_exists")
                and (made := _condition(each.get("operator"), each.get("key"), each.get("values")))
            ]
            found_trusts.append(Trust(tuple(subjects), more))
    return found_trusts, items.more


def _of_document(items: Items) -> tuple[list[Trust], Unknown | None] | None:
    """The same of a policy document's blocks, where a condition's key may be known in part (`${provider}:sub`)."""
    found = []
    for item in items.items:
        block = item.cursor
        if not _takes_tokens(block.get(("effect",)).value, block.get(("actions",)).value):
            continue
        conditions = surely(block.get(("condition",)).items())
        subjects, more = [], conditions.more
        for each in conditions.items:
            key = each.cursor.get(("variable",)).value
            made = _condition(each.cursor.get(("test",)).value, key, each.cursor.get(("values",)).value)
            if made is not None:
                subjects.append(made)
            elif isinstance(resolved(key), Unknown):
                more = more or resolved(key)  # type: ignore[assignment]
        found.append(Trust(tuple(subjects), more))
    return (found, items.more) if found or items.more is not None else None


def _takes_tokens(effect: Value, actions: Value) -> bool:
    plain: Any = resolved(actions)
    listed = plain.items if isinstance(plain, Open) else plain
    texts = [str(resolved(each)).lower() for each in listed] if isinstance(listed, list) else []
    allowed = resolved(effect)
    return (is_nothing(allowed) or allowed == "Allow") and any(
        fnmatchcase(_WEB_IDENTITY.lower(), text) for text in texts
    )


def _condition(operator: Value, key: Value, values: Value) -> Subject | None:
    """A condition on the subject; None for one on anything else."""
    key, kind = resolved(key), resolved(operator)
    tail = key.parts[-1] if isinstance(key, Text) else key
    if not (isinstance(tail, str) and tail.endswith(":sub") and isinstance(kind, str)):
        return None
    kind = kind.rpartition(":")[2].lower()
    if not kind.startswith(("stringequals", "stringlike")) or kind.endswith("ifexists"):
        return None
    plain: Any = resolved(values)
    more = plain.more if isinstance(plain, Open) else plain if isinstance(plain, Unknown) else None
    listed = plain.items if isinstance(plain, Open) else plain
    found: list[str] = []
    for each in listed if isinstance(listed, list) else () if isinstance(listed, Unknown) else (listed,):
        one = resolved(each)
        if isinstance(one, str):
            found.append(one)
        else:
            more = more or (one if isinstance(one, Unknown) else Unknown("computed", "a subject is not known"))
    return Subject(kind, tuple(found), more)


def _text(value: Value) -> str:
    plain = resolved(value)
    return plain if isinstance(plain, str) else ""


def _equal(value: Value, wanted: str) -> Tri:
    plain = resolved(value)
    if isinstance(plain, Unknown | Text):
        return maybe(plain if isinstance(plain, Unknown) else Unknown("computed", "its name is not known"))
    return plain == wanted
