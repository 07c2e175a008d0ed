"""An answer with an error, in the words of AWS."""

from __future__ import annotations


class Refused(Exception):
    """Ends a request with an AWS error code, a message and an HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def invalid(message: str) -> Refused:
    """The parameters do not pass AWS's validation."""
    return Refused("ValidationError", message)
