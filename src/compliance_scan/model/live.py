"""Live resources: what the engine and the reader of inventories both make."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from compliance_scan.model.resource import Comment, Origin, Resource, Span
from compliance_scan.model.value import Path, Unknown

ROOT = "."


class Line(NamedTuple):
    """The source of a resource that stands on one line of an inventory file, or (file `""`) in no file at all."""

    file: str = ""
    number: int = 1

    @property
    def span(self) -> Span:
        return Span(self.file, self.number, 1, self.number, 1)

    @property
    def header(self) -> Span:
        return self.span

    def span_of(self, path: Path) -> Span | None:  # noqa: ARG002 - the protocol's
        return self.span

    def origins_of(self, path: Path) -> tuple[Origin, ...]:  # noqa: ARG002 - the protocol's
        return ()

    def comments(self) -> tuple[Comment, ...]:
        return ()

    def text(self, span: Span) -> str:  # noqa: ARG002 - the protocol's
        return ""


NOWHERE = Line()


def place_name(kind: str, account: str, region: str | None) -> str:
    """What stands for all resources of a type in a place: `aws_db_instance@123456789012/eu-west-1`."""
    return f"{kind}@{account}/{region or 'global'}"


def live_resource(
    kind: str,
    name: str,
    attributes: Mapping[str, Any],
    *,
    account: str,
    region: str | None,
    arn: str | None = None,
    conditional: Unknown | None = None,
    source: Line = NOWHERE,
) -> Resource:
    """A resource of a live account; `name` is its import id. AWS does not tell whence a tag came: all of them stand in
    `tags` and in `tags_all` alike."""
    made = dict(attributes)
    if region is not None:
        made.setdefault("region", region)
    if "tags" in made:
        made.setdefault("tags_all", made["tags"])
    return Resource(
        address=arn or f"{place_name(kind, account, region)}/{name}",
        type=kind,
        root=ROOT,
        plane="live",
        attributes=made,
        source=source,
        name=name,
        provider="aws",
        conditional=conditional,
        account=account,
        region=region,
        arn=arn,
    )
