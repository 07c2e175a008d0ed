"""Whether a silence covers an alarm: one rule for pages and for delivery."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fnmatch import fnmatchcase

from app.model.alarms import AlarmDefinition, Silence

FIELDS = ("alarm", "account", "region", "service", "resource", "severity")
"""What a silence can match on; ``alarm`` matches the name as well as the id."""


def is_active(silence: Silence, at: datetime) -> bool:
    """True from the start of the silence until just before its end."""
    begun = silence.start is None or silence.start <= at
    return begun and (silence.end is None or at < silence.end)


def covers(silence: Silence, alarm: AlarmDefinition) -> bool:
    """True when every matcher fits; a silence without matchers fits nothing."""
    return bool(silence.matchers) and all(
        any(fnmatchcase(text, glob) for text in _texts(alarm, field))
        for field, glob in silence.matchers.items()
    )


def silenced_by(
    alarm: AlarmDefinition, silences: Iterable[Silence], at: datetime
) -> Silence | None:
    """The silence that mutes the alarm at this moment: of several the one that ends last."""
    found = [s for s in silences if is_active(s, at) and covers(s, alarm)]
    return max(found, key=lambda s: (s.end is None, s.end or at), default=None)


def _texts(alarm: AlarmDefinition, field: str) -> tuple[str, ...]:
    if field == "alarm":
        return (alarm.id, alarm.name)
    texts = {
        "account": alarm.place.account,
        "region": alarm.place.region,
        "service": alarm.service,
        "resource": alarm.resource,
        "severity": str(alarm.severity),
    }
    return (texts[field],) if field in texts else ()
