"""One HTTP request to a receiver, with errors that never hold its address.

Addresses of webhooks are secrets; so is what libraries put into their messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from app.model.errors import NotifyFailed

TIMEOUT_S = 10.0
_PASSING = frozenset({408, 425, 429})
_LONGEST_PAUSE = timedelta(hours=1)


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is an answer like any other; a POST does not follow it."""

    def redirect_request(self, *_: object) -> None:
        return None


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send ``body``; NotifyFailed unless the receiver answers with 2xx.

    Not with urllib3, which writes the path of every request into its debug log.
    """
    if not url.startswith(("https://", "http://")):
        raise NotifyFailed("the address must start with https://", permanent=True)
    try:
        request = Request(url, body, dict(headers), method="POST")  # noqa: S310 - scheme is checked
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            check(answer.status, dict(answer.headers))
    except HTTPError as error:
        with error:
            check(error.code, dict(error.headers))
    except TimeoutError:
        raise NotifyFailed("the receiver did not answer in time", permanent=False) from None
    except (URLError, OSError, HTTPException) as error:
        kind = type(getattr(error, "reason", error)).__name__
        raise NotifyFailed(f"the receiver cannot be reached ({kind})", permanent=False) from None
    except ValueError:
        raise NotifyFailed("the address is none; correct it", permanent=True) from None


def check(status: int, headers: Mapping[str, str], said: str = "") -> None:
    """NotifyFailed unless ``status`` is 2xx; permanent where a repeat cannot help."""
    if 200 <= status < 300:
        return
    words = f"the receiver answered {status}{f' ({said})' if said else ''}"
    passing = status in _PASSING or status >= 500
    raise NotifyFailed(words, permanent=not passing, retry_after=_pause(headers))


def _pause(headers: Mapping[str, str]) -> timedelta | None:
    """Retry-After in seconds; the form with a date is not used by the receivers we know."""
    written = next((v for k, v in headers.items() if k.lower() == "retry-after"), "")
    if not written.strip().isdigit():
        return None
    return min(timedelta(seconds=min(int(written), 10**6)), _LONGEST_PAUSE)
