"""Resources grouped over the planes, and for each rule what the planes say of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from compliance_scan.model.finding import Finding, Verdict
from compliance_scan.model.resource import Resource
from compliance_scan.planes.meaning import Missing, Told, meaning

if TYPE_CHECKING:
    from compliance_scan.planes.join import Joined

Verdicts = Mapping[Resource, Mapping[str, Finding]]
"""Resource to rule instance to finding."""


class Group(NamedTuple):
    """One resource on the planes on which it was met."""

    declared: Resource | None
    """Of the code, or of the plan that stands for it."""
    state: Resource | None
    live: Resource | None
    by: str | None
    """How the live one was found."""
    why: str = ""
    """Why it was not found although it may be there."""

    @property
    def first(self) -> Resource:
        """Whose address stands for the group."""
        found = self.declared or self.state or self.live
        assert found is not None
        return found

    @property
    def said(self) -> Resource | None:
        """What declares it, the code before the state."""
        return self.declared or self.state


class Row(NamedTuple):
    """One rule instance on one resource over the planes."""

    group: Group
    instance: str
    rule: str
    code: Verdict | None
    plan: Verdict | None
    state: Verdict | None
    live: Verdict | None
    told: Told

    @property
    def declared(self) -> Verdict | None:
        """The verdict of what is declared."""
        return self.plan or self.code or self.state


def groups(joined: "Joined", twins: Mapping[Resource, Resource], unsure: Mapping[Resource, str]) -> list[Group]:
    """All resources, once each. `twins`: declared resource to the state's. `unsure`: why a resource without a live one
    may have one all the same (its list was denied, its type is not collected)."""
    live = {pair.declared: (pair.live, pair.by) for pair in joined.pairs}
    doubts = {each.declared: each.why for each in joined.ambiguous} | dict(unsure)
    has_code = set(twins.values())
    found = []
    for resource in dict.fromkeys([*live, *joined.missing, *(each.declared for each in joined.ambiguous)]):
        if resource.plane == "state" and resource in has_code:
            continue
        theirs, by = live.get(resource, (None, None))
        is_state = resource.plane == "state"
        state = resource if is_state else twins.get(resource)
        found.append(Group(None if is_state else resource, state, theirs, by, doubts.get(resource, "")))
    found += [Group(None, None, resource, None) for resource in joined.unmanaged]
    return found


def by_resource(findings: Iterable[Finding]) -> dict[Resource, dict[str, Finding]]:
    """Findings by what they judge."""
    table: dict[Resource, dict[str, Finding]] = {}
    for finding in findings:
        table.setdefault(finding.resource, {})[finding.instance] = finding
    return table


def rows(all_groups: Sequence[Group], verdicts: Verdicts, *, has_declared: bool) -> Iterator[Row]:
    """Every rule instance that speaks of a group on any plane. `has_declared`: code, plan or state was read at all."""
    for group in all_groups:
        tables = [
            verdicts.get(each, {}) if each is not None else {} for each in (group.declared, group.state, group.live)
        ]
        instances = {name: finding.rule for table in tables for name, finding in table.items()}
        for instance in sorted(instances):
            said, state, live = (table[instance].verdict if instance in table else None for table in tables)
            missing: Missing = ""
            if group.live is None and not group.why:
                missing = "live"
            elif group.said is None and has_declared:
                missing = "declared"
            told = meaning(declared=said, state=state, live=live, missing=missing)
            if group.why and group.live is None:
                told = Told("cannot_tell", group.why)
            plan = said if group.declared is not None and group.declared.plane == "plan" else None
            code = said if plan is None else None
            yield Row(group, instance, instances[instance], code, plan, state, live, told)
