"""What we write is SARIF: by the published object model, by the published schema, by its own checker."""

from __future__ import annotations

import copy
import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import sarif_om

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from compliance_scan.formats._sarif.profiles import PROFILES

if TYPE_CHECKING:
    from pathlib import Path

    from compliance_scan.model.report import Report

# Which class of the object model stands under which key, by the class that holds it ("*": any).
HOLDS = {
    ("SarifLog", "runs"): "Run",
    ("Run", "tool"): "Tool",
    ("Run", "automationDetails"): "RunAutomationDetails",
    ("Run", "invocations"): "Invocation",
    ("Run", "versionControlProvenance"): "VersionControlDetails",
    ("Run", "taxonomies"): "ToolComponent",
    ("Run", "results"): "Result",
    ("Tool", "driver"): "ToolComponent",
    ("ToolComponent", "rules"): "ReportingDescriptor",
    ("ToolComponent", "notifications"): "ReportingDescriptor",
    ("ToolComponent", "taxa"): "ReportingDescriptor",
    ("ToolComponent", "supportedTaxonomies"): "ToolComponentReference",
    ("ReportingDescriptor", "relationships"): "ReportingDescriptorRelationship",
    ("ReportingDescriptor", "defaultConfiguration"): "ReportingConfiguration",
    ("*", "shortDescription"): "MultiformatMessageString",
    ("*", "fullDescription"): "MultiformatMessageString",
    ("*", "help"): "MultiformatMessageString",
    ("ReportingDescriptorRelationship", "target"): "ReportingDescriptorReference",
    ("ReportingDescriptorReference", "toolComponent"): "ToolComponentReference",
    ("Notification", "descriptor"): "ReportingDescriptorReference",
    ("Invocation", "toolExecutionNotifications"): "Notification",
    ("VersionControlDetails", "mappedTo"): "ArtifactLocation",
    ("Result", "taxa"): "ReportingDescriptorReference",
    ("Result", "suppressions"): "Suppression",
    ("Result", "fixes"): "Fix",
    ("Fix", "artifactChanges"): "ArtifactChange",
    ("ArtifactChange", "replacements"): "Replacement",
    ("Replacement", "deletedRegion"): "Region",
    ("Replacement", "insertedContent"): "ArtifactContent",
    ("*", "message"): "Message",
    ("*", "description"): "Message",
    ("*", "location"): "Location",
    ("*", "locations"): "Location",
    ("*", "relatedLocations"): "Location",
    ("Location", "physicalLocation"): "PhysicalLocation",
    ("Location", "logicalLocations"): "LogicalLocation",
    ("*", "artifactLocation"): "ArtifactLocation",
    ("PhysicalLocation", "region"): "Region",
    ("PhysicalLocation", "contextRegion"): "Region",
    ("Region", "snippet"): "ArtifactContent",
}
MAPS = {
    ("ReportingDescriptor", "messageStrings"): "MultiformatMessageString",
    ("Run", "originalUriBaseIds"): "ArtifactLocation",
}
FREE = {"properties", "fingerprints", "partialFingerprints"}
# sarif-om was made from a draft: it says `state` where the standard says `status`.
RENAMED = {("Suppression", "status"): "state"}


def read(name: str, value: Any) -> Any:
    """A JSON object as an object of sarif-om; fails on any key that the model does not have."""
    if isinstance(value, list):
        return [read(name, item) for item in value]
    assert isinstance(value, dict), (name, value)
    made = getattr(sarif_om, name)
    attributes = {field.metadata["schema_property_name"]: field.name for field in made.__attrs_attrs__}
    arguments = {}
    for key, item in value.items():
        attribute = attributes.get(RENAMED.get((name, key), key))
        assert attribute, f"{name} has no {key}"
        inner = HOLDS.get((name, key)) or HOLDS.get(("*", key))
        if (name, key) in MAPS:
            arguments[attribute] = {entry: read(MAPS[name, key], held) for entry, held in item.items()}
        elif inner and key not in FREE:
            arguments[attribute] = read(inner, item)
        else:
            assert key in FREE or not holds_objects(item), f"{name}.{key} is not in this test's table"
            arguments[attribute] = item
    return made(**arguments)


