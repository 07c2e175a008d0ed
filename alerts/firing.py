"""What the status of an alarm keeps from tick to tick: its series in ALARM, and its beginning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from alerts.verdict import INITIAL, WARMING, Verdict
from alerts.verdict.contributors import TRACKED
from alerts.verdict.reason_data import stamp
from app.model.alarms import ATTRIBUTES, AlarmStatus, Transition
from app.model.states import AlarmState

CONTRIBUTORS = "contributors"
"""Where the reason data of an alarm keeps its series in ALARM, by id."""


def created_at(status: AlarmStatus | None, now: float) -> float | None:
    """When an alarm that may still warm up was created; None once it has been judged."""
    if status is None:
        return now
    return status.since.timestamp() if status.reason in (INITIAL, WARMING) else None


def contributors_of(status: AlarmStatus | None) -> dict[str, dict[str, Any]]:
    """The series of an alarm that are in ALARM, as its status keeps them."""
    return dict((status.reason_data if status else {}).get(CONTRIBUTORS) or {})


def with_contributors(
    verdict: Verdict,
    attributes: Mapping[str, Mapping[str, str]],
    before: Mapping[str, Mapping[str, Any]],
    end: int,
) -> Verdict:
    """The verdict with its series in ALARM in the reason data, at most a hundred of them.

    Those that are known stay before new ones.
    """
    alarming = [id_ for id_, e in verdict.contributors.items() if e.state is AlarmState.ALARM]
    tracked = set(sorted(alarming, key=lambda id_: id_ not in before)[:TRACKED])
    firing: dict[str, dict[str, Any]] = {}
    for id_, each in verdict.contributors.items():
        if id_ in tracked:
            known = before.get(id_) or {}
            firing[id_] = {
                "attributes": dict(attributes.get(id_) or known.get("attributes") or {}),
                "reason": known.get("reason", each.reason),
                "since": known.get("since", stamp(end)),
            }
    return replace(verdict, reason_data={**verdict.reason_data, CONTRIBUTORS: firing})


def contributor_changes(
    before: AlarmStatus, verdict: Verdict, now: datetime
) -> Iterator[Transition]:
    """The series that came into ALARM or left it; those beyond the tracked are not told of."""
    if CONTRIBUTORS not in verdict.reason_data:
        return
    known, firing = contributors_of(before), verdict.reason_data[CONTRIBUTORS]
    for id_, each in verdict.contributors.items():
        if (id_ in firing) == (id_ in known) or (id_ in known and each.state is AlarmState.ALARM):
            continue
        old = AlarmState.ALARM if id_ in known else AlarmState.OK
        attributes = (firing.get(id_) or known.get(id_) or {}).get("attributes") or {}
        data = {**each.reason_data, ATTRIBUTES: attributes}
        yield Transition(before.alarm, now, old, each.state, each.reason, data, contributor=id_)
