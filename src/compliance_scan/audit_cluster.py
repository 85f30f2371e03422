"""The audit of a live cluster: list what the selected rules read, judge it as manifests are judged, report.

choose the rules -> work out which lists they need -> list -> evaluate (unknown where a list is not there)
"""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from compliance_scan.audit import Collected as Source
from compliance_scan.audit import Wanted, missed, report_of
from compliance_scan.choice import Choice
from compliance_scan.evaluate import evaluate
from compliance_scan.inputs.kubernetes.cluster import Collected, Server, collect
from compliance_scan.inputs.kubernetes.wanted import Needs, needs, role
from compliance_scan.model.coverage import Coverage
from compliance_scan.model.finding import Finding
from compliance_scan.model.live import NOWHERE
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.value import Unknown
from compliance_scan.reads import Reads
from compliance_scan.scan import Request, Result, batch
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.identity import fingerprints
from compliance_scan.shape.world import World

if TYPE_CHECKING:
    from compliance_scan.errors import Incomplete
    from compliance_scan.model.report_live import Operation
    from compliance_scan.model.rule import Instance


def wanted_of(request: Request) -> tuple[Wanted, dict[str, Needs]]:
    """The rules of a run that judge clusters, and what each needs by its instance's name."""
    catalog = Catalog.open()
    choice = Choice(request, None)
    choice.instances = [
        each for each in choice.instances if each.rule.provider == "kubernetes" and "live" in each.rule.planes
    ]
    wanted = Wanted(choice=choice, catalog=catalog, reads=Reads(catalog), streamed=frozenset())
    return wanted, {each.name: needs(each, catalog) for each in choice.instances}


def permissions(request: Request) -> dict[str, Any]:
    """The cluster role that an audit with the same rules needs."""
    _, needed = wanted_of(request)
    return role(kind for each in needed.values() for kind in (*each.subjects, *each.others))


def audit_cluster(request: Request, server: Server) -> Result:
    """Lists, judges and reports; raises `ScanError` for what the user has to mend."""
    started = time.time()
    with batch():
        wanted, needed = wanted_of(request)
        found = collect(server, (kind for each in needed.values() for kind in (*each.subjects, *each.others)))
        judging = _Judging(request, wanted, needed, _Source(server.name, found))
        judging.run(found)
        made = report_of(judging, [f"kubernetes:{server.name}"], started)
    return Result(made, frozenset(each.rule.id for each in wanted.choice.instances))


class _Source:
    """What was collected, as the report asks for it."""

    def __init__(self, name: str, found: Collected) -> None:
        self.coverage = Coverage()
        self.coverage.places[name] = ()
        self.disabled: Sequence[str] = ()
        self.inventory: str | None = None
        self._name = name
        self._found = found

    def resources(self) -> Iterator[Resource]:
        """All objects."""
        return iter(self._found.resources)

    def incomplete(self) -> "list[Incomplete]":
        """What could not be listed."""
        return self._found.incomplete

    def operations(self) -> "list[Operation]":
        """How each list ended."""
        return [
            {"operation": name, "account": self._name, "region": "", "counts": {status: 1}, "failures": []}
            for name, status in sorted(self._found.calls.items())
        ]


class _Judging:
    """The findings of a cluster."""

    def __init__(self, request: Request, wanted: Wanted, needed: dict[str, Needs], source: _Source) -> None:
        self.request = request
        self.wanted = wanted
        self.source: Source = source
        self.notes: list[Incomplete] = []
        self.findings: list[Finding] = []
        self.seen = 0
        self._needed = needed

    def run(self, found: Collected) -> None:
        """Judges everything into `findings`."""
        self.seen = len(found.resources)
        world = World(Inventory(resources=found.resources), self.wanted.catalog, as_of=self.request.as_of)
        instances = self.wanted.choice.instances
        for finding in evaluate(instances, world, notes=self.notes):
            cause = self._missing(finding.instance, found)
            judged = finding if cause is None or finding.verdict == "not_applicable" else _unknown(finding, cause)
            self.findings.append(_named(judged))
        for instance in instances:
            self.findings += (_named(each) for each in self._unlisted(instance, found))
        self.findings += missed(self)
        self.findings.sort(key=lambda each: (each.resource.address, each.rule, each.instance))

    def _missing(self, instance: str, found: Collected) -> Unknown | None:
        """Why a rule's verdicts are not known: a list that they hang on is not whole."""
        return next(
            (found.failed[kind] for kind in sorted(self._needed[instance].others) if kind in found.failed), None
        )

    def _unlisted(self, instance: "Instance", found: Collected) -> Iterator[Finding]:
        """A finding for each kind that a rule judges and whose list is not there."""
        for kind in sorted(self._needed[instance.name].subjects):
            if kind in found.failed:
                (name,) = self.source.coverage.places
                resource = Resource(
                    address=f"{kind}@{name}",
                    type=kind,
                    root=".",
                    plane="live",
                    attributes={},
                    source=NOWHERE,
                    account=name,
                )
                yield Finding(
                    rule=instance.rule.id,
                    instance=instance.name,
                    resource=resource,
                    verdict="unknown",
                    cause=found.failed[kind],
                )


def _unknown(finding: Finding, cause: Unknown) -> Finding:
    return finding._replace(verdict="unknown", cause=cause, evidence=(), guilty="")


def _named(finding: Finding) -> Finding:
    own, others = fingerprints(finding.rule, finding.instance, finding.resource)
    return finding._replace(fingerprint=own, aliases=others)
