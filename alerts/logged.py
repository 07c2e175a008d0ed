"""The defined log alarms: a Logs Insights query that runs on a schedule, with a threshold.

A run at a time looks at the events before it, and waits until they have been collected; its
result is kept with the alarm, so the newest N results are the same after a restart.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from alerts.firing import contributors_of, created_at, with_contributors
from alerts.validation import problems as mistakes_of
from alerts.validation.log import aggregation, rate
from alerts.verdict import Rule, Verdict, contributor_id, evaluate
from app.model.alarms import AlarmDefinition, AlarmKind, AlarmStatus
from app.model.errors import ConfigError, OpsError
from app.model.groups import logs_group
from app.model.ids import Place
from app.model.states import AlarmState
from app.model.time import Intervals, Window
from app.query.insights import Answer, Result
from app.query.lang import QueryError

_LOG = logging.getLogger(__name__)
RUNS = "runs"
"""Where the reason data of a log alarm keeps the results of its newest runs, newest first."""

RUNS_OF = "runsOf"
"""Where it keeps which query they are results of."""

MOST = 500
"""How many series one run may return."""

_VALUE = "value"
Asked = Mapping[tuple[Place, str], Intervals]
Run = tuple[int, dict[str, float | None]]


class Logs(Protocol):
    """Answers Logs Insights queries over stored events: the reader of logs."""

    def query(
        self,
        text: str,
        groups: Sequence[str],
        window: Window,
        places: Sequence[Place],
        *,
        now: datetime,
    ) -> Answer: ...


@dataclass(frozen=True, slots=True)
class LogAlarm:
    """One log alarm: the whole query, its groups and its schedule in seconds."""

    definition: AlarmDefinition
    rule: Rule
    query: str
    by: tuple[str, ...]
    counts: bool
    groups: tuple[str, ...]
    every: int
    reaches: tuple[int, int]

    @property
    def mark(self) -> str:
        """Another one for another query, other groups or another schedule."""
        told = (self.query, self.groups, self.every, self.reaches)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    def run_before(self, answered: int) -> int:
        """The newest run whose events have all been collected."""
        newest = answered + self.reaches[1]
        return newest - newest % self.every

    def window(self, run: int) -> Window:
        start, end = self.reaches
        return Window(_time(run - start), _time(run - end))


@dataclass(frozen=True, slots=True)
class LogBook:
    """All log alarms; ``broken`` maps the id of an alarm to what is wrong with it."""

    alarms: tuple[LogAlarm, ...]
    broken: Mapping[str, str]

    @classmethod
    def of(cls, definitions: Sequence[AlarmDefinition]) -> LogBook:
        alarms: list[LogAlarm] = []
        broken: dict[str, str] = {}
        for definition in definitions:
            if definition.kind is not AlarmKind.LOG:
                continue
            try:
                alarms.append(_compiled(definition))
            except ValueError as problem:
                broken[definition.id] = str(problem)
        return cls(tuple(alarms), broken)

    def judged(
        self,
        logs: Logs | None,
        asked: Asked,
        statuses: Mapping[str, AlarmStatus],
        problems: dict[str, str],
        at: tuple[datetime, timedelta],
    ) -> dict[str, Verdict]:
        """Verdicts of the alarms that ran anew, by id; adds to ``problems``.

        ``asked`` is what has been answered for, by place and group.
        """
        verdicts: dict[str, Verdict] = {}
        now, patience = at
        for alarm in self.alarms:
            id_ = alarm.definition.id
            answered, problem = _answered(alarm, asked, now, patience)
            if problem or logs is None:
                problems[id_] = problem or "Nobody here can answer Logs Insights queries."
                continue
            try:
                asked_for = _asked_for(alarm, asked)
                run = alarm.run_before(answered)
                verdict = judged(alarm, logs, statuses.get(id_), run, asked_for)
            except QueryError as error:
                problems[id_] = f"The query is refused: {error.message}"
                known = statuses.get(id_)
                if known is not None and known.state is not AlarmState.INSUFFICIENT_DATA:
                    verdicts[id_] = Verdict(AlarmState.INSUFFICIENT_DATA, problems[id_], {})
            except OpsError as error:
                problems[id_] = f"The query failed: {error}"
            except Exception as error:  # recorded as this alarm's problem; the others go on
                _LOG.exception("the evaluation of %s failed", id_)
                problems[id_] = f"The evaluation failed: {type(error).__name__}: {error}"
            else:
                if verdict is not None:
                    verdicts[id_] = verdict
        return verdicts


def _compiled(definition: AlarmDefinition) -> LogAlarm:
    """Raises ValueError with what AWS would say when the alarm is saved."""
    put = definition.put
    found = mistakes_of(put)
    if found:
        raise ValueError(f"AWS would refuse this alarm: {' '.join(found)}")
    scheduled = put["ScheduledQueryConfiguration"]
    schedule = scheduled["ScheduleConfiguration"]
    parts = aggregation(scheduled["AggregationExpression"]) or {}
    by = tuple(name.strip() for name in (parts.get("by") or "").split(",") if name.strip())
    function = str(parts["function"]).lower()
    stats = f"stats {function}({parts['field']}) as {_VALUE}"
    if by:
        order = f"{_VALUE} {parts['sort']}" if parts.get("sort") else f"{', '.join(by)} asc"
        stats += f" by {', '.join(by)} | sort {order} | limit {MOST}"
    return LogAlarm(
        definition,
        Rule.of(put),
        f"{scheduled['QueryString'].rstrip().rstrip('|')} | {stats}",
        by,
        function == "count",
        tuple(_group(each) for each in scheduled["LogGroupIdentifiers"]),
        rate(schedule["ScheduleExpression"]) or 60,
        (int(schedule["StartTimeOffset"]), int(schedule.get("EndTimeOffset", 0))),
    )


def _group(identifier: str) -> str:
    """The name of a log group that is named by name or by ARN."""
    return identifier.split(":log-group:")[-1].removesuffix(":*")


def _answered(alarm: LogAlarm, asked: Asked, now: datetime, patience: timedelta) -> tuple[int, str]:
    """Up to when the events of all groups of an alarm were collected."""
    place, newest = alarm.definition.place, now
    for name in alarm.groups:
        windows = asked.get((place, logs_group(name)), Intervals()).windows
        if not windows:
            return 0, f"The log group {name} in {place} has not been collected yet."
        if now - windows[-1].end > patience + timedelta(seconds=alarm.every):
            since = f"{windows[-1].end:%Y-%m-%d %H:%M} UTC"
            return 0, f"AWS could not be asked for the log group {name} in {place} since {since}."
        newest = min(newest, windows[-1].end)
        run = alarm.window(alarm.run_before(int(newest.timestamp())))
        if not any(w.start <= run.start and run.end <= w.end for w in windows):
            since = f"{windows[-1].start:%Y-%m-%d %H:%M} UTC"
            return 0, f"The log group {name} has been collected without a gap only since {since}."
    return int(newest.timestamp()), ""


def _asked_for(alarm: LogAlarm, asked: Asked) -> Intervals:
    """The time for which the events of all groups of an alarm were collected."""
    found, *others = (
        asked.get((alarm.definition.place, logs_group(name)), Intervals()) for name in alarm.groups
    )
    for each in others:
        found = found & each
    return found


def judged(
    alarm: LogAlarm,
    logs: Logs,
    status: AlarmStatus | None,
    run: int,
    asked_for: Intervals | None = None,
) -> Verdict | None:
    """The verdict after the newest run; None where that was judged before.

    Runs that were missed are made up for where their time is in ``asked_for``: what was not
    collected is no result.
    """
    status = _of_this_query(alarm, status)
    known = _runs(status)
    if known and known[0][0] >= run:
        return None
    missed = range(known[0][0] + alarm.every, run, alarm.every) if known else range(0)
    due = [*list(missed)[-alarm.rule.n + 1 :], run] if alarm.rule.n > 1 else [run]
    if asked_for is not None:
        due = [at for at in due if at == run or not asked_for.gaps(alarm.window(at))]
    attributes: dict[str, dict[str, str]] = {}
    fresh = [(at, _result(alarm, logs, at, attributes)) for at in due]
    runs: list[Run] = [*reversed(fresh), *known][: alarm.rule.n]
    created = created_at(status, run)
    if alarm.by:
        verdict = _grouped(alarm, runs, status, attributes, created)
    else:
        rows = [(at, result.get("")) for at, result in runs]
        previous = status.state if status else None
        verdict = evaluate(alarm.definition.put, rows, previous, run, created_at=created)
    kept = [[at, result] for at, result in runs]
    more = {RUNS: kept, RUNS_OF: alarm.mark}
    return replace(verdict, reason_data={**verdict.reason_data, **more})


def _of_this_query(alarm: LogAlarm, status: AlarmStatus | None) -> AlarmStatus | None:
    """The status; one that rests on another query begins without data, as in CloudWatch."""
    kept = (status.reason_data if status else {}).get(RUNS_OF, alarm.mark)
    if status is None or kept == alarm.mark:
        return status
    return replace(status, state=AlarmState.INSUFFICIENT_DATA, reason="", reason_data={})


def _result(
    alarm: LogAlarm, logs: Logs, run: int, attributes: dict[str, dict[str, str]]
) -> dict[str, float | None]:
    """What one run returned, by contributor; an alarm without ``by`` has one, called ""."""
    result = _answer(alarm, logs, run)
    at = {name: i for i, name in enumerate(result.columns)}
    if not alarm.by:
        cell = result.rows[0][at[_VALUE]] if result.rows else None
        return {"": _number(cell, 0.0 if alarm.counts else None)}
    found: dict[str, float | None] = {}
    for cells in result.rows[:MOST]:
        mine = {name: str(cells[at[name.strip("`")]]) for name in alarm.by}
        id_ = contributor_id(mine)
        attributes[id_] = mine
        found[id_] = _number(cells[at[_VALUE]], None)
    return found


def _answer(alarm: LogAlarm, logs: Logs, run: int) -> Result:
    """What one run returned; groups that were collected and are not known hold no events."""
    place = [alarm.definition.place]
    try:
        found = logs.query(alarm.query, alarm.groups, alarm.window(run), place, now=_time(run))
    except ConfigError:
        return Result([], [])
    return found.result()


def _number(cell: Any, otherwise: float | None) -> float | None:
    return otherwise if cell is None or cell == "" else float(cell)


def _grouped(
    alarm: LogAlarm,
    runs: Sequence[Run],
    status: AlarmStatus | None,
    attributes: Mapping[str, Mapping[str, str]],
    created: float | None,
) -> Verdict:
    before = contributors_of(status)
    newest = runs[0][1]
    rows: dict[str, dict[str, Any]] = {
        id_: {
            "previous": "ALARM" if id_ in before else "OK",
            "datapoints": [(at, result.get(id_)) for at, result in runs],
        }
        for id_ in newest
    }
    rows |= {id_: {"previous": "ALARM", "datapoints": None} for id_ in before if id_ not in rows}
    previous = status.state if status else None
    verdict = evaluate(
        alarm.definition.put, None, previous, runs[0][0], contributors=rows, created_at=created
    )
    return with_contributors(verdict, attributes, before, runs[0][0])


def _runs(status: AlarmStatus | None) -> list[Run]:
    """The results of the newest runs, newest first, as the status keeps them."""
    kept = (status.reason_data if status else {}).get(RUNS) or []
    return [(int(at), dict(result)) for at, result in kept]


def _time(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
