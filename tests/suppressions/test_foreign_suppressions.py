"""Other scanners' comments and annotations."""

from datetime import date
from typing import Any

import pytest
from suppression_support import comment, finding, resource, rule

from compliance_scan.model.resource import Resource
from compliance_scan.suppressions import Suppressions

AS_OF = date(2026, 11, 21)


def status(of: Resource, **equivalents: list[str]) -> tuple[str, str] | None:
    made = Suppressions(as_of=AS_OF).of(finding(of), rule(**equivalents))
    assert made is None or made.kind == "foreign"
    return None if made is None else (made.status, made.reason)


@pytest.mark.parametrize(
    ("text", "equivalents", "expected"),
    [
        ("checkov:skip=CKV_AWS_21:kept elsewhere", {"checkov": ["CKV_AWS_21"]}, ("accepted", "kept elsewhere")),
        ("bridgecrew:skip=CKV_AWS_20,CKV_AWS_21:why", {"checkov": ["CKV_AWS_21"]}, ("accepted", "why")),
        ("cortex:skip=CKV_AWS_21", {"checkov": ["CKV_AWS_21"]}, ("under_review", "(no reason given; checkov comment)")),
        ("checkov:skip=CKV_AWS_2:x", {"checkov": ["CKV_AWS_21"]}, None),
        ("trivy:ignore:AVD-AWS-0090", {"trivy": ["AWS-0090"]}, ("under_review", "(no reason given; trivy comment)")),
        ("trivy:ignore:AWS-0090 test data", {"trivy": ["AWS-0090"]}, ("accepted", "test data")),
        ("tfsec:ignore:aws-s3-x", {"tfsec": ["aws-s3-x"]}, ("under_review", "(no reason given; tfsec comment)")),
        ("trivy:ignore:AWS-0090:exp:2026-01-01 old", {"trivy": ["AWS-0090"]}, ("expired", "old")),
        ("trivy:ignore:AWS-0090:exp:2027-01-01 new", {"trivy": ["AWS-0090"]}, ("accepted", "new")),
        ("tfsec:ignore:* all", {"trivy": ["AWS-0090"]}, ("under_review", "all")),
        ("tfsec:ignore:* all", {"checkov": ["CKV_AWS_21"]}, None),
        ("kics-scan ignore-block", {"kics": ["a-b"]}, ("under_review", "(no reason given; kics comment)")),
        ("kics-scan disable=a-b", {"kics": ["a-b"]}, ("under_review", "(no reason given; kics comment)")),
        ("kics-scan ignore-line", {"kics": ["a-b"]}, ("under_review", "(no reason given; kics comment)")),
        ("ts:skip=AC_AWS_1 because", {"terrascan": ["AC_AWS_1"]}, ("accepted", "because")),
    ],
)
def test_comments(text: str, equivalents: dict[str, list[str]], expected: tuple[str, str] | None) -> None:
    assert status(resource(comment(text)), **equivalents) == expected


def test_a_line_that_is_ignored_is_that_line_alone() -> None:
    assert status(resource(comment("kics-scan ignore-line", line=3)), kics=["a-b"]) is None


def test_related_ids_do_not_count() -> None:
    judged = rule()
    judged.equivalents = {"checkov": {"same": [], "related": ["CKV_AWS_21"]}}
    of = resource(comment("checkov:skip=CKV_AWS_21:why"))
    assert Suppressions(as_of=AS_OF).of(finding(of), judged) is None


def test_not_wanted() -> None:
    of = resource(comment("checkov:skip=CKV_AWS_21:why"))
    assert Suppressions(as_of=AS_OF, use_foreign=False).of(finding(of), rule(checkov=["CKV_AWS_21"])) is None


@pytest.mark.parametrize(
    ("annotations", "equivalents", "expected"),
    [
        ({"checkov.io/skip1": "CKV_K8S_14=pinned"}, {"checkov": ["CKV_K8S_14"]}, ("accepted", "pinned")),
        ({"bridgecrew.io/skip1": "CKV_K8S_14=pinned"}, {"checkov": ["CKV_K8S_14"]}, ("accepted", "pinned")),
        (
            {"cortex.io/skip2": "CKV_K8S_14"},
            {"checkov": ["CKV_K8S_14"]},
            ("under_review", "(no reason given; checkov comment)"),
        ),
        ({"ignore-check.kube-linter.io/latest-tag": "why"}, {"kube_linter": ["latest-tag"]}, ("accepted", "why")),
        ({"kube-linter.io/ignore-all": "why"}, {"kube_linter": ["latest-tag"]}, ("under_review", "why")),
        (
            {"runterrascan.io/skip": '[{"rule": "AC_K8S_1", "comment": "why"}]'},
            {"terrascan": ["AC_K8S_1"]},
            ("accepted", "why"),
        ),
        ({"runterrascan.io/skip": "[" * 5000}, {"terrascan": ["AC_K8S_1"]}, None),
        ({"runterrascan.io/skip": "no json"}, {"terrascan": ["AC_K8S_1"]}, None),
    ],
)
def test_annotations(
    annotations: dict[str, str], equivalents: dict[str, list[str]], expected: tuple[str, str] | None
) -> None:
    written: dict[str, Any] = {"metadata": {"annotations": annotations}}
    assert status(resource(attributes=written), **equivalents) == expected
    template: dict[str, Any] = {"metadata": {}, "spec": {"template": {"metadata": {"annotations": annotations}}}}
    assert status(resource(attributes=template), **equivalents) == expected
