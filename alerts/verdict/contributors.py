"""Alarms over several series: each returned series is judged, the alarm follows.

A contributor that the query no longer returns goes to OK whatever the treatment. A
query that returns nothing at all is missing data of the alarm itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from alerts.verdict.rule import Rule, Source
from app.model.states import AlarmState

TRACKED = 100
"""How many contributors in ALARM CloudWatch tracks, and names in a reason."""

GONE = "No data was returned by the query for this contributor."


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


def reason_of(rule: Rule, states: Mapping[str, AlarmState]) -> str:
    """How many contributors are in the state that decides."""
    decides = state_of(states)
    count = sum(state is decides for state in states.values())
    what = "contributors" if rule.source is Source.LOG else "time series"
    if decides is AlarmState.ALARM and count > TRACKED:
        return f"{TRACKED}+ {what} evaluated to ALARM"
    return f"{count} out of {len(states)} {what} evaluated to {decides}"
