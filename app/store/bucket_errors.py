"""What a bucket's refusals mean, as errors of ours that name the bucket and a remedy.

Only an answer that names the object says that it is gone (``SegmentGone``). A
bucket that is absent, refuses or is silent never looks like an empty one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore import exceptions

from app.model.errors import SegmentGone, StoreError, StoreUnreachable

_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")

_ELSEWHERE = {"PermanentRedirect", "AuthorizationHeaderMalformed", "Received redirect"}
_STRANGERS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}


@contextmanager
def asking(url: str, what: str) -> Iterator[None]:
    """Errors of the bucket at ``url`` while it is asked to do ``what``."""
    try:
        yield
    except (FileNotFoundError, exceptions.BaseError) as error:
        raise _named(error, url, what) from error


def _named(error: Exception, url: str, what: str) -> StoreError:
    code = code_of(error)
    if code == "NoSuchBucket":
        return StoreError(
            f"could not {what}: the bucket of {url} is not there; create it, or correct "
            "store.bucket, store.bucket_region and store.bucket_endpoint"
        )
    if isinstance(error, FileNotFoundError):
        return SegmentGone(f"could not {what} in {url}: the object is not there")
    if code in _ELSEWHERE:
        return StoreError(
            f"could not {what}: the bucket of {url} lies in another Region ({code}); "
            "correct store.bucket_region"
        )
    if code in _STRANGERS or isinstance(error, exceptions.UnauthenticatedError):
        return StoreError(
            f"could not {what}: {url} does not accept the credentials ({code}); renew them, or set "
            "store.bucket_access_key_id and store.bucket_secret_access_key"
        )
    if code in ("AccessDenied", "403"):
        return StoreError(
            f"not allowed to {what} in {url}; the identity that Watchdeck runs as needs "
            "s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and s3:DeleteObject "
            "below the prefix"
        )
    return StoreUnreachable(
        f"could not {what}: {url} cannot be reached ({code}); check the network, "
        "store.bucket_endpoint and store.bucket_region"
    )


def code_of(error: Exception) -> str:
    """S3's own code, else the HTTP status, else the first line of what happened."""
    text = str(error)
    found = _CODE.search(text)
    if found:
        return found[1]
    if "Received redirect" in text:
        return "Received redirect"
    status = _STATUS.search(text)
    if status:
        return "NoSuchBucket" if _is_listing(text) and status[1] == "404" else status[1]
    return text.split("\n", 1)[0][:200]


def _is_listing(text: str) -> bool:
    """Asking for a list, only the bucket itself can be absent."""
    return "list request" in text
