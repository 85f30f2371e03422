"""All resources of a run, shaped and joined: what rules ask."""

from collections.abc import Sequence
from datetime import date

from compliance_scan.model.logic import Maybe, Tri, maybe, tri_all, tri_any
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.value import Reference, Unknown, Value, is_nothing
from compliance_scan.model.view import Cursor, Item, Items, Relation
from compliance_scan.shape import fold, virtual
from compliance_scan.shape.absence import unread
from compliance_scan.shape.account import HomeFrame
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.cursor import EMPTY, Frame, Spot
from compliance_scan.shape.facts import FoldSource, SPath, TypeFacts
from compliance_scan.shape.join import Joins, Named, bare, implied, values_at
from compliance_scan.shape.made import Made, Shaped

MAX_PAIRS = 50_000


class Joined:
    """The members of one type that refer to owners of another."""

    __slots__ = ("certain", "members", "overflow", "pairs")

    def __init__(self) -> None:
        self.pairs = 0
        self.overflow: Unknown | None = None
        """Set where so many may belong to so many that the pairs were no longer told apart."""
        self.members: dict[Resource, list[tuple[Frame, Tri]]] = {}
        self.certain: set[Resource] = set()
        """Members that certainly refer to some owner that was read."""


class World:
    """The shaped view of an inventory. Everything is worked out when it is first asked for, and kept."""

    def __init__(self, inventory: Inventory, catalog: Catalog, *, as_of: date) -> None:
        self.inventory = inventory
        self.catalog = catalog
        self.as_of = as_of
        self.joins = Joins(self)
        self.homes: dict[tuple[object, ...], Frame] = {}
        """Accounts and regions, made once."""
        self._by_type: dict[str, list[Resource]] = {}
        self._data: dict[str, list[Resource]] = {}
        self._addresses: dict[tuple[str, str], list[Resource]] | None = None
        self._bare: dict[tuple[str, str], list[Resource]] = {}
        self._frames: dict[Resource, Frame] = {}
        self._facts: dict[str, TypeFacts] = {}
        self._joined: dict[tuple[str, SPath, str, tuple[SPath, ...]], Joined] = {}
        self._subjects: dict[str, Sequence[Cursor]] = {}
        self._handed: dict[Resource, Unknown] | None = None
        self._roots: list[str] | None = None
        self.aliases: dict[tuple[str | None, str | None], dict[str, str]] | None = None
        if any(resource.type.startswith("kubernetes_") for resource in inventory.resources):
            from compliance_scan.shape.kubernetes_terraform import turn

            turn(inventory, catalog)
        for resource in inventory.resources:
            table = self._by_type if resource.mode == "managed" else self._data
            table.setdefault(catalog.canonical(resource.type), []).append(resource)

    # Resources and cursors

    def resources(self, kind: str) -> Sequence[Resource]:
        """The resources of a type, in the order in which they were read; data sources only of types that are nothing
        else (`aws_iam_policy_document`)."""
        kind = self.catalog.canonical(kind)
        found = self._by_type.get(kind)
        if found is None and self.catalog.documents(kind):
            found = self._data.get(kind)
        return found or ()

    def types(self) -> list[str]:
        """The types of which something was read."""
        return list(self._by_type)

    def frame(self, resource: Resource) -> Frame:
        """What the cursors of a resource share."""
        frame = self._frames.get(resource)
        if frame is None:
            frame = self._frames[resource] = Frame(self, resource, self._facts_of(resource))
        return frame

    def cursor(self, resource: Resource) -> Spot:
        """The cursor at the root of a resource."""
        return self.frame(resource).root

    def _facts_of(self, resource: Resource) -> TypeFacts:
        data = resource.mode == "data"
        key = f"data.{resource.type}" if data else resource.type
        facts = self._facts.get(key)
        if facts is None:
            found = self.catalog.data(resource.type) if data else self.catalog.type(resource.type)
            facts = self._facts[key] = found or TypeFacts(resource.type, None, None)
        return facts

    def has_region(self, resource: Resource) -> bool:
        """Whether a resource lives in one region, and not in the account as a whole."""
        return self._facts_of(resource).root.field("region") is not None

    def is_a(self, resource: Resource, kind: str) -> bool:
        """Whether a resource is of a type, aliases included."""
        kind = self.catalog.canonical(kind)
        if resource.mode == "data" and not self.catalog.documents(kind):
            return False
        return self.catalog.canonical(resource.type) == kind

    def at(self, root: str, address: str) -> Sequence[Resource]:
        """The resource at an address or one of its other names; all its instances where the address has no index or one
        that is not among them."""
        if self._addresses is None:
            self._addresses = {}
            for resource in self.inventory.resources:
                for name in (resource.address, *resource.aliases):
                    self._addresses.setdefault((resource.root, name), []).append(resource)
                self._bare.setdefault((resource.root, bare(resource.address)), []).append(resource)
        found = self._addresses.get((root, address))
        if found is None and (address.endswith('["?"]') or not address.endswith("]")):
            found = self._bare.get((root, bare(address)))
        return found or ()

    def handed(self, resource: Resource) -> Unknown | None:
        """Why a module may have said more of a resource: it was not read, and got a reference to the resource."""
        if self._handed is None:
            from compliance_scan.shape.handed import handed_over

            self._handed = dict(handed_over(self))
        return self._handed.get(resource)

    # Folding

    def part(self, frame: Frame, name: str) -> Shaped:
        """A folded part of a resource."""
        return fold.part(self, frame, name)

    def satellites(self, frame: Frame, source: FoldSource) -> tuple[list[tuple[Frame, Tri]], Unknown | None]:
        """The satellites that fold into a resource by one source, with the certainty that they do, and why there may be
        others."""
        if isinstance(frame, HomeFrame):
            found = [(self.frame(member), present) for member, present in frame.members(source.type)]
            return found, self.unlisted(frame.resource, source.type)
        keys = source.owner or frame.facts.keys
        joined = self.joined(source.type, source.by, frame.facts.name, keys)
        overflow = joined.overflow or self.unlisted(frame.resource, source.type)
        return joined.members.get(frame.resource, []), overflow

    def unlisted(self, resource: Resource, kind: str, *, anywhere: bool = False) -> Unknown | None:
        """Why there may be more of a type around a live resource than was found: somebody could not be asked. Always
        None where no account was listed."""
        coverage = self.inventory.coverage
        if coverage is None or resource.plane != "live":
            return None
        return coverage.cause(self.catalog.canonical(kind), resource.account, None if anywhere else resource.region)

    def key_owner(self, resource: Resource, key: str) -> "str | Maybe | None":
        """Whose the KMS key is that a live resource names by id or ARN; None where no account was listed."""
        from compliance_scan.shape.keys import owner  # only an audit needs it

        return owner(self, resource, key)

    def joined(self, kind: str, by: SPath, owner: str, keys: tuple[SPath, ...]) -> Joined:
        """Who of a type refers, by an attribute, to which resources of another type."""
        key = (kind, by, owner, keys)
        found = self._joined.get(key)
        if found is None:
            found = self._joined[key] = Joined()
            for member in self.resources(kind):
                self._join(found, member, by, owner, keys)
        return found

    def _join(self, joined: Joined, member: Resource, by: SPath, owner: str, keys: tuple[SPath, ...]) -> None:
        frame = self.frame(member)
        seen: dict[Resource, Tri] = {}
        for value in values_at(frame.root, by, written=True):
            if joined.pairs > MAX_PAIRS and not isinstance(value, str | Reference):
                joined.overflow = Unknown("limit_reached", f"more than {MAX_PAIRS} pairs of {owner} and {member.type}")
                continue
            for match in self.joins.named(value, member, owner, keys).matches:
                present = tri_all([match.sure, implied(member, match.resource)])
                seen[match.resource] = tri_any([seen.get(match.resource, False), present])
                if match.sure is True:
                    joined.certain.add(member)
                else:
                    joined.pairs += 1
        for target, present in seen.items():
            joined.members.setdefault(target, []).append((frame, present))

    # What rules ask

    def subjects(self, types: Sequence[str]) -> Sequence[Cursor]:
        """A cursor at the root of each resource of these types, virtual ones and partial owners included."""
        if len(types) == 1:
            return self._subjects_of(types[0])
        found: list[Cursor] = []
        for kind in dict.fromkeys(self.catalog.canonical(kind) for kind in types):
            found.extend(self._subjects_of(kind))
        return found

    def _subjects_of(self, kind: str) -> Sequence[Cursor]:
        kind = self.catalog.canonical(kind)
        found = self._subjects.get(kind)
        if found is None:
            if kind in virtual.SUBJECTS:
                found = virtual.subjects(self, kind)
            else:
                facts = self.catalog.type(kind)
                read = self.resources(kind)
                if facts is not None and facts.document and read:
                    used = self._used_documents(kind)
                    read = [resource for resource in read if resource not in used]
                found = [self.cursor(resource) for resource in read]
                if facts is not None and facts.folds:
                    found += self._partial_owners(facts)
            self._subjects[kind] = found
        return found

    def _partial_owners(self, facts: TypeFacts) -> list[Cursor]:
        """Owners that were not read, each known by one satellite."""
        orphans: dict[Resource, None] = {}
        for part in facts.folds.values():
            for source in part.sources:
                if source.by and source.orphans:
                    for member in self.resources(source.type):
                        if not self.has_owner(member):
                            orphans[member] = None
        return [Frame(self, member, facts, partial=True).root for member in orphans]

    def has_owner(self, member: Resource) -> bool:
        """Whether a satellite folds for certain into an owner that was read."""
        kind = self.catalog.canonical(member.type)
        for owner in self.catalog.satellites.get(kind, ()):
            facts = self.catalog.type(owner)
            assert facts is not None
            for part in facts.folds.values():
                for source in part.sources:
                    if source.by and self.catalog.canonical(source.type) == kind:
                        keys = source.owner or facts.keys
                        if member in self.joined(kind, source.by, owner, keys).certain:
                            return True
        return False

    def _used_documents(self, kind: str) -> set[Resource]:
        """Documents that some attribute known to hold JSON refers to."""
        used: set[Resource] = set()
        for resource in self.inventory.resources:
            facts = self._facts_of(resource)
            for path in facts.json:
                for value in values_at(self.cursor(resource), path):
                    used.update(self._chain(resource.root, value, kind))
        return used

    def _chain(self, root: str, value: Value, kind: str) -> list[Resource]:
        found: list[Resource] = []
        for _ in range(50):
            if not isinstance(value, Reference):
                break
            found += [target for target in self.at(root, value.address) if target.type == kind]
            value = value.value
        # Where a plan reads the document only at apply, its user does not show what it says.
        return [] if isinstance(value, Unknown) else found

    def related(self, subject: Cursor, relation: Relation) -> Items:
        """The resources in a relation to the one on which `subject` stands."""
        if relation.kind == "home":
            cursor = virtual.home(self, subject, relation.type)
            return EMPTY if cursor is None else Items((Item(cursor, True),), None)
        if relation.kind == "selects":
            return virtual.selected(self, subject, relation)
        frame = getattr(subject, "frame", None)
        if relation.kind in ("by", "any"):
            if isinstance(frame, Frame) and frame.partial:
                cause = unread(frame.facts, (relation.type,)).value
                return Items((), cause if isinstance(cause, Unknown) else None)
            by = self._referring if relation.kind == "by" else self.joins.referring
            return by(subject.resource, relation)
        if isinstance(subject, Made) or (isinstance(subject, Spot) and subject.path):
            return self._referred(subject, subject.resource, relation)  # a block: its own attribute refers
        start = frame.root if isinstance(frame, Frame) else self.cursor(subject.resource)
        return self._referred(start, subject.resource, relation)

    def _referring(self, subject: Resource, relation: Relation) -> Items:
        facts = self._facts_of(subject)
        path = tuple(step for step in relation.path if isinstance(step, str))
        joined = self.joined(relation.type, path, facts.name, facts.keys)
        items = [Item(frame.root, present) for frame, present in joined.members.get(subject, ())]
        unlisted = self.unlisted(subject, relation.type, anywhere=True)
        return Items(items, joined.overflow or unlisted or self.handed(subject))

    def _referred(self, start: Shaped, subject: Resource, relation: Relation) -> Items:
        facts = self.catalog.type(relation.type)
        keys = facts.keys if facts is not None else (("id",), ("arn",))
        found: dict[Resource, Tri] = {}
        more: Unknown | None = None
        for value in values_at(start, tuple(step for step in relation.path if isinstance(step, str))):
            named = self.named(value, subject, relation.type, keys)
            more = more or named.loose
            if not named.matches:
                more = more or self.unlisted(subject, relation.type, anywhere=True)
            for match in named.matches:
                present = tri_all([match.sure, implied(match.resource, subject)])
                found[match.resource] = tri_any([found.get(match.resource, False), present])
        return Items([Item(self.cursor(target), present) for target, present in found.items()], more)

    def named(self, value: Value, by: Resource, kind: str, keys: tuple[SPath, ...]) -> Named:
        """What a value written in `by` names among the resources of a type."""
        return self.joins.named(value, by, kind, keys)

    def presence(self, reference: Reference, root: str | None = None) -> Tri:
        """Whether what a reference points at certainly exists; `root` where several roots have the address."""
        if reference.presence is not None:
            return reference.presence
        if not isinstance(reference.value, Unknown):
            inner = reference.value
            return self.presence(inner, root) if isinstance(inner, Reference) else not is_nothing(inner)
        targets = self._anywhere(reference.address, root if root is not None else reference.value.symbol.split("|")[0])
        if not targets:
            # Terraform refuses code that names what is declared nowhere. So the target is declared in a file that was
            # not read: without an index it exists, with id, ARN and what its type gives to every resource.
            return True if reference.path in ("id", "arn") or self._given(reference) else maybe(reference.value)
        return tri_all(self._present(target, reference) for target in targets)

    def targets(self, reference: Reference, root: str) -> Sequence[Resource]:  # see the protocol in model/view
        return self.at(root, reference.address)

    def certainly_named(self, value: Value, by: Resource, kind: str) -> Sequence[Resource]:
        """The resources of a type that a value written in `by` certainly names."""
        if not self.resources(kind):
            return ()
        facts = self.catalog.type(kind)
        keys = facts.keys if facts is not None else (("id",), ("arn",))
        return [match.resource for match in self.named(value, by, kind, keys).matches if match.sure is True]

    def _anywhere(self, address: str, root: str) -> Sequence[Resource]:
        """What stands at an address in a root; where the root has nothing there, in any."""
        found = self.at(root, address)
        if found:
            return found
        if self._roots is None:
            self._roots = list(dict.fromkeys(resource.root for resource in self.inventory.resources))
        return [target for name in self._roots for target in self.at(name, address)]

    def _given(self, reference: Reference) -> bool:
        """Whether the named attribute is one that every resource of its type has."""
        steps = reference.address.split(".")
        if len(steps) < 2 or "[" in reference.address or not reference.path.isidentifier() or "data" in steps:
            return False
        facts = self.catalog.type(steps[-2])
        field = facts.root.field(reference.path) if facts is not None and facts.known else None
        return field is not None and not field.block and field.mode in ("r", "c")

    def _present(self, target: Resource, reference: Reference) -> Tri:
        if target.conditional is not None:
            return maybe(target.conditional)
        if not reference.path:
            return True
        assert isinstance(reference.value, Unknown)
        step = reference.path.partition(".")[0].partition("[")[0]
        if step in ("id", "arn"):
            return True
        facts = self._facts_of(target)
        field = facts.hidden.get(step) or facts.root.field(step) if facts.known else None
        if step in target.attributes:
            written = target.attributes[step]
            if not is_nothing(written):
                return True if not isinstance(written, Unknown) or written.not_null else maybe(written)
        if field is None:
            return maybe(reference.value)
        if field.mode in ("r", "c") or field.has_default:
            return True
        return False if field.mode == "o" and not field.block else maybe(reference.value)
