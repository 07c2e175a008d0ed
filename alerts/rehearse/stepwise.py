"""Alarms on queries over the past: judged moment by moment, each by the engine's own code.

A query over many metrics ranks what it returns, and one over logs is a query of its own for
each run; so nothing can be computed at once for all moments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from alerts.book import look_back
from alerts.computed import ComputedBook, Readings
from alerts.derived import Derived
from alerts.firing import CONTRIBUTORS
from alerts.logged import LogBook, Logs, judged
from alerts.rehearse.answered import answered_for
from alerts.rehearse.outcome import Change, Rehearsal
from alerts.verdict import Verdict
from alerts.verdict.judge import PARTIAL_DATA
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition, AlarmKind, AlarmStatus
from app.model.groups import logs_group
from app.model.lines import Line
from app.model.states import AlarmState
from app.model.time import Intervals, Window
from app.store import Store

MOST_QUERIES, MOST_RUNS = 1_500, 500
"""Moments that are judged at most: over metrics some milliseconds each, over logs a query."""

NOBODY = "a query over logs is asked for each run; rehearse it with `watchdeck alarms backtest`."


@dataclass(frozen=True, slots=True)
class Steps:
    """``looks`` tells what is looked at to judge at a time, ``judge`` judges it there.

    ``answered`` is the time for which everything was asked. ``judge`` takes the status before,
    which knows of ``runs`` - 1 judgements more where the newest ones count together.
    """

    every: int
    most: int
    looks: Callable[[int], Window]
    answered: Intervals
    judge: Callable[[int, AlarmStatus], Verdict | None]
    runs: int = 1

    def last(self, at: float, status: AlarmStatus) -> Verdict | None:
        """The verdict at a time, with the judgements before it that count too."""
        verdict = None
        for back in range(self.runs - 1, -1, -1):
            verdict = self.one(int(at) - back * self.every, status)
            if verdict is not None and back:
                status = replace(status, reason_data=verdict.reason_data)
        return verdict

    def one(self, at: int, status: AlarmStatus) -> Verdict | None:
        """The verdict at a time; None where it was not asked for, or nothing was decided."""
        looked = self.looks(at)
        if any(self.answered.gaps(looked)):
            return None
        verdict = self.judge(at, status)
        if verdict is not None and verdict.evaluation_state in ("", PARTIAL_DATA):
            return verdict
        return None


def steps_of(
    definition: AlarmDefinition, store: Store, catalogue: Catalogue, logs: Logs | None
) -> Steps | None:
    """The steps of an alarm on queries, None for any other; ValueError says why there are none."""
    if definition.kind is AlarmKind.LOG:
        return _over_logs(definition, store, logs)
    if definition.kind is AlarmKind.METRICS:
        return _over_metrics(definition, store, catalogue)
    return None


def unjudged(definition: AlarmDefinition, state: AlarmState, at: datetime) -> AlarmStatus:
    """A status to begin with, of an alarm that need not warm up."""
    return AlarmStatus(definition.id, state, "", {}, at, at)


def rehearsed(definition: AlarmDefinition, steps: Steps, window: Window) -> Rehearsal:
    """What the alarm would have done in the newest part of ``window`` that can be judged."""
    last = int(window.end.timestamp()) // steps.every * steps.every
    first = max(int(window.start.timestamp()), last - (steps.most - 1) * steps.every)
    moments = range(-(-first // steps.every) * steps.every, last + 1, steps.every)
    status = unjudged(definition, AlarmState.INSUFFICIENT_DATA, _time(moments.start))
    changes: list[Change] = []
    values: list[float] = []
    unasked = 0
    for at in moments:
        verdict = steps.one(at, status)
        unasked += verdict is None
        values.append(np.nan if verdict is None else _value(verdict))
        if verdict is None:
            continue
        if verdict.state is not status.state:
            changes.append(Change(_time(at), status.state, verdict.state, verdict.reason))
        status = replace(
            status, state=verdict.state, reason=verdict.reason, reason_data=verdict.reason_data
        )
    return Rehearsal(
        put=definition.put,
        window=Window(_time(moments.start), window.end),
        every=timedelta(seconds=steps.every),
        state=status.state,
        changes=tuple(changes),
        line=_line(status, moments, values),
        unasked=timedelta(seconds=steps.every * unasked),
        problem="it was never asked for all that the alarm looks at."
        if unasked == len(moments)
        else "",
    )


def _over_metrics(definition: AlarmDefinition, store: Store, catalogue: Catalogue) -> Steps | None:
    book = ComputedBook.of([definition], catalogue)
    if not book.alarms:
        raise ValueError(book.broken[definition.id])
    alarm = book.alarms[0]
    if not alarm.selects:
        return None
    scopes = [book.scopes[i] for i in sorted(alarm.scopes)]
    coverages = store.coverages()
    asked = [answered_for(coverages, each.place, each.namespace) for each in scopes]
    derived = Derived(store, timedelta(0))

    def judge(at: int, status: AlarmStatus) -> Verdict | None:
        end = alarm.end(at)
        readings = Readings(store, derived.ids([(alarm, end)]), [(alarm, end)])
        return derived.one(alarm, end, readings, status)

    return Steps(
        every=max(alarm.step, *(scope.pace for scope in scopes)),
        most=MOST_QUERIES,
        looks=lambda at: Window(_time(alarm.end(at) - look_back(alarm.rule)), _time(alarm.end(at))),
        answered=_all_of(asked),
        judge=judge,
    )


def _over_logs(definition: AlarmDefinition, store: Store, logs: Logs | None) -> Steps:
    book = LogBook.of([definition])
    if not book.alarms:
        raise ValueError(book.broken[definition.id])
    if logs is None:
        raise ValueError(NOBODY)
    alarm = book.alarms[0]
    return Steps(
        every=alarm.every,
        most=MOST_RUNS,
        looks=lambda at: alarm.window(at // alarm.every * alarm.every),
        answered=_all_of(
            [store.coverage(definition.place, logs_group(name)).answered for name in alarm.groups]
        ),
        judge=lambda at, status: judged(alarm, logs, status, at // alarm.every * alarm.every),
        runs=alarm.rule.n,
    )


def _all_of(answered: Sequence[Intervals]) -> Intervals:
    """The time that every one of several has answered for."""
    found, *others = answered
    for each in others:
        found = found & each
    return found


def _value(verdict: Verdict) -> float:
    """How many series are in ALARM; of an alarm on one series its newest value."""
    data = verdict.reason_data
    if CONTRIBUTORS in data:
        return float(len(data[CONTRIBUTORS]))
    results = data.get("results") or ()
    newest = results[0].get("value") if results else None
    recent = data.get("recentDatapoints") or ()
    found = newest if newest is not None else (recent[-1] if recent else None)
    return np.nan if found is None else float(found)


def _line(status: AlarmStatus, moments: range, values: Sequence[float]) -> Line:
    name = "series in ALARM" if CONTRIBUTORS in status.reason_data else "value"
    every = timedelta(seconds=moments.step)
    return Line(name, _time(moments.start), every, np.array(values or [np.nan]))


def _time(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
