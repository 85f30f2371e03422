"""Data sources whose answers follow from what is written."""

import posixpath
from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.evaluate import evaluate
from compliance_scan.inputs.terraform.providers import ProviderConfig, provider_name
from compliance_scan.inputs.terraform.scope import Result
from compliance_scan.inputs.terraform.values import (
    NO_MARKS,
    EvalError,
    MapVal,
    ObjectVal,
    TfValue,
    marked,
    unmarked,
    unmarked_deep,
)
from compliance_scan.model.value import Reference, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_scan.inputs.terraform.nodes import ResourceInstance


def known_value(source: "ResourceInstance", name: str) -> TfValue | None:
    """An attribute that is not written but follows; None where only the provider knows."""
    work = _KNOWN.get((source.block.labels[0], name))
    value = None if work is None else work(source)
    if value is None or not source.owner.program.has_marks:
        return value
    marks: frozenset[str] = NO_MARKS
    for each in source.names():
        written = source.written(each)
        if written is not None:
            marks |= unmarked_deep(written)[1]
    return marked(value, marks)


def _policy(source: "ResourceInstance") -> TfValue | None:
    from compliance_scan.inputs.terraform.policy_document import render

    return render(source)


def _region(source: "ResourceInstance") -> TfValue | None:
    config = source.owner.config(provider_name(source.block))
    return config.region() if isinstance(config, ProviderConfig) else None


def _partition(source: "ResourceInstance") -> TfValue | None:
    region = _region(source)
    if not isinstance(region, str):
        return None
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else None if "-iso" in region else "aws"


def _dns_suffix(source: "ResourceInstance") -> TfValue | None:
    partition = _partition(source)
    if partition is None:
        return None
    return "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"


class _Variables:
    """The scope of a `template_file`: its `vars` alone."""

    def __init__(self, source: "ResourceInstance", values: dict[str, TfValue]) -> None:
        self._values = values
        self._source = source
        self.root = source.owner.root
        self.module = source.owner.module
        self.folder = source.owner.folder

    def name(self, name: str) -> Result:
        """One of the variables; raises `EvalError` for any other name."""
        if name not in self._values:
            raise EvalError(f"{name} is not among the template's vars")
        return self._values[name]

    def read_file(self, path: str) -> bytes | None:
        """See `Scope`."""
        return self._source.owner.read_file(path)


def _template(source: "ResourceInstance") -> TfValue | None:
    from compliance_scan.inputs.terraform.syntax import parse_template
    from compliance_scan.inputs.terraform.syntax_lex import SyntaxIssue

    text = _bare(source.written("template"))
    given = _bare(source.written("vars"))
    if not isinstance(text, str):
        return text if isinstance(text, Unknown) else None
    values = dict(given.items) if isinstance(given, MapVal | ObjectVal) else {}
    try:
        return evaluate(parse_template(source.address, text), _Variables(source, values))
    except (EvalError, SyntaxIssue) as error:
        return Unknown("error", f"{source.address}: {error.message}")


def _local_file(source: "ResourceInstance") -> TfValue | None:
    name = _bare(source.written("filename"))
    if not isinstance(name, str) or posixpath.isabs(name):
        return None
    data = source.owner.read_file(name)
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _bare(value: TfValue | None) -> TfValue | None:
    while value is not None:
        value, _ = unmarked(value)
        if not isinstance(value, Reference):
            break
        value = value.value  # type: ignore[assignment]
    return value


_KNOWN: "dict[tuple[str, str], Callable[[ResourceInstance], TfValue | None]]" = {
    ("aws_iam_policy_document", "json"): _policy,
    ("aws_iam_policy_document", "minified_json"): _policy,
    ("aws_region", "name"): _region,
    ("aws_region", "id"): _region,
    ("aws_region", "region"): _region,
    ("aws_partition", "partition"): _partition,
    ("aws_partition", "dns_suffix"): _dns_suffix,
    ("template_file", "rendered"): _template,
    ("local_file", "content"): _local_file,
}
