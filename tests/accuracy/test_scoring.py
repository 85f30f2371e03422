"""The scorer itself, on findings made by hand."""

from pathlib import Path
from typing import Any

import pytest

from tests.accuracy.scoring import Case, Outcome, matches, same_checks, score

FILE = """\
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket_acl" "a" {
  bucket = aws_s3_bucket.b.id
  acl    = "public-read"
}
data "aws_iam_policy_document" "d" {
}
"""


def finding(
    address: str, verdict: str, line: int = 1, file: str = "main.tf", related: tuple[str, ...] = (), rule: str = "r"
) -> dict[str, Any]:
    return {
        "rule": rule,
        "verdict": verdict,
        "resource": {"address": address, "root": "."},
        "location": {"file": file, "line": line},
        "related": [{"address": one, "location": None} for one in related],
        "suppression": None,
    }


def ours(tmp_path: Path, label: str, wanted: str, *findings: dict[str, Any]) -> str:
    (tmp_path / "main.tf").write_text(FILE)
    passing, failing = ((label,), ()) if wanted == "pass" else ((), (label,))
    (outcome,) = score(Case("i", "C", ".", passing, failing, 0), findings, ["r"], tmp_path)
    assert outcome.wanted == wanted
    return outcome.ours


@pytest.mark.parametrize(
    ("label", "findings", "verdict"),
    [
        ("aws_s3_bucket.b", [finding("aws_s3_bucket.b", "pass")], "pass"),
        ("aws_s3_bucket.b", [finding("aws_s3_bucket.b", "pass"), finding("aws_s3_bucket.b", "fail")], "fail"),
        ("aws_s3_bucket.b", [finding("aws_s3_bucket.b", "unknown"), finding("aws_s3_bucket.b", "pass")], "unknown"),
        ("aws_s3_bucket.b", [finding("aws_s3_bucket.b", "fail", rule="another")], "missing"),
        ("aws_s3_bucket.b", [finding("aws_s3_bucket.b", "not_applicable")], "not_applicable"),
        ("aws_s3_bucket_acl.a", [finding("aws_s3_bucket.b", "fail", line=4)], "fail"),
        ("aws_s3_bucket_acl.a", [finding("aws_s3_bucket.b", "fail", related=("aws_s3_bucket_acl.a",))], "fail"),
        ("aws_s3_bucket_acl.a", [finding("aws_s3_bucket.b", "fail", line=1)], "pass"),
        ("aws_s3_bucket_acl.a", [finding("aws_s3_bucket.b", "pass", line=1)], "pass"),
        ("aws_s3_bucket_acl.a", [finding("aws_s3_bucket.other", "pass", line=1)], "missing"),
        ("aws_iam_policy_document.d", [finding("data.aws_iam_policy_document.d", "fail", line=6)], "fail"),
    ],
)
def test_a_label_is_met_by_address_by_place_or_by_name(
    label: str, findings: list[dict[str, Any]], verdict: str, tmp_path: Path
) -> None:
    assert ours(tmp_path, label, "pass", *findings) == verdict


def test_numbers_count_failing_objects(tmp_path: Path) -> None:
    case = Case("i", "C", ".", (), (), 1)
    found = [finding("a", "fail"), finding("b", "pass"), finding("a", "fail")]
    assert [one.agrees for one in score(case, found, ["r"], tmp_path)] == [True]
    assert [one.agrees for one in score(case, [*found, finding("c", "fail")], ["r"], tmp_path)] == [False]


def test_files_named_for_their_verdict_are_held_to_it(tmp_path: Path) -> None:
    case = Case("i", "C", ".", (), (), 3)
    found = [finding("a", "fail", file="x-FAILED.yaml"), finding("b", "pass", file="x-PASSED.yaml")]
    assert [one.agrees for one in score(case, found, ["r"], tmp_path)] == [True]
    found.append(finding("c", "pass", file="x-FAILED-2.yaml"))
    assert [one.agrees for one in score(case, found, ["r"], tmp_path)] == [False]


@pytest.mark.parametrize(
    ("label", "address", "same"),
    [
        ("Pod.default.p", "Pod/p", True),
        ("Pod.prod.p", "Pod/prod/p", True),
        ("Deployment.prod.api", "apps/Deployment/prod/api", True),
        ("ClusterRoleBinding.default.c", "rbac.authorization.k8s.io/ClusterRoleBinding/c", True),
        ("Pod.prod.p", "Pod/test/p", False),
        ("Pod.prod.api.app-api", "apps/Deployment/prod/api", True),
        ("Pod.prod.api", "apps/Deployment/prod/worker", False),
        ("Deployment.default.api", "apps/Deployment/-/api", True),
        ("aws_lb.a", "aws_lb.b", False),
    ],
)
def test_addresses_of_objects(label: str, address: str, same: bool) -> None:
    assert matches(label, address) is same


def test_only_same_checks_count_and_a_false_pass_is_seen() -> None:
    assert same_checks({"r": {"checkov": {"same": ["A"], "related": ["B"]}}}, "checkov") == {"A": ["r"]}
    assert Outcome("i", "A", "a", "fail", "pass").false_pass
    assert not Outcome("i", "A", "a", "fail", "unknown").false_pass


def test_one_address_in_two_roots_may_have_two_labels(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(FILE)
    case = Case("i", "C", ".", ("aws_s3_bucket.b",), ("aws_s3_bucket.b",), 0)
    here, there = finding("aws_s3_bucket.b", "fail"), finding("aws_s3_bucket.b", "pass")
    there["resource"]["root"] = "other"
    assert [one.agrees for one in score(case, [here, there], ["r"], tmp_path)] == [True, True]
    assert [one.agrees for one in score(case, [here], ["r"], tmp_path)] == [False, True]


def test_what_a_fixture_skips_is_not_counted(tmp_path: Path) -> None:
    skipped = finding("a", "fail") | {"suppression": {"kind": "foreign"}}
    case = Case("i", "C", ".", (), (), 0)
    assert [one.agrees for one in score(case, [skipped], ["r"], tmp_path)] == [True]
