"""Evidence archives: what a run said and saw, in files whose hashes are written down, each run chained to the last.

A folder has one folder a run, `0001-20261121T080000Z` and on, with `report.json` (every verdict), `inventory.jsonl`
(the resources that were judged, secrets masked) and `manifest.json`: size and SHA-256 of each file, and the SHA-256 of
the manifest of the run before. Whoever writes the last hash down elsewhere can tell later that nothing was cut off.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.errors import UsageError

if TYPE_CHECKING:
    from compliance_scan.model.report import Report

MANIFEST = "manifest.json"
REPORT = "report.json"
INVENTORY = "inventory.jsonl"
LAST_INVENTORY = "last-inventory.jsonl"
"""Beside the runs: the inventory of the last audit that named no other, which its findings point into."""
SCHEMA_VERSION = 1
MAX_MANIFEST = 1024 * 1024
_RUN = re.compile(r"(\d{4,})-\d{8}T\d{6}Z\Z")


class Archived(NamedTuple):
    """A run that was archived."""

    folder: str
    head: str
    """SHA-256 of its manifest."""


class Checked(NamedTuple):
    """What `verify` says of an archive."""

    runs: int
    head: str
    """SHA-256 of the last manifest; empty where there is none."""
    problems: tuple[str, ...]


def archive(folder: str, report: "Report", resources: Iterable[Mapping[str, Any]]) -> Archived:
    """Writes a run into a folder, which is made where it is missing; raises `UsageError` where that cannot be done.

    `report` holds every verdict; of `resources` (lines of `inventory`) those are kept that some rule judged.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        number, previous = _last(folder)
        stamp = re.sub(r"[-:]", "", report["run"]["started"])
        made = os.path.join(folder, f"{number + 1:04}-{stamp}")
        os.mkdir(made)
        files = [_written(made, REPORT, _report_text(report)), _written(made, INVENTORY, _excerpt(report, resources))]
        manifest = {
            "schema_version": SCHEMA_VERSION,
            "run": number + 1,
            "command": report["run"]["command"],
            "started": report["run"]["started"],
            "as_of": report["run"]["as_of"],
            "targets": report["run"]["targets"],
            "frameworks": report["run"]["frameworks"],
            "tool": {key: report["tool"][key] for key in ("name", "version", "rules_digest")},
            "files": files,
            "previous": previous or None,
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=True) + "\n"
        return Archived(made, _written(made, MANIFEST, [text])["sha256"])
    except OSError as error:
        raise UsageError(f"the evidence cannot be written to {folder}: {error.strerror or error}") from error


def lines_of(inventory: str) -> Iterator[dict[str, Any]]:
    """The resources of an inventory file."""
    with open(inventory, encoding="utf-8") as handle:
        for line in handle:
            record = json.loads(line)
            if isinstance(record, dict) and "address" in record and "attributes" in record:
                yield record


def _report_text(report: "Report") -> Iterator[str]:
    yield json.dumps(report, ensure_ascii=True, indent=1)
    yield "\n"


def _excerpt(report: "Report", resources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    judged = [finding["resource"] for finding in report["findings"] if finding["verdict"] != "not_applicable"]
    places = {(resource["root"], resource["address"]) for resource in judged}
    arns = {resource["arn"] for resource in judged if resource["arn"]}  # beside code, a finding has the code's address
    for record in resources:
        if (record.get("root") or ".", record["address"]) in places or record.get("arn") in arns:
            yield json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n"


def _written(folder: str, name: str, chunks: Iterable[str]) -> dict[str, Any]:
    """Writes a new file, and gives its entry of the manifest."""
    digest, size = hashlib.sha256(), 0
    with open(os.path.join(folder, name), "xb") as handle:
        for chunk in chunks:
            data = chunk.encode("ascii")
            digest.update(data)
            size += len(data)
            handle.write(data)
    return {"name": name, "bytes": size, "sha256": digest.hexdigest()}


def _last(folder: str) -> tuple[int, str]:
    """Number and manifest's hash of the last run; (0, "") in an empty archive."""
    runs = runs_of(folder)
    if not runs:
        return 0, ""
    number, name = runs[-1]
    return number, _hash(os.path.join(folder, name, MANIFEST))


def runs_of(folder: str) -> list[tuple[int, str]]:
    """Number and name of each run's folder, in order."""
    found = [(int(match[1]), name) for name in os.listdir(folder) if (match := _RUN.match(name))]
    return sorted(found)


def is_archive(path: str) -> bool:
    """Whether a folder is an archive or one run of it."""
    return os.path.isdir(path) and (os.path.isfile(os.path.join(path, MANIFEST)) or bool(runs_of(path)))


def verify(path: str, expected: str | None = None) -> Checked:
    """Checks an archive, or one run of it: every file against its manifest, and in an archive each manifest against the
    one before. `expected`: a hash that was written down, which some run must have."""
    if os.path.isfile(os.path.join(path, MANIFEST)):
        problems, head, _ = _run(path, os.path.basename(os.path.abspath(path)))
        heads, count = {head}, 1
    else:
        problems, head, heads, count = [], "", set(), 0
        for number, name in runs_of(path):
            count += 1
            if number != count:
                problems.append(f"run {count} is missing")
                count = number
            found, own, manifest = _run(os.path.join(path, name), name)
            problems += found
            if manifest is not None and (manifest.get("previous") or "") != head:
                problems.append(f"{name} does not follow the run before it")
            if manifest is not None and manifest.get("run") != number:
                problems.append(f"{name} says that it is run {manifest.get('run')}")
            head = own
            heads.add(own)
    if expected is not None and expected.removeprefix("sha256:") not in heads:
        problems.append(f"no run has the hash {expected}: runs were taken away or changed")
    return Checked(count, head, tuple(problems))


def _run(folder: str, name: str) -> tuple[list[str], str, dict[str, Any] | None]:
    """What is wrong with one run, its manifest's hash and the manifest (None where it cannot be read)."""
    path = os.path.join(folder, MANIFEST)
    try:
        if os.path.getsize(path) > MAX_MANIFEST:
            return [f"{name}/{MANIFEST} is larger than a manifest"], "", None
        with open(path, "rb") as handle:
            data = handle.read()
        manifest = json.loads(data)
        files = {entry["name"]: (entry["bytes"], entry["sha256"]) for entry in manifest["files"]}
    except OSError as error:
        return [f"{name}/{MANIFEST} cannot be read: {error.strerror or error}"], "", None
    except (ValueError, KeyError, TypeError):
        return [f"{name}/{MANIFEST} is no manifest"], hashlib.sha256(data).hexdigest(), None
    problems = []
    for file, (size, digest) in files.items():
        place = os.path.join(folder, file)
        if os.path.basename(file) != file or not os.path.isfile(place):
            problems.append(f"{name}/{file} is missing")
        elif os.path.getsize(place) != size or _hash(place) != digest:
            problems.append(f"{name}/{file} was changed")
    extra = sorted(set(os.listdir(folder)) - set(files) - {MANIFEST})
    problems += [f"{name}/{file} is in no manifest" for file in extra]
    return problems, hashlib.sha256(data).hexdigest(), manifest


def _hash(path: str) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
