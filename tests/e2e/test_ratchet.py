"""A baseline only ever gets smaller by `--prune`: what was mended fails when it comes back."""

import json
from pathlib import Path

from e2e_support import ADMIN, CLOSED_GROUP, OPEN_GROUP, Command

BASELINE = ".compliance-scan-baseline.json"


def accepted(folder: Path) -> list[str]:
    return [each["address"] for each in json.loads((folder / BASELINE).read_text())["findings"]]


def test_the_ratchet(scan_folder: Path, command: Command) -> None:
    old, other = OPEN_GROUP.replace("web", "old"), OPEN_GROUP.replace("web", "other")
    (scan_folder / "main.tf").write_text(old + other)
    assert command("baseline", "--rule", ADMIN).code == 0
    assert accepted(scan_folder) == ["aws_security_group.old", "aws_security_group.other"]

    (scan_folder / "main.tf").write_text(CLOSED_GROUP.replace("web", "old") + other + OPEN_GROUP)
    scan = command("scan", "--rule", ADMIN, "--baseline", BASELINE)
    assert scan.code == 1
    assert "Gone since the baseline: 1 finding; `baseline --prune` counts it down" in scan.out
    assert "aws_security_group.web" in scan.out

    pruned = command("baseline", "--prune", "--rule", ADMIN)
    assert pruned.code == 0
    assert pruned.err == f"took 1 finding that is gone out of {BASELINE}; 1 stay, 1 new or worse were not added\n"
    assert accepted(scan_folder) == ["aws_security_group.other"]

    (scan_folder / "main.tf").write_text(old + other)
    again = command("scan", "--rule", ADMIN, "--baseline", BASELINE, "-q")
    assert again.code == 1
    assert "aws_security_group.old" in again.out
    assert "aws_security_group.other" not in again.out


def test_what_another_run_accepted_stays(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(OPEN_GROUP)
    command("baseline")
    before = accepted(scan_folder)
    assert command("baseline", "--prune", "--rule", ADMIN).code == 0
    assert accepted(scan_folder) == before


def test_nothing_is_pruned_on_half_a_picture(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(OPEN_GROUP)
    command("baseline")
    text = (scan_folder / BASELINE).read_text()
    (scan_folder / "main.tf").write_text("resource {{{\n")
    assert command("baseline", "--prune").code == 4
    assert (scan_folder / BASELINE).read_text() == text


def test_there_must_be_one(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(OPEN_GROUP)
    done = command("baseline", "--prune")
    assert done.code == 2
    assert "there is no baseline .compliance-scan-baseline.json to prune" in done.err
