"""The JSON report, `schema_version` 1: the contract with every script, and all that a format may know.

Import these types under `TYPE_CHECKING` only: defining them costs start-up time and they vanish at run time. The same
contract as JSON Schema lies in `docs/schema/report.schema.json`; a test holds the two together.

Lines and columns count from 1, columns in characters, end columns are exclusive. Paths are relative to the working
directory, with `/`. Everything in here is plain JSON: no unknowns, no tuples, no secrets (values of sensitive
attributes are `"(sensitive)"`, those of the environment `"(environment)"`; source text of a line with a sensitive
value is masked alike).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    from compliance_scan.model.report_controls import ControlState, ControlStatus, FrameworkInfo, RuleEvidence
    from compliance_scan.model.report_live import Operation
    from compliance_scan.model.report_planes import Comparison, Drift, PlaneRow

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Severity: TypeAlias = Literal["critical", "high", "medium", "low", "info"]
Verdict: TypeAlias = Literal["pass", "fail", "unknown", "not_applicable"]
BaselineState: TypeAlias = Literal["new", "unchanged", "worsened", "absent"]


class Location(TypedDict):
    """A region of a file."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


class Context(TypedDict):
    """Whole source lines around a location: the only source text that a format has."""

    line: int
    """Number of the first line of `text`."""
    text: str
    """Lines joined with a line feed, none at the end; a few lines before and after, cut at some hundred characters a
    line by whoever builds the report."""


class Related(TypedDict):
    """Another place that belongs to a finding: where the value came from, a satellite, a further guilty item."""

    message: str
    address: str | None
    location: Location | None
    context: NotRequired[Context | None]


class Suppression(TypedDict):
    """Why a finding is not counted against the run; `expired` hides nothing."""

    kind: Literal["inline", "config", "foreign", "baseline", "yield"]
    reason: str
    owner: str | None
    until: str | None
    """ISO date."""
    where: str | None
    """`file:line` of the suppression itself."""
    status: Literal["accepted", "under_review", "expired"]


class Edit(TypedDict):
    """Replace a region by text; an insertion has equal ends."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Fix(TypedDict):
    """How to mend a finding; `safe` ones were evaluated again and proven."""

    description: str
    safe: bool
    edits: list[Edit]


class ReportResource(TypedDict):
    """The judged resource."""

    address: str
    root: str
    type: str
    plane: Literal["code", "plan", "state", "live"]
    arn: str | None
    account: str | None
    region: str | None
    conditional: bool


class ReportFinding(TypedDict):
    """What one rule instance says of one resource."""

    rule: str
    """Key in `Report.rules`."""
    instance: str
    code: str
    severity: Severity
    verdict: Verdict
    message: str
    """No trailing period; for people. Empty for a verdict without evidence."""
    message_id: str
    message_arguments: list[str]
    """What of the message is specific to this resource: each stands in `message` literally, in any order."""
    resource: ReportResource
    path: str
    expected: Json
    actual: Json
    guilty: str
    """Digest of the guilty items, empty where there are none."""
    location: Location | None
    """None only where the resource has no place at all (live, and no inventory file was written)."""
    context: Context | None
    """Lines around `location`, all of its own lines included; None where the text is not at hand or was not asked
    for."""
    snippet: str | None
    """The text of `location` alone."""
    line_hash: str | None
    """GitHub's `primaryLocationLineHash` of the location's line (`model.line_hash`), `hex:n`."""
    related: list[Related]
    unknown_cause: str | None
    unknown_detail: str | None
    """What exactly is not known, for people: `var.encrypted has no value`."""
    suppression: Suppression | None
    baseline: BaselineState | None
    """Set on all findings of a run that compared with a baseline, else on none."""
    fix: Fix | None
    fingerprint: str
    aliases: list[str]
    controls: dict[str, list[str]]
    """Framework to controls, selected frameworks only."""
    statements: list[str]


class Equivalents(TypedDict):
    """A peer's rules: `same` is the same requirement, `related` overlaps."""

    same: list[str]
    related: list[str]


class ReportRule(TypedDict):
    """A rule that the findings of the report name; others that were judged may stand here too."""

    code: str
    title: str
    severity: Severity
    status: Literal["stable", "preview"]
    why: str
    """Markdown, our words."""
    fix: str
    """Markdown: what to do, one or a few sentences."""
    help_uri: str
    objectives: list[str]
    controls: dict[str, list[str]]
    """Framework to controls, selected frameworks only."""
    equivalents: dict[str, Equivalents]


# `pass` is a keyword, so a key of that name needs the functional form.
Passes = TypedDict("Passes", {"pass": int})


class IncompleteEntry(TypedDict):
    """Something that exists but could not be read."""

    kind: Literal[
        "syntax_error",
        "file_unreadable",
        "outside_root",
        "limit_reached",
        "module_not_fetched",
        "chart_not_rendered",
        "denied",
        "throttled",
        "unsupported",
        "error",
    ]
    where: str
    message: str
    hint: str


