"""Exit codes of every command; docs/guide/cli.md lists them for people."""

from __future__ import annotations

from enum import IntEnum

from app.model.errors import AwsError, ConfigError, OpsError, StoreError


class Exit(IntEnum):
    """Why a command ended."""

    OK = 0
    FAILED = 1
    USAGE = 2
    COULD_NOT_ASK = 3
    STORE = 4
    INTERRUPTED = 130


_OF = ((ConfigError, Exit.USAGE), (AwsError, Exit.COULD_NOT_ASK), (StoreError, Exit.STORE))


def exit_code(error: OpsError) -> Exit:
    """What a command that failed with this error exits with."""
    if hasattr(error, "drawn"):  # a mistake in the text of a query
        return Exit.USAGE
    return next((code for kind, code in _OF if isinstance(error, kind)), Exit.FAILED)
