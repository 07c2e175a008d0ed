"""The last day of a service or resource as one state an hour."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from app.model.alarms import Transition
from app.model.states import AlarmState, Health
from app.model.time import Window, ceil, epoch_ms
from app.read.alarm_book import AlarmNow, firing_windows
from app.read.judging import Judging
from app.read.slots import Slots
from app.read.survey import ServiceSurvey

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Strip:
    """One state for each hour from ``start``; the last hour is still running."""

    start: datetime
    states: tuple[Health, ...]


def strip(
    surveyed: ServiceSurvey,
    transitions: Mapping[str, Sequence[Transition]],
    now: datetime,
    rows: Collection[int] | None = None,
) -> Strip:
    """The worst state of each of the last 24 hours, over all resources or those at ``rows``.

    ``transitions`` are those of the last day, by alarm.
    """
    end = ceil(now, HOUR)
    hours = Slots.over(Window(end - 24 * HOUR, end), 3_600)
    weight = np.full(hours.count, Health.NO_DATA.weight)
    for judging in surveyed.judgings:
        _judged(weight, judging, hours, rows)
    arns = None if rows is None else {surveyed.bound.resources[row].arn for row in rows}
    for alarm in surveyed.alarms:
        if arns is None or alarm.definition.resource in arns:
            own = transitions.get(alarm.definition.id, ())
            if alarm.is_firing or any(AlarmState.ALARM in (t.old, t.new) for t in own):
                _fired(weight, alarm, own, hours, now)
    order = list(Health)
    return Strip(hours.start, tuple(order[w] for w in weight))


def _judged(
    weight: npt.NDArray[np.int_], judging: Judging, hours: Slots, rows: Collection[int] | None
) -> None:
    """Mark hours in which there were values, and those in which a condition held."""
    hour = (judging.slots.starts_ms - hours.start_ms) // hours.step_ms
    inside = (hour >= 0) & (hour < hours.count)
    for judged in judging.judged:
        mine = [i for i, row in enumerate(judged.rows) if rows is None or row in rows]
        if not mine:
            continue
        seen = _hours(np.asarray(judged.known[mine].any(axis=0)), hour, inside)
        weight[seen] = np.where(
            weight[seen] == Health.NO_DATA.weight, Health.OK.weight, weight[seen]
        )
        held = _hours(np.asarray(judged.held[mine].any(axis=0)), hour, inside)
        weight[held] = np.minimum(weight[held], Health(judged.condition.severity.value).weight)


def _hours(
    where: npt.NDArray[np.bool_], hour: npt.NDArray[np.int64], inside: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    return np.unique(hour[where & inside])


def _fired(
    weight: npt.NDArray[np.int_],
    alarm: AlarmNow,
    transitions: Sequence[Transition],
    hours: Slots,
    now: datetime,
) -> None:
    severity = Health(alarm.definition.severity.value).weight
    for window in firing_windows(alarm, transitions, Window(hours.start, now)):
        first = (epoch_ms(window.start) - hours.start_ms) // hours.step_ms
        last = (epoch_ms(window.end) - 1 - hours.start_ms) // hours.step_ms
        weight[first : last + 1] = np.minimum(weight[first : last + 1], severity)