class NotCovered(TypedDict):
    """Resources of a type that no rule reads."""

    type: str
    count: int
    reason: str


class SeverityCounts(TypedDict):
    """Failing findings by severity."""

    critical: int
    high: int
    medium: int
    low: int
    info: int


class Summary(Passes):
    """Counts of rule instance by resource over everything judged, whatever is shown."""

    files: int
    resources: int
    rules: int
    fail: int
    unknown: int
    not_applicable: int
    suppressed: int
    under_review: int
    """Of the suppressed, those that wait for a person's word."""
    open_by_severity: SeverityCounts
    """Fails that nothing suppresses."""
    evaluated_percent: float | None
    """None where nothing was judged."""
    compliance_percent: float | None


class ConfigNote(TypedDict):
    """A setting that a configuration file made."""

    key: str
    value: str
    file: str
    line: int
    weakens: bool
    """Whether it makes the scan report or refuse less."""


class UnusedSuppression(TypedDict):
    """A suppression that met no finding."""

    kind: Literal["inline", "config", "foreign", "baseline"]
    rule: str
    """Rule id as written, or a glob."""
    resource: str | None
    where: str
    """`file:line`."""
    reason: str


class VersionControl(TypedDict):
    """Read from `.git` without running git; never holds credentials of a remote."""

    repository: str | None
    """`https://host/owner/name` of the remote `origin` (ssh and scp forms rewritten), None without one."""
    revision: str | None
    """Commit, 40 or 64 hexadecimal digits."""
    branch: str | None


class Pipeline(TypedDict):
    """The Azure DevOps pipeline that runs the scan, from its own variables; only SARIF's profile azure asks for it."""

    organization: str
    project: str
    definition_id: int
    definition_name: str
    phase_id: str
    """A GUID."""
    phase_name: str
    build_id: int


class TrendPoint(TypedDict):
    """One recorded run of the same series."""

    started: str
    open_by_severity: dict[Severity, int]
    unknown: int
    compliance_percent: float | None
    frameworks: dict[str, dict[str, int]]
    """Framework to control status to how many."""


class Run(TypedDict):
    """How the report came about; the only part that differs between equal runs."""

    command: str
    started: str
    """RFC 3339 in UTC with `Z`."""
    seconds: float
    as_of: str
    targets: list[str]
    frameworks: list[str]
    account: str | None
    """The live account; of several the first."""
    accounts: list[str]
    regions: list[str]
    regions_disabled: list[str]
    operations: list[Operation]
    """How every operation on a live account ended; empty where none was called."""
    inventory: str | None
    """The inventory file that the findings' places are in."""
    config: list[ConfigNote]
    fail_on: Severity
    """Lowest severity that gives exit 1."""
    severity: Severity
    """Lowest severity reported."""
    exit_code: int
    exit_reason: str
    """Why that code, a sentence without the code: `2 findings at or above low`."""
    root: str
    """The repository root relative to the working directory: `.`, `..`, `sub`, `../other`."""
    root_prefix: str
    """The working directory below the root, `envs/prod/`; empty at the root itself and outside it."""
    vcs: VersionControl | None
    pipeline: Pipeline | None
    skipped: dict[str, int]
    """Reason to number of files or folders passed over without loss."""
    suppressions_unused: list[UnusedSuppression]
    actors_unread: NotRequired[list[str]]
    """Why it was not read who changed (some of) what drifted; there where something was in the way."""
    trend: NotRequired[list[TrendPoint]]
    """The runs of the series before this one, oldest first; there where a history is kept."""


class Tool(TypedDict):
    """What wrote the report."""

    name: str
    version: str
    information_uri: str
    """Home of the project; the same base as the rules' `help_uri`."""
    rules_digest: str


class GateControl(TypedDict):
    """A control whose status a plan would change."""

    framework: str
    control: str
    before: ControlState
    after: ControlState


class Gate(TypedDict):
    """What a plan would do."""

    controls: list[GateControl]
    newly_failing: list[ReportFinding]
    fixed: list[ReportFinding]
    touched: list[str]


class Report(TypedDict):
    """The whole report."""

    schema_version: Literal[1]
    tool: Tool
    run: Run
    summary: Summary
    frameworks: dict[str, FrameworkInfo]
    rules: dict[str, ReportRule]
    """Sorted by id; at least every rule that a finding names."""
    findings: list[ReportFinding]
    """Sorted by file, line, column, rule, address, instance."""
    controls: list[ControlStatus]
    planes: list[PlaneRow]
    drift: list[Drift]
    not_covered: list[NotCovered]
    incomplete: list[IncompleteEntry]
    gate: NotRequired[Gate]
    evidence: NotRequired[dict[str, RuleEvidence]]
    """Rule to what it said, of every rule with a verdict; there where a framework was selected."""
    comparison: NotRequired[Comparison]
