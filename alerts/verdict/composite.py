"""The verdict on a composite alarm: its rule over the states of other alarms.

Which children decide is part of the result, and the one that changed last is named first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.verdict.judge import EVALUATION_ERROR, Verdict
from alerts.verdict.reason_data import stamp
from app.model.ids import Place
from app.model.states import AlarmState
from app.query import alarm_rule
from app.query.lang import QueryError


@dataclass(frozen=True, slots=True)
class Child:
    """An alarm that a rule names, as it stands."""

    arn: str
    state: AlarmState
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a composite stood before: its ARN, its state, when it came to it and was last judged.

    ``judged`` is None where nothing but its creation is known.
    """

    arn: str
    state: AlarmState
    judged: datetime | None = None


def judge_composite(
    rule: str, children: Mapping[str, Child], before: Standing, *, place: Place | None = None
) -> Verdict:
    """ALARM while the rule holds, else OK; a rule that cannot be evaluated keeps the state (C2)."""
    states = {name: child.state for name, child in children.items()}
    try:
        outcome = alarm_rule.explain(rule, states, place=place)
    except QueryError as error:
        text = f"State kept at {before.state}: {error.message}"
        return Verdict(before.state, text, {}, evaluation_state=EVALUATION_ERROR, kept=True)
    state = AlarmState.ALARM if outcome.holds else AlarmState.OK
    deciding = [_child(name, children) for name in outcome.deciding]
    triggering = [
        {
            "arn": child.arn,
            "state": {"value": str(child.state), "timestamp": stamp(child.since.timestamp())},
        }
        for child in sorted(deciding, key=lambda child: child.since, reverse=True)
    ]
    return Verdict(state, _reason(state, deciding, before), {"triggeringAlarms": triggering})


def _child(name: str, children: Mapping[str, Child]) -> Child:
    """The child that a reference names, by its name or by its ARN."""
    return children[name] if name in children else children[name.split(":", 6)[-1]]


def _reason(state: AlarmState, deciding: list[Child], before: Standing) -> str:
    newest = max(deciding, key=lambda child: child.since, default=None)
    if before.judged is None:
        return f"{before.arn} was created and its alarm rule evaluates to {state}"
    if newest is None or newest.since <= before.judged:
        return f"{before.arn} was updated and its new alarm rule evaluates to {state}"
    at = newest.since.astimezone(UTC)
    when = f"{at:%A} {at.day:02d} {at:%B}, {at.year} {at:%H:%M:%S} UTC"
    return f"{newest.arn} transitioned to {newest.state} at {when}"
