"""What an editor asks of one file: its findings, judged in the light of whatever reaches it, and their fixes."""

import os
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from compliance_scan import scan
from compliance_scan.errors import ScanError
from compliance_scan.workspace import Workspace

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.edits import TextEdit
    from compliance_scan.model.finding import Finding
    from compliance_scan.model.report import Report, ReportFinding


class Note(NamedTuple):
    """Something that keeps a file from being judged, at a line of it (from 1)."""

    line: int
    message: str


class Analysis:
    """The last look at one file."""

    def __init__(self, path: str, texts: Mapping[str, bytes]) -> None:
        """`path`: absolute. `texts`: absolute paths of what is open in the editor, with what stands there."""
        self.path = os.path.realpath(path)
        self.root = Workspace.find_root(self.path)
        self.file = os.path.relpath(self.path, self.root).replace(os.sep, "/")
        self.findings: list[ReportFinding] = []
        self.notes: list[Note] = []
        self.report: Report | None = None
        inside = self.root + os.sep
        overlay = {
            os.path.relpath(name, self.root).replace(os.sep, "/"): data
            for name, data in texts.items()
            if name.startswith(inside)
        }
        self.request = scan.Request(
            root=self.root,
            targets=[self.file],
            folder=self.root,
            command="lsp",
            as_of=date.today(),  # noqa: DTZ011 - the user's own day
            changed=True,
            overlay=overlay,
            environment={},
        )

    def run(self) -> "Analysis":
        """Judges; what goes wrong is a note on the first line."""
        try:
            self.request = _configured(self.request)
            self.report = scan.scan(self.request).report
        except ScanError as error:
            self.notes.append(Note(1, error.message))
            return self
        for finding in self.report["findings"]:
            place, hidden = finding["location"], finding["suppression"]
            if place is None or place["file"] != self.file or (hidden is not None and hidden["status"] != "expired"):
                continue
            if finding["verdict"] == "fail":
                self.findings.append(finding)
        for entry in self.report["incomplete"]:
            file, _, line = entry["where"].partition(":")
            if file == self.file:
                self.notes.append(Note(int(line) if line.isdigit() else 1, entry["message"]))
        return self

    def finding(self, fingerprint: str) -> "ReportFinding | None":
        """A finding of the last look."""
        return next((each for each in self.findings if each["fingerprint"] == fingerprint), None)

    def fix(self, fingerprint: str) -> "tuple[str, list[TextEdit]] | None":
        """The edits that mend a finding, judged again; None where there are none."""
        from compliance_scan.choice import Choice
        from compliance_scan.fix import prove

        with scan.batch():
            loaded = scan.load(self.request)
            choice = Choice(self.request, loaded)
            found: list[Finding] = scan.judge(choice.instances, loaded)
            fixes = prove(self.request, loaded, choice, found, only={fingerprint})
        proven = next((each for each in fixes.proven if each.fingerprint == fingerprint), None)
        return None if proven is None else (proven.description, list(proven.edits))


def _configured(request: scan.Request) -> scan.Request:
    """The request with what the repository's own configuration says; raises `ConfigError`."""

    from compliance_scan import config as configuration

    path = configuration.find_config(request.root)
    if path is None:
        return request
    settled = configuration.read_config(path, request.root)

    def choose(key: str, default: object = None) -> "object":
        return configuration.choose(key, {}, settled, default)

    listed = settled.entries.get("suppressions")
    return request._replace(
        rules=choose("rule", ()),  # type: ignore[arg-type]
        skip=choose("skip_rule", ()),  # type: ignore[arg-type]
        frameworks=choose("framework", ()),  # type: ignore[arg-type]
        profile=choose("profile"),  # type: ignore[arg-type]
        severity=choose("severity"),  # type: ignore[arg-type]
        exclude=choose("exclude", ()),  # type: ignore[arg-type]
        var_files=choose("var_file", ()),  # type: ignore[arg-type]
        suppressions=choose("suppressions", ()),  # type: ignore[arg-type]
        suppressions_file=listed.file if listed is not None else "",
    )
