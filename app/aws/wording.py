"""What an operator reads when AWS gave no answer: what happened, to what, what to do.

AWS's own text is added where it helps and is free of secrets; some of its
messages repeat the signed request, session token included, and stay out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from botocore import exceptions as boto

from app.aws.asked import Asked, scrubbed
from app.model.errors import AwsError, BadRequest, Denied, Expired, NotEnabled, Throttled

_ENDED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_CLOCK = frozenset({"RequestTimeTooSkewed", "RequestExpired", "InvalidSignatureException"})
_REPEATS_REQUEST = frozenset(
    {
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)
"""Codes whose text may repeat parts of the signed request."""

_NO_CONNECTION = (
    boto.EndpointConnectionError,
    boto.ConnectTimeoutError,
    boto.ProxyConnectionError,
)


def refused(kind: type[AwsError], asked: Asked, code: str, text: str) -> str:
    """For an answer that is an error; ``text`` is what AWS wrote, scrubbed."""
    said = f" AWS says: {text}" if text and code not in _REPEATS_REQUEST else ""
    return _WORDS.get(kind, _fault)(asked, code) + said


def region_off(asked: Asked, code: str) -> str:
    """For a Region that refuses credentials which work elsewhere."""
    return (
        f"{asked} was refused ({code}), though the credentials work elsewhere: the Region "
        f"{asked.place.region} is not enabled for this account, or the session token comes from "
        "the global STS endpoint. Enable the Region in the account, or take it out of `regions`."
    )


def no_credentials(asked: Asked, text: str) -> str:
    """For a request that could not be signed."""
    return (
        f"No usable credentials for {asked}: {text.rstrip('.')}. Check `profile` or the keys of "
        "this account in config.yaml, and sign in again."
    )


def not_sent(asked: Asked, text: str) -> str:
    """For parameters that botocore's model refuses."""
    return f"{asked} was not sent: {text}. This is a mistake in Watchdeck or in a catalogue file."


def unreachable(error: Exception, asked: Asked, secrets: Collection[str]) -> str:
    """For a call that got no readable answer."""
    where = f"{asked} at {scrubbed(asked.endpoint, secrets)}" if asked.endpoint else str(asked)
    if isinstance(error, _NO_CONNECTION):
        return (
            f"No connection for {where}. Check the network, proxy and DNS of this machine, and the "
            "name of the Region or `endpoint` in config.yaml."
        )
    if isinstance(error, boto.ReadTimeoutError):
        return f"No answer in time for {where}; it will be asked again."
    if isinstance(error, boto.SSLError):
        return (
            f"The certificate for {where} was not accepted. Check the CA bundle (AWS_CA_BUNDLE) "
            "and the proxy."
        )
    kind = type(error).__name__
    return f"The answer to {where} broke off or could not be read ({kind}); it will be asked again."


def _throttled(asked: Asked, code: str) -> str:
    return f"AWS slowed down {asked} ({code}); it will be asked again, less often."


def _not_enabled(asked: Asked, code: str) -> str:
    if asked.api == "ce":
        return (
            f"{asked} has no data yet ({code}). Cost Explorer tells its first figures about a day "
            "after it was switched on in the Billing console, and a forecast after some weeks."
        )
    return (
        f"{asked} is not switched on ({code}). Switch the feature on in the account, or take the "
        "service out of `services`."
    )


def _denied(asked: Asked, code: str) -> str:
    if asked.action == "sts:AssumeRole":
        return (
            f"The role of account {asked.place.account} may not be assumed ({code}). Check that "
            "its trust policy names Watchdeck's own identity, that `external_id` is the same on "
            "both sides, and that this identity is allowed sts:AssumeRole on `role_arn`."
        )
    denied = (
        f"{asked} was denied ({code}). Allow {asked.action} in the policy of the role; "
        "`watchdeck policy` prints the whole policy."
    )
    return denied + _OF_BILLING if asked.api in ("ce", "budgets", "freetier") else denied


def _expired(asked: Asked, code: str) -> str:
    if code in _CLOCK:
        return (
            f"{asked} was refused ({code}): the secret key is wrong, or the clock of this machine "
            "is off by minutes. Check the clock (NTP), then the key."
        )
    if code in _ENDED:
        return (
            f"The session for {asked} has expired ({code}). Sign in again or renew the credentials "
            "of this account."
        )
    return (
        f"{asked} was refused ({code}): AWS does not know these credentials. Check `profile` or "
        "the keys of this account in config.yaml."
    )


def _bad_request(asked: Asked, code: str) -> str:
    return f"AWS refused the parameters of {asked} ({code})."


def _fault(asked: Asked, code: str) -> str:
    return f"{asked} failed inside AWS ({code}); it will be asked again."


_OF_BILLING = (
    " Cost Explorer has to be switched on once in the Billing console, IAM access to billing in "
    "the account settings, and a member account sees its spend only if the management account "
    "lets it."
)
"""Why billing services deny what a policy allows."""

_WORDS: dict[type[AwsError], Callable[[Asked, str], str]] = {
    Throttled: _throttled,
    NotEnabled: _not_enabled,
    Denied: _denied,
    Expired: _expired,
    BadRequest: _bad_request,
}
