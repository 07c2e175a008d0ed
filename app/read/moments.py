"""Times as people type them: how long ago, a date, or epoch seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from app.config.values import parse_duration
from app.model.errors import ConfigError

_EPOCH = re.compile(r"\d{9,13}")
_SECONDS_BELOW = 100_000_000_000


def moment(text: str, now: datetime, option: str) -> datetime:
    """``1h`` ago, an ISO time (UTC unless it names an offset), or epoch seconds or milliseconds."""
    if text == "now":
        return now
    if _EPOCH.fullmatch(text):
        number = int(text)
        return datetime.fromtimestamp(number if number < _SECONDS_BELOW else number / 1000, UTC)
    try:
        return now - parse_duration(text)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"{option} {text}: write how long ago (30m, 1h, 7d), a time (2026-11-24T12:00), "
            "or epoch seconds"
        ) from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
