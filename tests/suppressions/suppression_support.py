"""Findings and rules for tests of suppressions."""

from typing import Any

from compliance_scan.model.finding import Evidence, Finding
from compliance_scan.model.resource import Comment, Origin, Resource, Span
from compliance_scan.model.rule import Rule
from compliance_scan.model.value import Path

HEADER = Span("main.tf", 10, 1, 10, 20)


class Source:
    """A source with comments."""

    def __init__(self, *comments: Comment, header: Span = HEADER) -> None:
        self.header = self.span = header
        self._comments = comments

    def span_of(self, path: Path) -> Span | None:
        return None

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        return ()

    def comments(self) -> tuple[Comment, ...]:
        return self._comments

    def text(self, span: Span) -> str:
        return ""


def comment(text: str, line: int = 9) -> Comment:
    return Comment(text, line, "main.tf", inside=False)


def resource(*comments: Comment, address: str = "aws_s3_bucket.logs", **more: Any) -> Resource:
    settings: dict[str, Any] = {"type": "aws_s3_bucket", "root": ".", "plane": "code", "attributes": {}, **more}
    return Resource(address=address, source=Source(*comments), **settings)


def rule(name: str = "aws-s3-bucket-versioning", /, **equivalents: list[str]) -> Rule:
    return Rule(
        {
            "id": name,
            "code": "CMP2001",
            "title": "Buckets keep versions",
            "severity": "medium",
            "status": "stable",
            "planes": ["code"],
            "resource": ["aws_s3_bucket"],
            "when": None,
            "assert": ["all", []],
            "parameters": {},
            "objectives": [],
            "equivalents": {peer.replace("_", "-"): {"same": ids, "related": []} for peer, ids in equivalents.items()},
        }
    )


def finding(of: Resource, name: str = "aws-s3-bucket-versioning", *evidence: Evidence, **more: Any) -> Finding:
    return Finding(rule=name, instance=name, resource=of, verdict="fail", evidence=evidence, **more)
