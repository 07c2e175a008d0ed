"""Empty pages with a token, and tokens that repeat, where such faults are planted.

AWS gives both, most of all from CloudWatch Logs, and a client has to go on.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from threading import Lock

from app.demo.call import Call
from app.demo.faults import FaultKind

_EMPTY = "empty-page-before:"


class HollowPages:
    """Decides which page of a list is hollow; every place in a list is at most once."""

    def __init__(self) -> None:
        self._repeated: set[tuple[str, str]] = set()
        self._lock = Lock()

    def token_of(self, call: Call, token: str, faults: Collection[FaultKind]) -> str:
        """The token of an empty page, where it is its turn; else nothing."""
        if token.startswith(_EMPTY):
            return ""
        if FaultKind.EMPTY_PAGES in faults:
            return _EMPTY + base64.urlsafe_b64encode(token.encode()).decode()
        if FaultKind.REPEATED_TOKENS in faults and token and self._first_time(call, token):
            return token
        return ""

    def _first_time(self, call: Call, token: str) -> bool:
        key = (str(call.place), token)
        with self._lock:
            if key in self._repeated:
                self._repeated.discard(key)
                return False
            self._repeated.add(key)
            return True


def without_mark(token: str) -> str:
    """The token that an empty page stood before."""
    if not token.startswith(_EMPTY):
        return token
    return base64.urlsafe_b64decode(token.removeprefix(_EMPTY)).decode()
