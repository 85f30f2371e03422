"""Small hostile but valid inputs whose truth was reasoned out from what Terraform, AWS and Kubernetes do.

A file of `cases/` holds many: `### name`, then `#= rule address verdict` lines, then the text; `#@ path` starts a file
of its own (else `main.tf`, or `manifest.yaml` where the file of cases is called so).
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.redteam.redteam_world import verdicts

CASES = Path(__file__).parent / "cases"


class Case(NamedTuple):
    """One input with the verdicts that are true of it."""

    name: str
    files: dict[str, str]
    expected: tuple[tuple[str, str, str], ...]


def read_cases(path: Path) -> list[Case]:
    """The cases of a file."""
    default = "manifest.yaml" if path.stem.startswith("kubernetes") else "main.tf"
    found: list[Case] = []
    for part in path.read_text("utf-8").split("### ")[1:]:
        name, _, rest = part.partition("\n")
        files: dict[str, str] = {}
        expected = []
        current = default
        for line in rest.splitlines():
            if line.startswith("#= "):
                rule, address, verdict = line[3:].split()
                expected.append((rule, address, verdict))
            elif line.startswith("#@ "):
                current = line[3:].strip()
            else:
                files[current] = files.get(current, "") + line + "\n"
        found.append(Case(name.strip(), {k: v for k, v in files.items() if v.strip()}, tuple(expected)))
    return found


ALL = [(path.stem, case) for path in sorted(CASES.glob("*.cases")) for case in read_cases(path)]


@pytest.mark.parametrize(("area", "case"), ALL, ids=[f"{area}: {case.name}" for area, case in ALL])
def test_verdict_is_the_truth(area: str, case: Case) -> None:
    assert case.expected, f"{area} says nothing of {case.name}"
    found = verdicts(case.files, {rule for rule, _address, _verdict in case.expected})
    said = {(rule, address): found.get((rule, address), "not judged") for rule, address, _verdict in case.expected}
    assert said == {(rule, address): verdict for rule, address, verdict in case.expected}
