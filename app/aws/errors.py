"""From whatever botocore raises to one of our errors, in words for an operator.

The words themselves stand in ``wording``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from botocore import exceptions as boto

from app.aws import wording
from app.aws.asked import Asked, scrubbed
from app.model.errors import (
    AwsError,
    BadRequest,
    Denied,
    Expired,
    NotEnabled,
    RegionOff,
    Throttled,
    Unreachable,
)

THROTTLED = frozenset(
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
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "NotAuthorized",
        "UnauthorizedException",
        "UnauthorizedOperation",
    }
)
NOT_ENABLED = frozenset(
    {
        "AWSOrganizationsNotInUseException",
        "DataUnavailableException",
        "InvalidAccessException",
        "OptInRequired",
        "SubscriptionRequiredException",
    }
)
EXPIRED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
    }
)
UNKNOWN_CREDENTIALS = frozenset(
    {"AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"}
)
"""Sent by a Region that is off and for a wrong key alike; only a second question tells."""

_NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ProfileNotFound,
    boto.TokenRetrievalError,
    boto.SSOError,
    boto.InvalidConfigError,
    boto.ConfigNotFound,
    boto.ConfigParseError,
    boto.UnknownCredentialError,
    boto.MetadataRetrievalError,
)
_OUR_MISTAKES = (
    boto.ValidationError,
    boto.ParamValidationError,
    boto.DataNotFoundError,
    boto.OperationNotPageableError,
)


def error_code(error: Exception) -> str:
    """The code AWS sent, empty when AWS was never reached."""
    return str(_body(error).get("Code", "")) if isinstance(error, boto.ClientError) else ""


def classified(error: Exception, asked: Asked, secrets: Collection[str] = ()) -> AwsError:
    """The error of our tree that ``error`` means; UNKNOWN_CREDENTIALS count as Expired here."""
    if isinstance(error, AwsError):
        return error
    if isinstance(error, boto.ClientError):
        return _answered(error, asked, secrets)
    if isinstance(error, _NO_CREDENTIALS):
        return _made(Expired, asked, wording.no_credentials(asked, scrubbed(str(error), secrets)))
    if isinstance(error, _OUR_MISTAKES):
        return _made(BadRequest, asked, wording.not_sent(asked, scrubbed(str(error), secrets)))
    return _made(Unreachable, asked, wording.unreachable(error, asked, secrets))


def region_off(asked: Asked, code: str) -> AwsError:
    """For a Region that refuses credentials which work elsewhere."""
    return _made(RegionOff, asked, wording.region_off(asked, code), code)


def _answered(error: boto.ClientError, asked: Asked, secrets: Collection[str]) -> AwsError:
    asked = _really_asked(error, asked)
    code = error_code(error)
    kind = _kind(code, _status(error))
    text = scrubbed(str(_body(error).get("Message") or ""), secrets)
    return _made(kind, asked, wording.refused(kind, asked, code, text), code)


def _really_asked(error: boto.ClientError, asked: Asked) -> Asked:
    """Signing may have failed first, in a call of its own."""
    if error.operation_name != "AssumeRole":
        return asked
    return Asked(asked.place, "sts", "AssumeRole", asked.account, asked.endpoint)


def _kind(code: str, status: int) -> type[AwsError]:
    tables: tuple[tuple[type[AwsError], frozenset[str]], ...] = (
        (Throttled, THROTTLED),
        (NotEnabled, NOT_ENABLED),
        (Denied, DENIED),
        (Expired, EXPIRED | UNKNOWN_CREDENTIALS),
    )
    for kind, codes in tables:
        if code in codes:
            return kind
    if status == 429:
        return Throttled
    if status >= 500 or code in ("RequestTimeout", "RequestTimeoutException"):
        return Unreachable
    return Denied if status == 403 else BadRequest


def _made(kind: type[AwsError], asked: Asked, message: str, code: str = "") -> AwsError:
    return kind(message, place=asked.place, action=asked.action, code=code)


def _body(error: boto.ClientError) -> Mapping[str, Any]:
    body: Mapping[str, Any] = error.response.get("Error", {})
    return body


def _status(error: boto.ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
