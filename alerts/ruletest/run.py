"""Walks an alarm through the points of its test, and holds its states against the expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.explain.told import explained, marks_line
from alerts.ruletest.notation import points, words
from alerts.ruletest.suite import Case, Suite
from alerts.verdict import Rule, Verdict, evaluate, every, slots
from alerts.verdict.evidence import Evidence
from alerts.verdict.rows import points_of
from app.model.states import AlarmState
from app.query.alarm_rule import explain
from app.query.lang import QueryError

Rows = list[tuple[float, ...]]
FIRST = timedelta(seconds=0)


@dataclass(frozen=True, slots=True)
class Failure:
    """One state that was not as expected; ``because`` says how it came about."""

    case: str
    line: int
    at: datetime
    expected: str
    got: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file came to: how many states were held against, and those that were wrong."""

    cases: int
    checked: int
    failures: tuple[Failure, ...]


def run(suite: Suite) -> Outcome:
    """Run every test of a file."""
    failures: list[Failure] = []
    for case in suite.cases:
        failures += _composite(case) if case.alarm.get("AlarmRule") else _walked(case)
    checked = sum(len(case.expect) for case in suite.cases)
    return Outcome(len(suite.cases), checked, tuple(failures))


def _walked(case: Case) -> list[Failure]:
    """Judge at every tick up to the last expectation, as the engine would."""
    rule, settings = Rule.of(case.alarm), case.settings
    start = round(settings.start.timestamp())
    given = _given(case, rule)
    state, failures, tick = settings.state, [], start
    for after, expected, line in case.expect:
        wanted = start + after.total_seconds()
        verdict: Verdict | None = None
        before = state
        while tick <= wanted:
            before = state
            verdict = evaluate(case.alarm, previous_state=state, now=tick, **given)
            state, tick = verdict.state, tick + every(rule)
        reason = verdict.reason if verdict else ""
        wrong = state is not expected.state or expected.reason not in reason
        if wrong:
            because = _because(rule, given, before, wanted, reason)
            failures.append(_failure(case, line, wanted, (expected.state, state), because))
    return failures


def _given(case: Case, rule: Rule) -> dict[str, Any]:
    """The points as ``evaluate`` takes them."""
    settings = case.settings
    interval = int(settings.interval.total_seconds()) if settings.interval else rule.period
    start = round(settings.start.timestamp())
    if isinstance(settings.series, Mapping):
        lines = {name: _rows(line, start, interval) for name, line in settings.series.items()}
        given: dict[str, Any] = {"series": lines}
    elif interval < rule.period:
        given = {"samples": _rows(settings.series, start, interval)}
    else:
        given = {"datapoints": _counted(_rows(settings.series, start, interval), settings.samples)}
    if settings.band:
        sides = settings.band.model_dump()
        given["band"] = {side: _rows(line, start, interval) for side, line in sides.items()}
    return given


def _rows(line: str, start: int, interval: int) -> Rows:
    return [
        (start + i * interval, value) for i, value in enumerate(points(line)) if value is not None
    ]


def _counted(rows: Rows, line: str) -> Rows:
    """The same with the number of samples of each point; the last one goes on."""
    counts = [count or 0.0 for count in points(line)]
    if not counts:
        return rows
    return [(*row, counts[min(i, len(counts) - 1)]) for i, row in enumerate(rows)]


def _because(
    rule: Rule, given: Mapping[str, Any], before: AlarmState, at: float, reason: str
) -> tuple[str, ...]:
    """The slots and the step that decided, where the alarm has one series of its own."""
    rows = given.get("datapoints")
    if rows is None or "band" in given:
        return (reason,)
    evidence = Evidence.of(rule, slots(rule, at), points_of(rows))
    told = explained(rule, evidence, before, at)
    return (f"slots {marks_line(told.slots)} (oldest first), before: {before}", *told.steps)


def _composite(case: Case) -> list[Failure]:
    """A composite follows its children at once."""
    interval = case.settings.interval or timedelta(minutes=1)
    lines = {name: words(line) for name, line in case.settings.children.items()}
    failures = []
    for after, expected, line in case.expect:
        states = {name: _at(states, after, interval) for name, states in lines.items()}
        try:
            outcome = explain(str(case.alarm["AlarmRule"]), states)
        except QueryError as error:
            got, because = "an error", tuple(error.drawn().splitlines())
        else:
            got = (AlarmState.ALARM if outcome.holds else AlarmState.OK).value
            because = (f"decided by {', '.join(outcome.deciding) or 'the rule alone'}",)
        if got != expected.state:
            told = [f"{name}: {state}" for name, state in states.items()]
            wanted = case.settings.start.timestamp() + after.total_seconds()
            found = (expected.state, got)
            failures.append(_failure(case, line, wanted, found, (*told, *because)))
    return failures


def _at(states: Sequence[AlarmState], after: timedelta, interval: timedelta) -> AlarmState:
    """The state of a child at a time; the last one goes on."""
    return states[min(after // interval, len(states) - 1)]


def _failure(
    case: Case, line: int, at: float, found: tuple[str, str], because: Sequence[str]
) -> Failure:
    when = case.settings.start + timedelta(seconds=at - case.settings.start.timestamp())
    return Failure(case.name, line, when, str(found[0]), str(found[1]), tuple(because))
