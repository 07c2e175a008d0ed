"""Replays a decision from the store: what was judged, on which points, by which rule.

Points that came late are in the store now and were not when the decision fell; where
the record holds other values than the store, both are told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.explain.told import Explanation, explained
from alerts.firing import CONTRIBUTORS
from alerts.logged import RUNS, Logs
from alerts.rehearse.answered import answered_for
from alerts.rehearse.moments import moments
from alerts.rehearse.run import evidence_of
from alerts.rehearse.stepwise import Steps, steps_of, unjudged
from alerts.rehearse.subject import Subject, subject_of
from alerts.verdict import Verdict
from alerts.verdict.evidence import Evidence
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition, Transition
from app.model.errors import OpsError
from app.model.states import AlarmState
from app.model.time import Window
from app.query.alarm_rule import explain as explain_rule
from app.query.alarm_rule import parse, refs
from app.query.lang import QueryError
from app.store import Store

LONG_AGO = timedelta(days=4_000)
NOT_ASKED = "AWS has not answered for all of the time that the query looks at."
STAMP = "%Y-%m-%dT%H:%M:%S.%f%z"


@dataclass(frozen=True, slots=True)
class Differs:
    """A point as it was when the decision fell, and as the store has it now."""

    at: datetime
    then: float | None
    now: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a query gives when it is judged again: state, reason, and each series in words."""

    state: AlarmState
    reason: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """One decision of one alarm.

    ``answered`` is whether AWS has answered for all that was looked at. ``recorded`` is the
    change of state that was put on record at that decision, None where the state stayed.
    ``standing`` is the state on record. A composite has ``children`` and ``deciding``
    instead of an explanation, an alarm on queries ``series``.
    """

    definition: AlarmDefinition
    standing: AlarmState
    recorded: Transition | None
    explanation: Explanation | None = None
    differs: tuple[Differs, ...] = ()
    children: Mapping[str, AlarmState] | None = None
    deciding: tuple[str, ...] = ()
    series: Judged | None = None
    answered: bool = True
    problem: str = ""


