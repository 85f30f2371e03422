"""What the JSON report says of the calls to a live account: import under `TYPE_CHECKING` only, like the rest of it."""

from __future__ import annotations

from typing import Literal, TypedDict


class FailedCall(TypedDict):
    """A call that was not answered."""

    resource: str
    """What was asked about: an id, or the type that was listed."""
    status: Literal["denied", "throttled", "region_disabled", "unsupported", "error"]
    code: str
    message: str


class Operation(TypedDict):
    """How the calls of one operation in one region ended."""

    operation: str
    """`s3:GetBucketPolicy`: boto3's name of the service, and the operation."""
    account: str
    region: str
    counts: dict[str, int]
    """Calls by how they ended: `ok`, or a `status` of `FailedCall`."""
    failures: list[FailedCall]
    """At most some hundred are named, all are counted."""
