"""Messages as lines in the log of the work process."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.channel import Message, Publish, Rate
from alerts.message import Notice
from app.config import ConsoleSettings
from app.model.states import AlarmState

_LOG = logging.getLogger(__name__)
_LEVELS = {AlarmState.ALARM: logging.WARNING}

_RATE = Rate(burst=1000, spacing=timedelta(0))


def make(name: str, settings: ConsoleSettings, publish: Publish) -> Console:
    """The log needs no settings."""
    del settings, publish
    return Console(name)


@dataclass(frozen=True, slots=True)
class Console:
    """One line for each transition, as key and value."""

    name: str
    rate: Rate = _RATE
    together: int = 1

    def render(self, notices: Sequence[Notice]) -> Message:
        (notice,) = notices
        if notice.letter is not None:
            fields = {"lines": list(notice.letter.lines), "key": notice.key}
            return {"level": logging.INFO, "event": notice.letter.title, "fields": fields}
        change, alarm = notice.transition, notice.definition
        of = f" ({notice.group})" if notice.group else ""
        return {
            "level": _LEVELS.get(change.new, logging.INFO),
            "event": f"alarm {change.old} -> {change.new}: {alarm.name}{of}",
            "fields": {
                "alarm": change.alarm,
                "severity": str(alarm.severity),
                "account": notice.account,
                "region": alarm.place.region,
                "resource": notice.resource,
                "value": notice.value,
                "threshold": alarm.put.get("Threshold"),
                "since": change.at.isoformat(),
                "reason": change.reason,
                "key": notice.key,
            },
        }

    def send(self, message: Message) -> None:
        _LOG.log(message["level"], message["event"], extra=dict(message["fields"]))
