"""What AWS answers, as plain JSON values: pages joined, times as text, and errors by what they mean."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

FailedStatus = Literal["denied", "throttled", "region_disabled", "unsupported", "error"]
Status = Literal["ok", FailedStatus]

DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccessDeniedFault",
        "AuthorizationError",
        "AuthorizationErrorException",
        "ForbiddenException",
        "InsufficientPrivilegesException",
        "NotAuthorized",
        "NotAuthorizedException",
        "UnauthorizedOperation",
        "UnauthorizedException",
        "UserUnauthorizedException",
        "AllAccessDisabled",
        "InvalidClientTokenId",
        "KMSAccessDeniedException",
        "UnrecognizedClientException",
        "InvalidAccessException",
    }
)
THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
DISABLED: Final = frozenset({"OptInRequired", "RegionDisabledException", "SubscriptionRequiredException"})
"""What a region or service answers that the account has not enabled."""
UNSUPPORTED: Final = frozenset(
    {
        "InvalidAction",
        "NotImplemented",
        "NotImplementedException",
        "UnknownOperationException",
        "UnsupportedOperation",
        "UnsupportedOperationException",
        "UnknownEndpoint",
    }
)
NOT_ENABLED: Final = ("macie is not enabled",)
"""What services that answer "denied" where nobody turned them on say besides: their code becomes `NotEnabled`."""
EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
SKEWED: Final = frozenset({"RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidSignatureException"})


class NoAnswer(Exception):
    """The endpoint failed in a way that is not AWS's: asking again would not help."""


class Failure(NamedTuple):
    """Why a call gave no answer."""

    status: FailedStatus
    code: str
    message: str


def plain(value: Any) -> Any:
    """A boto3 value as JSON: times in RFC 3339 and UTC, bytes as text (base64 where they are none)."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bytes | bytearray):
        return _text(bytes(value))
    if hasattr(value, "read"):  # a streaming body
        return _text(value.read())
    return value


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode()


def joined(pages: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """All pages as one answer: lists one after the other, objects key by key, else the last word."""
    whole: dict[str, Any] = {}
    for page in pages:
        _join(whole, page)
    return whole


def _join(whole: dict[str, Any], page: dict[str, Any]) -> None:
    for key, value in page.items():
        if key == "ResponseMetadata":
            continue
        known = whole.get(key)
        if isinstance(known, list) and isinstance(value, list):
            known.extend(value)
        elif isinstance(known, dict) and isinstance(value, dict):
            _join(known, value)
        else:
            whole[key] = value


def failure(error: BaseException) -> Failure:
    """What an exception of botocore means."""
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        return _answered(error.response)
    message = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
    code = type(error).__name__
    if isinstance(error, exceptions.EndpointConnectionError | exceptions.UnknownEndpointError):
        return Failure("error", code, message)
    if isinstance(error, NoAnswer):
        return Failure("error", "HTTP 500", message)
    if isinstance(error, NotImplementedError):
        return Failure("unsupported", "NotImplemented", message)
    if isinstance(error, exceptions.UnknownServiceError | AttributeError):
        return Failure("unsupported", code, message)
    if isinstance(error, exceptions.ParamValidationError):
        return Failure("error", code, " ".join(str(error).split())[:300])
    return Failure("error", code, message)


def _answered(response: dict[str, Any]) -> Failure:
    told = response.get("Error") or {}
    code = str(told.get("Code") or "")
    message = " ".join(str(told.get("Message") or "").split())[:300]
    status = (response.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0
    short = code.rsplit("#", 1)[-1].removesuffix("Fault") if code.endswith("Fault") else code.rsplit("#", 1)[-1]
    if code in THROTTLED or short in THROTTLED or status == 429:
        return Failure("throttled", code, message)
    if code in DISABLED or short in DISABLED:
        return Failure("region_disabled", code, message)
    if any(part in message.lower() for part in NOT_ENABLED):
        return Failure("unsupported", "NotEnabled", message)
    if code in DENIED or short in DENIED or "not authorized" in message.lower():
        return Failure("denied", code, message)
    if code in UNSUPPORTED or short in UNSUPPORTED or (status in (404, 501) and code in ("404", "501", "NotFound", "")):
        return Failure("unsupported", code, message)
    if status in (401, 403):
        return Failure("denied", code, message)
    return Failure("error", code or f"HTTP {status}", message)
