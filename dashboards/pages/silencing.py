"""The form that mutes an alarm until a time, with a reason; used in a panel and on the page."""

from __future__ import annotations

from datetime import datetime, timedelta

from dash import Dash
from dash.development.base_component import Component

from app.model import written
from app.read import AlarmRow, Reads
from dashboards.pages.asking import Now, author
from dashboards.pages.with_reason import WithReason
from dashboards.parts import Seen

LENGTHS = (("1h", "1 hour"), ("4h", "4 hours"), ("1d", "1 day"), ("7d", "1 week"))
SPANS = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
}
SILENCE = WithReason(
    "silence", "Silence", "Why? Somebody will read this at night.", dict(LENGTHS), "1h"
)
part, end_button = SILENCE.part, SILENCE.end_button


def form(alarm: AlarmRow, seen: Seen) -> Component:
    """Silence with an end and a reason; where one runs, what it says and a way to end it."""
    silence = alarm.silence
    if silence is None:
        return SILENCE.form(alarm.id)
    until = written.at(silence.end, seen.zone, seen.now) if silence.end else "it is ended"
    words = f"Until {until}, by {silence.author or 'somebody'}: {silence.comment}"
    return SILENCE.running("Silenced", words, end_button(silence.id))


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Start and end silences."""
    SILENCE.register(app, reads, now, started, ended)


def started(reads: Reads, alarm: str, length: str, reason: str, seen: Seen) -> str:
    """Mute the alarm, or say what is missing."""
    if not reason.strip():
        return "Write a reason first."
    until = seen.now + SPANS.get(length, SPANS["1h"])
    reads.alarms.silence([alarm], until, author(), reason.strip(), seen.now)
    return f"Silenced until {written.at(until, seen.zone, seen.now)}."


def ended(reads: Reads, silence: str, now: datetime) -> str:
    """End a silence by its number."""
    reads.alarms.end_silence(int(silence), now)
    return "The silence has ended."
