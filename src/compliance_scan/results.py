"""The use case of `report`: saved results as one report.

read -> rules and frameworks for other tools' results -> merge -> compare -> exit code
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from compliance_scan import merge, saved
from compliance_scan.errors import UsageError
from compliance_scan.ruleset import Ruleset

if TYPE_CHECKING:
    from compliance_scan.model.report import Report, Severity


class Request(NamedTuple):
    """What the user asks for."""

    files: Sequence[str]
    compare: str | None = None
    frameworks: Sequence[str] = ()
    rule_folders: Sequence[str] = ()
    fail_on: "Severity | None" = None
    allow_incomplete: bool = False


def report(request: Request) -> merge.Merged:
    """The one report; raises `ScanError` for what the user has to mend."""
    if [*request.files, request.compare].count(saved.STDIN) > 1:
        raise UsageError("standard input can be read once only")
    ruleset = Ruleset.open(request.rule_folders)
    frameworks = _resolved(request.frameworks)
    found = [(name, saved.read(name, ruleset, frameworks)) for name in request.files]
    wanted = list(dict.fromkeys([*frameworks, *_selected(found)]))
    if wanted != frameworks:  # the controls of our own reports are those of the others' results too
        found = [
            (name, each if _is_own(each) else saved.read(name, ruleset, wanted) if name != saved.STDIN else each)
            for name, each in found
        ]
    made = _one([one for _, each in found for one in each], request)
    if request.compare is None:
        return made
    from compliance_scan.comparison import compare

    old = _one(saved.read(request.compare, ruleset, wanted), request).report
    compared = compare(made.report, old, request.compare)
    merge.settle(compared, [made.report], fail_on=request.fail_on, allow_incomplete=request.allow_incomplete)
    return made._replace(report=compared)


def _one(reports: "Sequence[Report]", request: Request) -> merge.Merged:
    """The reports as one; a single report stays as it is."""
    if len(reports) > 1:
        return merge.merge(reports, fail_on=request.fail_on, allow_incomplete=request.allow_incomplete)
    if request.fail_on is not None or request.allow_incomplete:
        merge.settle(reports[0], reports, fail_on=request.fail_on, allow_incomplete=request.allow_incomplete)
    return merge.Merged(reports[0], 0, 0)


def _resolved(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    from compliance_scan.frameworks import Frameworks

    known = Frameworks.open()
    return list(dict.fromkeys(known.resolve(name) for name in names))


def _selected(found: "Sequence[tuple[str, Sequence[Report]]]") -> list[str]:
    return [name for _, reports in found for each in reports for name in each["run"]["frameworks"]]


def _is_own(reports: "Sequence[Report]") -> bool:
    return all(each["run"]["command"] != "report" for each in reports)
