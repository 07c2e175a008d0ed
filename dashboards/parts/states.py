"""A state is a shape, a word and a colour; the shape alone must be enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.alarms import Severity
from app.model.states import AlarmState, Health
from app.model.traces import Outcome
from dashboards.parts.attributes import aria

WORDS = {
    Health.CRITICAL: "Critical",
    Health.WARNING: "Warning",
    Health.COULD_NOT_ASK: "Could not ask",
    Health.NO_DATA: "No data",
    Health.SILENCED: "Silenced",
    Health.OK: "OK",
}


def state_badge(state: Health | AlarmState, *, why: str = "", word: str = "") -> Component:
    """The state in words; ``why`` is one sentence for hovering."""
    health = state if isinstance(state, Health) else alarm_health(state)
    return html.Span(
        [html.Span(className="shape", **aria(hidden="true")), word or WORDS[health]],
        className=f"badge state-{css(health)}",
        title=why or None,
    )


def state_shape(health: Health) -> Component:
    """The shape alone, for tight places; the word is there on hover and for a screen reader."""
    return html.Span(
        html.Span(className="shape"),
        className=f"badge bare state-{css(health)}",
        title=WORDS[health],
        role="img",
        **aria(label=WORDS[health]),
    )


OUTCOMES = {
    Outcome.FAULT: (Health.CRITICAL, "Fault"),
    Outcome.ERROR: (Health.WARNING, "Error"),
    Outcome.THROTTLE: (Health.SILENCED, "Throttled"),
    Outcome.OK: (Health.OK, "OK"),
}


def outcome_badge(outcome: Outcome) -> Component:
    """How a request ended, in the shape and colour that lists of traces give it."""
    health, word = OUTCOMES[outcome]
    return html.Span(
        [html.Span(className="shape", **aria(hidden="true")), word],
        className=f"badge state-{css(health)}",
    )


def alarm_health(state: AlarmState, severity: Severity = Severity.CRITICAL) -> Health:
    """How an alarm's state weighs among the others on a page."""
    if state is AlarmState.ALARM:
        return Health.CRITICAL if severity is Severity.CRITICAL else Health.WARNING
    return Health.OK if state is AlarmState.OK else Health.NO_DATA


def health_strip(
    slots: Sequence[Health | None], *, start: datetime, step: timedelta, zone: tzinfo
) -> Component:
    """One bar per slot, oldest first; trouble stands taller, None leaves a hole."""
    return html.Span(
        [_slot(health, start + n * step, zone) for n, health in enumerate(slots)],
        className="strip",
        role="img",
        **aria(label=_spoken(slots)),
    )


def css(health: Health) -> str:
    """The state as style sheets spell it."""
    return health.value.replace("_", "-")


def _slot(health: Health | None, at: datetime, zone: tzinfo) -> Component:
    when = f"{at.astimezone(zone):%H:%M}"
    if health is None:
        return html.I(title=f"{when} not collected")
    return html.I(className=f"state-{css(health)}", title=f"{when} {WORDS[health]}")


def _spoken(slots: Sequence[Health | None]) -> str:
    known = [slot for slot in slots if slot is not None]
    worst = min(known, key=lambda health: health.weight, default=Health.NO_DATA)
    fine = sum(slot is Health.OK for slot in known)
    share = written.value(100 * fine / len(known), "percent") if known else "none"
    return f"Worst state {WORDS[worst]}, {share} of the time OK"
