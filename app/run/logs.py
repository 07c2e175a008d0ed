"""Logs: one line an event, ``key=value``, on standard error, never with a secret in it.

Secrets are masked twice: their type prints as ``***``, and every secret text
of the settings is replaced in the finished line, wherever it came from.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

from pydantic import BaseModel

from app.config import Secret, Settings

SHORTEST_MASKED = 6
"""Shorter secrets are not searched for: they would mask ordinary words."""

LEVEL = "WATCHDECK_LOG"
"""The variable that says how much is logged; children inherit it."""

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}

REQUESTS = "watchdeck.access"
"""A line for each request, written at level debug only."""

_NEEDS_QUOTES = re.compile(r"[\s\"=]|^$")
_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LineFormatter(logging.Formatter):
    """A record as one line: time, level, part, event, then the extra fields."""

    def __init__(self, part: str, masked: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._part = part
        texts = sorted((m for m in masked if len(m) >= SHORTEST_MASKED), key=len, reverse=True)
        self._masked = re.compile("|".join(map(re.escape, texts))) if texts else None

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {"level": record.levelname.lower(), "part": self._part, "from": record.name}
        fields["event"] = record.getMessage()
        fields |= {k: v for k, v in vars(record).items() if k not in _PLAIN}
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        line = " ".join([at, *(f"{key}={_quoted(value)}" for key, value in fields.items())])
        return self._masked.sub("***", line) if self._masked else line


def _quoted(value: object) -> str:
    text = str(value)
    if not _NEEDS_QUOTES.search(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def start(part: str, settings: Settings, stream: TextIO | None = None) -> None:
    """Send everything this process logs to one stream, as lines."""
    level = LEVELS.get(os.environ.get(LEVEL, "info"), logging.INFO)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(part, secrets(settings)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.INFO))
    for noisy in ("apscheduler", "botocore", "urllib3", "werkzeug", "waitress.queue", "alembic"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    if level > logging.DEBUG:
        logging.getLogger(REQUESTS).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def secrets(settings: Settings) -> frozenset[str]:
    """The texts of all secrets in the settings, for masking."""
    return frozenset(_secrets(settings))


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, Secret):
        yield value.reveal()
    elif isinstance(value, BaseModel):
        yield from _secrets([getattr(value, name) for name in type(value).model_fields])
    elif isinstance(value, dict):
        yield from _secrets(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets(item)
