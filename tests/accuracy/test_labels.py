"""Our verdicts against labelled fixtures of a public scanner: they agree, or the disagreement is written down."""

import io
import json
import os
import sys
from collections import Counter, defaultdict
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.accuracy.scoring import Outcome, cases, same_checks, score

REPOSITORY = Path(__file__).resolve().parents[2]
CORPUS = REPOSITORY.parent / "shared" / "corpus"
DISAGREEMENTS = Path(__file__).with_name("disagreements.yaml")
AS_OF = "2026-11-21"
AGREEMENT = 0.985
WRITTEN_DOWN = 0.04
NAMED = 0.95

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the labelled fixtures, ../shared/corpus, are not here")


def scan(folder: Path, report: Path) -> list[dict[str, Any]]:
    """Every finding of a scan of a folder, passes included, as the report gives them."""
    from compliance_scan.cli import main

    report.unlink(missing_ok=True)
    flags = ["--root", str(folder), "--no-config", "--preview", "--allow-incomplete", "--quiet", "--verdicts", "all"]
    with redirect_stderr(io.StringIO()):
        code = main(["scan", str(folder), *flags, "--as-of", AS_OF, "-f", f"json={report}"])
    assert code in (0, 1, 3), f"the scan of {folder} ended with {code}"
    if code == 3:
        return []
    findings: list[dict[str, Any]] = json.loads(report.read_text())["findings"]
    return findings


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    from compliance_scan.ruleset import Ruleset

    checks = same_checks({rule.id: rule.equivalents for rule in Ruleset.open().all()}, "checkov")
    report = tmp_path_factory.mktemp("labels") / "report.json"
    scans: dict[str, list[dict[str, Any]]] = {}
    found: list[Outcome] = []
    for case in cases(CORPUS):
        if case.check not in checks:
            continue
        folder = CORPUS / case.path
        folder = folder if folder.is_dir() else folder.parent  # a plan lies beside its code
        if case.path not in scans:
            scans[case.path] = scan(folder, report)
        found.extend(score(case, scans[case.path], checks[case.check], folder))
    return found


@pytest.fixture(scope="session")
def disagreements() -> dict[str, str]:
    """Label to the reason why we differ."""
    listed = yaml.safe_load(DISAGREEMENTS.read_text()) or []
    return {entry["label"]: entry["reason"] for entry in listed}


def table(outcomes: list[Outcome], disagreements: dict[str, str]) -> str:
    """Per check: labels, agreeing, written down, differing; and each label that differs."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    lines = []
    for one in outcomes:
        kind = "agree" if one.agrees else "written down" if one.key in disagreements else "differ"
        rows[one.check][kind] += 1
        if kind == "differ":
            lines.append(f"  {one.key}: label {one.wanted}, ours {one.ours}")
    head = f"{'check':<14}{'labels':>8}{'agree':>8}{'written':>9}{'differ':>8}"
    body = [
        f"{check:<14}{sum(row.values()):>8}{row['agree']:>8}{row['written down']:>9}{row['differ']:>8}"
        for check, row in sorted(rows.items())
    ]
    return "\n".join([head, *body, "differing labels:", *lines])


def test_verdicts_agree_with_the_labels(outcomes: list[Outcome], disagreements: dict[str, str]) -> None:
    counted = [one for one in outcomes if one.key not in disagreements]
    agreeing = sum(one.agrees for one in counted)
    sys.stdout.write(f"\n{table(outcomes, disagreements)}\n{agreeing} of {len(counted)} labels agree\n")
    assert counted
    assert agreeing / len(counted) >= AGREEMENT


@pytest.mark.parametrize("target", ["terraform-aws", "kubernetes"])
def test_nearly_all_checks_are_named_as_the_same(target: str) -> None:
    from compliance_scan.ruleset import Ruleset

    named = same_checks({rule.id: rule.equivalents for rule in Ruleset.open().all()}, "checkov")
    checks = {line["check"] for line in labelled() if line["target"] == target}
    missing = sorted(checks - set(named))
    sys.stdout.write(f"\n{len(checks) - len(missing)} of {len(checks)} checks named; not: {', '.join(missing)}\n")
    assert checks
    assert len(missing) <= (1 - NAMED) * len(checks)


@pytest.mark.parametrize("target", ["terraform-aws", "kubernetes"])
def test_each_target_by_itself(target: str, outcomes: list[Outcome], disagreements: dict[str, str]) -> None:
    """The many labels of one must not hide the few of the other."""
    cases_ = {line["id"] for line in labelled() if line["target"] == target}
    ours = [one for one in outcomes if one.case in cases_]
    counted = [one for one in ours if one.key not in disagreements]
    agreeing = sum(one.agrees for one in counted)
    written_down = len(ours) - len(counted)
    sys.stdout.write(f"\n{target}: {agreeing} of {len(counted)} labels agree, {written_down} written down\n")
    assert counted
    assert agreeing / len(counted) >= AGREEMENT
    assert written_down <= WRITTEN_DOWN * len(ours)


def labelled() -> list[dict[str, Any]]:
    """The list of the fixtures as it stands."""
    return [json.loads(line) for line in (CORPUS / "cases.jsonl").read_text().splitlines()]


def test_no_false_pass(outcomes: list[Outcome], disagreements: dict[str, str]) -> None:
    assert [one.key for one in outcomes if one.false_pass and one.key not in disagreements] == []


def test_disagreements_are_few_real_and_have_reasons(outcomes: list[Outcome], disagreements: dict[str, str]) -> None:
    assert len(disagreements) <= WRITTEN_DOWN * len(outcomes)
    assert all(len(reason) > 30 for reason in disagreements.values())
    differing = {one.key for one in outcomes if not one.agrees}
    assert set(disagreements) <= differing, "these agree by now, or are no labels"


def test_the_corpus_is_only_read() -> None:
    assert not any(name.startswith(".compliance") for name in os.listdir(CORPUS))
