"""How grave a log line is, as it says itself; the browser has a twin in ``assets/50-grid.js``."""

from __future__ import annotations

import re

_ERROR = re.compile(
    r"\b(ERROR|FATAL|CRITICAL|SEVERE|EMERG|PANIC)\b"
    r"|Task timed out after|Traceback \(most recent"
)
_WARN = re.compile(r"\b(WARN|WARNING)\b")
_TOLD = re.compile(r'"(?:level|severity|log_?level)"\s*:\s*"([a-z]+)"', re.IGNORECASE)
_LONGEST = 2000


def level_of(message: str) -> str:
    """``error``, ``warn`` or nothing: by a field of JSON, else by a word in capitals."""
    line = message[:_LONGEST]
    told = _TOLD.search(line)
    if told is not None:
        level = told[1].lower()
        if level in ("error", "fatal", "critical", "severe"):
            return "error"
        return "warn" if level in ("warn", "warning") else ""
    if _ERROR.search(line):
        return "error"
    return "warn" if _WARN.search(line) else ""
