"""What an error says about asking again, for all collectors."""

from __future__ import annotations

import re

from app.model.errors import AwsError, CircuitOpen, Denied, NotEnabled

_GONE = re.compile(r"NotFound|NonExistent|DoesNotExist|NoSuch|Malformed\.NotFound")
"""Error codes of a thing that went away between being listed and being described."""


def is_gone(error: AwsError) -> bool:
    """Whether AWS says that the thing asked about does not exist (any more)."""
    return bool(_GONE.search(error.code))


def is_refused(error: AwsError) -> bool:
    """Whether repeating cannot help: not allowed, not switched on, or known to be so."""
    if isinstance(error, CircuitOpen):
        return isinstance(error.__cause__, (Denied, NotEnabled))
    return isinstance(error, (Denied, NotEnabled))
