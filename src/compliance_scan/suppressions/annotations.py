"""Suppressions in the annotations of Kubernetes objects.

Ours: `compliance-scan/ignore` (and `compliance-scan/ignore-ANYTHING` for more), whose value is written like the
comment: `RULE[,RULE] until=2027-01-31 owner=team reason="why"`, one a line.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from compliance_scan.model.resource import header_of
from compliance_scan.model.value import Path, resolved
from compliance_scan.suppressions import foreign as comments
from compliance_scan.suppressions import inline
from compliance_scan.suppressions.directive import Directive

if TYPE_CHECKING:
    from compliance_scan.model.resource import Resource
    from compliance_scan.model.value import Value

PREFIX = "compliance-scan/ignore"
_PLACES: tuple[Path, ...] = (
    ("metadata", "annotations"),
    ("spec", "template", "metadata", "annotations"),
    ("spec", "jobTemplate", "spec", "template", "metadata", "annotations"),
)
_CHECKOV = ("checkov.io/skip", "bridgecrew.io/skip", "cortex.io/skip")
_MAX_JSON = 65_536


def ours(resource: "Resource") -> Iterator[Directive]:
    """The directives of our annotations on an object."""
    for path, key, value in _annotations(resource):
        if key == PREFIX or key.startswith(PREFIX + "-"):
            file, line = _place(resource, (*path, key))
            for each in value.splitlines():
                if each.strip():
                    yield from inline.body(each, file, line)


def foreign(resource: "Resource") -> Iterator[Directive]:
    """The directives of other tools' annotations on an object."""
    for path, key, value in _annotations(resource):
        file, line = _place(resource, (*path, key))
        if key.startswith(_CHECKOV):
            name, _, reason = value.partition("=")
            yield comments.make("checkov", name.strip(), reason, file, line)
        elif key.startswith("ignore-check.kube-linter.io/"):
            yield comments.make("kube-linter", key.partition("/")[2], value, file, line)
        elif key == "kube-linter.io/ignore-all":
            yield comments.make("kube-linter", "*", value, file, line)
        elif key == "runterrascan.io/skip":
            yield from _terrascan(value, file, line)


def _terrascan(value: str, file: str, line: int) -> Iterator[Directive]:
    import json

    try:
        items = json.loads(value) if len(value) <= _MAX_JSON else []
    except (ValueError, RecursionError):
        return
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and isinstance(item.get("rule"), str):
            yield comments.make("terrascan", item["rule"], str(item.get("comment") or ""), file, line)


def _annotations(resource: "Resource") -> Iterator[tuple[Path, str, str]]:
    if "metadata" not in resource.attributes:
        return
    for path in _PLACES:
        value: Value = None
        for depth, step in enumerate(path):
            holder = resource.attributes if depth == 0 else value
            if depth and not isinstance(holder, dict):
                value = None
                break
            value = resolved(holder[step]) if step in holder else None  # type: ignore[operator,index]
        if isinstance(value, dict):
            for key, text in value.items():
                plain = resolved(text)
                if isinstance(plain, str):
                    yield path, key, plain


def _place(resource: "Resource", path: Path) -> tuple[str, int]:
    span = resource.source.span_of(path) or header_of(resource)
    return span.file, span.line