class Replayer:
    """Explains decisions over one store; asks AWS nothing."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        unusual: Sequence[tuple[float, float]] = (),
        logs: Logs | None = None,
    ) -> None:
        self._store, self._catalogue, self._unusual = store, catalogue, unusual
        self._logs = logs

    def replay(self, definition: AlarmDefinition, at: datetime) -> Replay:
        """The newest decision at ``at``; a change of state just then is replayed as it fell."""
        before, recorded = self._record(definition.id, at)
        standing = recorded.new if recorded else before
        if definition.put.get("AlarmRule") is not None:
            return self._composite(definition, at, standing, recorded)
        try:
            steps = steps_of(definition, self._store, self._catalogue, self._logs)
            if steps is not None:
                return _stepped(definition, steps, at, (before, recorded))
            subject = subject_of(definition, self._store, self._catalogue, self._unusual)
        except (OpsError, ValueError) as problem:
            return Replay(definition, standing, recorded, problem=str(problem))
        end = int(_asked(recorded) or at.timestamp()) // subject.step * subject.step
        evidence = _evidence(subject, end)
        told = explained(subject.rule, evidence, before, float(end))
        looked = Window(told.slots[0].start, told.slots[-1].end)
        coverages = self._store.coverages()
        gaps = [
            answered_for(coverages, scope.place, scope.namespace).gaps(looked)
            for scope in subject.scopes
        ]
        return Replay(
            definition,
            standing,
            recorded,
            told,
            _differences(recorded, told),
            answered=not any(gaps),
        )

    def _record(self, alarm: str, at: datetime) -> tuple[AlarmState, Transition | None]:
        """The state before the decision, and the change that was recorded within a minute of it."""
        window = Window(at - LONG_AGO, at + timedelta(minutes=1))
        newest = self._store.ledger.transitions(alarm=alarm, window=window, limit=1)
        if not newest:
            return AlarmState.INSUFFICIENT_DATA, None
        if abs(newest[0].at - at) <= timedelta(minutes=1):
            return newest[0].old, newest[0]
        return newest[0].new, None

    def _composite(
        self,
        definition: AlarmDefinition,
        at: datetime,
        standing: AlarmState,
        recorded: Transition | None,
    ) -> Replay:
        siblings = [
            each for each in self._store.ledger.definitions() if each.place == definition.place
        ]
        states = {each.name: self._state(each.id, at) for each in siblings}
        states.pop(definition.name, None)
        rule = str(definition.put["AlarmRule"])
        try:
            outcome = explain_rule(rule, states, name=definition.name, place=definition.place)
        except QueryError as error:
            return Replay(definition, standing, recorded, problem=error.drawn())
        children = {ref.name: _state_of(ref.name, states) for ref in refs(parse(rule))}
        return Replay(definition, standing, recorded, children=children, deciding=outcome.deciding)

    def _state(self, alarm: str, at: datetime) -> AlarmState:
        """The state that was on record at ``at``."""
        window = Window(at - LONG_AGO, at + timedelta(seconds=1))
        newest = self._store.ledger.transitions(alarm=alarm, window=window, limit=1, brief=True)
        return newest[0].new if newest else AlarmState.INSUFFICIENT_DATA


def _stepped(
    definition: AlarmDefinition,
    steps: Steps,
    at: datetime,
    record: tuple[AlarmState, Transition | None],
) -> Replay:
    """An alarm on queries, judged again for the same time."""
    before, recorded = record
    standing = recorded.new if recorded else before
    newest = _asked(recorded) or at.timestamp()
    answered = not any(steps.answered.gaps(steps.looks(int(newest))))
    verdict = steps.last(newest, unjudged(definition, before, at)) if answered else None
    if verdict is None:
        return Replay(definition, standing, recorded, answered=answered, problem=NOT_ASKED)
    return Replay(
        definition,
        standing,
        recorded,
        series=Judged(verdict.state, verdict.reason, tuple(_series(verdict))),
    )


def _series(verdict: Verdict) -> Iterator[str]:
    """The series in ALARM by name, the others counted; the results of a log alarm."""
    for at, result in verdict.reason_data.get(RUNS) or ():
        if set(result) == {""}:
            found = result[""]
            told = "nothing" if found is None else f"{found:g}"
            yield f"The run at {datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC returned {told}."
    firing = verdict.reason_data.get(CONTRIBUTORS) or {}
    for id_, kept in firing.items():
        name = ", ".join(f"{key}={value}" for key, value in kept["attributes"].items())
        yield f"{name or id_} is ALARM: {verdict.contributors[id_].reason}"
    others = Counter(e.state for id_, e in verdict.contributors.items() if id_ not in firing)
    for state, count in others.items():
        yield f"{count} more {'is' if count == 1 else 'are'} {state}."


def _evidence(subject: Subject, end: int) -> Evidence:
    """The slots of the decision with everything that is stored for them."""
    seen, saw = subject.look(moments(subject.rule, end, end, 1, subject.step))
    return evidence_of(subject.rule, seen, saw, 0)


def _state_of(name: str, states: Mapping[str, AlarmState]) -> AlarmState:
    """The state of a child that a rule gives by its name or its ARN."""
    return states.get(name) or states[name.split(":", 6)[-1]]


def _asked(recorded: Transition | None) -> float | None:
    """The end of the data that a recorded decision was made on."""
    text = recorded.reason_data.get("queryDate") if recorded else None
    return None if text is None else _time(str(text)).timestamp()


def _time(text: str) -> datetime:
    return datetime.strptime(text, STAMP).astimezone(UTC)


def _differences(recorded: Transition | None, told: Explanation) -> tuple[Differs, ...]:
    """The points of the record that the store has otherwise now."""
    seen: Any = recorded.reason_data.get("evaluatedDatapoints") if recorded else None
    if not isinstance(seen, list):
        return ()
    now = {each.start: each.value for each in told.slots}
    then = {_time(str(each["timestamp"])): each.get("value") for each in seen}
    return tuple(
        Differs(at, value, now.get(at))
        for at, value in then.items()
        if at in now and now[at] != value
    )