def holds_objects(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def back(value: Any, defaults: Any = None) -> Any:
    """An object of sarif-om as JSON, keys that the log did not have left out."""
    if isinstance(value, list):
        return [back(item) for item in value]
    if isinstance(value, dict):
        return {key: back(item) for key, item in value.items()}
    if not hasattr(value, "__attrs_attrs__"):
        return value
    names = {entry[1]: entry[0][1] for entry in zip(RENAMED, RENAMED.values(), strict=True)}
    made = {}
    for field in value.__attrs_attrs__:
        held = getattr(value, field.name)
        key = field.metadata["schema_property_name"]
        if type(value).__name__ == "Suppression":
            key = names.get(key, key)
        if held is not None:
            made[key] = back(held)
    return made


def without_defaults(made: Any, written: Any) -> Any:
    """The model fills in defaults (`kind`, `rank`, index -1 …); only what was written is compared."""
    if isinstance(made, list):
        return [without_defaults(a, b) for a, b in zip(made, written, strict=True)]
    if isinstance(made, dict):
        return {key: without_defaults(made[key], written[key]) for key in written}
    return made


def log(report: Report, profile: str) -> dict[str, Any]:
    out = io.StringIO()
    formats.load("sarif").write(report, out, FormatOptions(sarif_profile=profile))
    made: dict[str, Any] = json.loads(out.getvalue())
    return made


@pytest.fixture(
    params=["report", "empty_report", "hostile_report", "drifted_report", "bare", "compared", "below", "no_place"]
)
def any_report(request: pytest.FixtureRequest) -> Report:
    """Reports that exercise every branch of the writer."""
    name: str = request.param
    report: Report = request.getfixturevalue(name if name.endswith("report") else "report")
    if name == "bare":
        report["run"]["vcs"] = None
        report["frameworks"] = {}
        report["controls"] = []
    elif name == "compared":
        for number, finding in enumerate(report["findings"]):
            finding["baseline"] = ("new", "worsened", "unchanged", None)[number % 4]
    elif name == "below":
        report["run"].update({"root": "../..", "root_prefix": "envs/prod/"})
    elif name == "no_place":
        for finding in report["findings"]:
            finding.update({"location": None, "context": None, "snippet": None, "line_hash": None})
            finding["related"] = [{"message": "joined by name", "address": "arn:aws:x", "location": None}]
    return report


@pytest.mark.parametrize("profile", PROFILES)
def test_every_key_is_of_the_object_model(any_report: Report, profile: str) -> None:
    written = log(any_report, profile)
    schema = written.pop("$schema")
    made = read("SarifLog", {**written, "$schema": schema})
    assert without_defaults(back(made), written) == written


@pytest.mark.parametrize("profile", PROFILES)
def test_the_published_schema_holds(any_report: Report, profile: str, shared: Path) -> None:
    path = shared / "tools" / "sarif-schema-2.1.0.oasis.json"
    if not path.is_file():
        pytest.skip("the schema of OASIS is not in ../shared/tools")
    jsonschema.Draft4Validator(json.loads(path.read_text(encoding="utf-8"))).validate(log(any_report, profile))


def test_the_model_refuses_an_unknown_key() -> None:
    with pytest.raises(AssertionError, match="Result has no massage"):
        read("Result", {"message": {"text": "x"}, "massage": 1})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "profile", "kinds"),
    [
        ("report", "github", "Sarif;Ghas"),
        ("report", "gitlab", "Sarif;Ghas"),
        ("report", "full", "Sarif;Ghas"),
        ("report", "azure", "Sarif;Ado"),
        ("hostile_report", "github", "Sarif;Ghas"),
        ("hostile_report", "full", "Sarif;Ghas"),
        ("below", "github", "Sarif;Ghas"),
        ("below", "full", "Sarif;Ghas"),
        ("empty_report", "github", "Sarif;Ghas"),
    ],
)
def test_the_checker_finds_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, shared: Path, name: str, profile: str, kinds: str
) -> None:
    if not os.environ.get("SARIF_MULTITOOL"):
        pytest.skip("SARIF_MULTITOOL does not name the checker's program")
    report = copy.deepcopy(request.getfixturevalue("report" if name == "below" else name))
    if name == "below":
        report["run"].update({"root": "../..", "root_prefix": "envs/prod/"})
    file = tmp_path / "log.sarif"
    file.write_text(json.dumps(log(report, profile)), encoding="utf-8")
    script = shared / "tools" / "sarif_validate.py"
    done = subprocess.run(
        [sys.executable, str(script), "--examples", "--kinds", kinds, str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
