"""Alarms over several series: each returned series is judged, the alarm follows.

A contributor that the query no longer returns goes to OK whatever the treatment. A
query that returns nothing at all is missing data of the alarm itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from alerts.verdict.rule import Treatment
from app.model.states import AlarmState

TRACKED = 100
"""How many contributors in ALARM CloudWatch tracks and counts in a reason."""

GONE = "No data was returned for this contributor"
"""Recorded; the treatment of missing data has no say in it."""

_TREATED = {
    Treatment.MISSING: "Missing",
    Treatment.IGNORE: "Ignore",
    Treatment.BREACHING: "Breaching",
    Treatment.NOT_BREACHING: "NotBreaching",
}


def contributor_id(attributes: Mapping[str, str]) -> str:
    """A stable id of 16 characters for a group of a query; AWS does not say how it makes its."""
    written = "\x00".join(f"{name}={value}" for name, value in sorted(attributes.items()))
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def state_of(states: Mapping[str, AlarmState]) -> AlarmState:
    """ALARM when any contributor is, else OK when any is, else INSUFFICIENT_DATA."""
    for state in (AlarmState.ALARM, AlarmState.OK):
        if state in states.values():
            return state
    return AlarmState.INSUFFICIENT_DATA


def reason_of(states: Mapping[str, AlarmState]) -> str:
    """How many series came to the state that decides, in the recorded words."""
    decides = state_of(states)
    count = sum(state is decides for state in states.values())
    if decides is AlarmState.ALARM and count > TRACKED:
        return f"{TRACKED}+ time series evaluated to ALARM"
    if decides is not AlarmState.ALARM and count == len(states):
        return f"{count} time series evaluated to {decides}"
    return f"{count} out of {len(states)} time series evaluated to {decides}"


def nothing_returned(treatment: Treatment, previous: AlarmState) -> tuple[AlarmState, str]:
    """State and reason of an alarm whose query returned no series at all."""
    state = {
        Treatment.MISSING: AlarmState.INSUFFICIENT_DATA,
        Treatment.IGNORE: previous,
        Treatment.BREACHING: AlarmState.ALARM,
        Treatment.NOT_BREACHING: AlarmState.OK,
    }[treatment]
    text = "No time series were returned by the query. Treat missing data is configured as"
    return state, f"{text} [{_TREATED[treatment]}]."
