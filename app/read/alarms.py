"""Alarms as they stand: the list, and one alarm with everything behind its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.model.alarms import Delivery, Severity, Silence, Transition
from app.model.ids import Place
from app.model.lines import Line
from app.model.readings import Look, Reading
from app.model.states import AlarmState, Health
from app.read.alarm_book import AlarmNow
from app.read.alarm_lines import drawn, lines_of
from app.read.alarm_subject import is_composite, period_s
from app.read.alarm_titles import full_title
from app.read.alarm_words import (
    BREACHES,
    threshold,
)
from app.read.books import Books
from app.read.contributors import Contributor, firing
from app.read.promptness import Promptness, promptness, stamped
from app.read.rule_tree import Branch, tree
from app.read.scope import Scope
from app.read.slots import Slots, period_for
from app.read.usual import usual_lines

SPARK = timedelta(hours=3)
"""How far the small lines of the list go back."""

_ORDER = (Health.CRITICAL, Health.WARNING, Health.COULD_NOT_ASK, Health.NO_DATA)
"""Trouble first; a silenced alarm stands after all that may need somebody, before what is OK."""


@dataclass(frozen=True, slots=True, eq=False)
class AlarmRow:
    """One alarm of the list; ``name_of_resource`` is empty where no resource is known.

    ``title`` is what people call it, ``brief`` its condition without the metric.
    """

    id: str
    name: str
    title: str
    place: Place
    service: str
    resource: str
    name_of_resource: str
    state: AlarmState
    health: Health
    severity: Severity
    since: datetime | None
    condition: str
    brief: str
    reason: str
    problem: str
    value: float | None
    unit: str
    threshold: float | None
    line: Line
    silence: Silence | None
    channels: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Point:
    """One evaluated datapoint; ``breaching`` is None where there was no data."""

    at: datetime | None
    value: float | None
    breaching: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class AlarmDetail:
    """One alarm in depth, over the range of the page."""

    row: AlarmRow
    put: Mapping[str, Any]
    says: str
    line: Line
    period_s: int
    transitions: tuple[Transition, ...]
    """Changes of the alarm, newest first; those of its contributors stand in ``history`` too."""
    history: tuple[Transition, ...]
    deliveries: tuple[Delivery, ...]
    points: tuple[Point, ...]
    evaluated: datetime | None
    rule: Branch | None = None
    usual: tuple[Line, ...] = ()
    prompt: Mapping[int, Promptness] = field(default_factory=dict)
    """How soon each change of state was decided, by its id."""
    contributors: tuple[Contributor, ...] | None = None
    """The series in ALARM; None for an alarm that has no contributors."""


class AlarmsReader:
    """Answers about alarms, and takes silences."""

    def __init__(
        self,
        books: Books,
        unusual: Sequence[tuple[float, float]] = (),
        every: timedelta = timedelta(minutes=1),
    ) -> None:
        self._books, self._unusual, self._every = books, tuple(unusual), every

    def current(self, scope: Scope) -> Reading[tuple[AlarmRow, ...]]:
        """Every alarm of the places, firing first, with a line of the last three hours."""
        alarms = self._books.alarms(scope.places, scope.now)
        lines = lines_of(self._books.store, alarms, scope.last(SPARK).window)
        rows = [self._row(alarm, lines[alarm.definition.id]) for alarm in alarms]
        return self._reading(tuple(sorted(rows, key=_by_trouble)), alarms, bool(rows))

    def of_resource(self, arn: str, scope: Scope) -> tuple[AlarmRow, ...]:
        """The alarms that watch one resource."""
        return self._some(scope, lambda alarm: alarm.definition.resource == arn)

    def of_service(self, service: str, scope: Scope) -> tuple[AlarmRow, ...]:
        """The alarms that watch one service."""
        return self._some(scope, lambda alarm: alarm.definition.service == service)

    def one(self, id_: str, scope: Scope) -> Reading[AlarmDetail | None]:
        """One alarm with its definition, evaluated points, history and messages."""
        place = _place(id_)
        alarms = [a for a in self._books.alarms((place,), scope.now) if a.definition.id == id_]
        if not alarms:
            return Reading(None, Look.NOTHING)
        alarm = alarms[0]
        put = alarm.definition.put
        period = max(period_s(put), period_for(scope.window, period_s(put)))
        slots = Slots.over(scope.window, period)
        line = drawn(self._books.store, [alarm], slots)[id_]
        ledger = self._books.store.ledger
        changes = ledger.transitions(alarm=id_, limit=100, contributor=None)
        transitions = ledger.transitions(alarm=id_, limit=100)
        deliveries = [d for t in changes[:20] for d in ledger.deliveries(transition=t.id)]
        small = lines_of(self._books.store, [alarm], scope.last(SPARK).window)[id_]
        detail = AlarmDetail(
            row=self._row(alarm, small),
            put=put,
            says=self._says(alarm),
            line=line,
            period_s=period,
            transitions=tuple(transitions),
            history=tuple(changes),
            deliveries=tuple(deliveries),
            points=_points(alarm),
            evaluated=alarm.status.updated if alarm.status else None,
            rule=self._rule(alarm, place, scope),
            prompt={t.id: p for t in changes if (p := promptness(t, self._every))},
            contributors=firing(alarm.status),
            usual=usual_lines(self._books.store, alarm.definition, slots, self._unusual),
        )
        return self._reading(detail, alarms, True)

    def _rule(self, alarm: AlarmNow, place: Place, scope: Scope) -> Branch | None:
        """The rule of a composite with the alarms that it names, as they stand."""
        if not is_composite(alarm.definition.put):
            return None
        resources = self._books.resources()

        def titled(each: AlarmNow) -> str:
            return full_title(each, resources.get(each.definition.resource))

        alarms = {each.definition.id: each for each in self._books.alarms((place,), scope.now)}
        return tree(alarm, alarms, titled)

    def silences(self, now: datetime) -> tuple[Silence, ...]:
        """Silences that have not ended, the next to end first."""
        found = self._books.store.ledger.silences(now)
        return tuple(sorted(found, key=lambda s: (s.end is None, s.end or now)))

    def silence(
        self, alarms: Iterable[str], until: datetime, author: str, comment: str, now: datetime
    ) -> list[Silence]:
        """Mute alarms by their ids until a time; raises ValueError for a time that has passed."""
        if until <= now:
            raise ValueError("a silence has to end in the future")
        if not comment.strip():
            raise ValueError("a silence needs a reason")
        ledger = self._books.store.ledger
        silences = [
            ledger.add_silence(Silence(0, {"alarm": _literal(id_)}, now, until, author, comment))
            for id_ in alarms
        ]
        self._books.forget()
        return silences

    def end_silence(self, id_: int, now: datetime) -> None:
        """End a silence now."""
        self._books.store.ledger.end_silence(id_, now)
        self._books.forget()

    def _some(self, scope: Scope, wanted: Any) -> tuple[AlarmRow, ...]:
        alarms = [a for a in self._books.alarms(scope.places, scope.now) if wanted(a)]
        lines = lines_of(self._books.store, alarms, scope.last(SPARK).window)
        rows = [self._row(alarm, lines[alarm.definition.id]) for alarm in alarms]
        return tuple(sorted(rows, key=_by_trouble))

    def _row(self, alarm: AlarmNow, line: Line) -> AlarmRow:
        definition, status = alarm.definition, alarm.status
        resource = self._books.resources().get(definition.resource)
        named = (resource.name or resource.id) if resource else ""
        return AlarmRow(
            id=definition.id,
            name=definition.name,
            title=full_title(alarm, resource),
            place=definition.place,
            service=definition.service,
            resource=definition.resource if resource else "",
            name_of_resource=named,
            state=alarm.state,
            health=alarm.health,
            severity=definition.severity,
            since=status.since if status else None,
            condition=alarm.defined.condition,
            brief=alarm.defined.brief,
            reason=status.reason if status else "Not evaluated yet.",
            problem=status.problem if status else "",
            value=line.newest,
            unit=alarm.defined.unit,
            threshold=threshold(definition.put),
            line=line,
            silence=alarm.silence,
            channels=definition.channels,
            origin=str(definition.origin),
        )

    def _says(self, alarm: AlarmNow) -> str:
        service = self._books.catalogue.services.get(alarm.definition.service)
        known = service.metric(str(alarm.definition.put.get("MetricName", ""))) if service else None
        return str(alarm.definition.put.get("AlarmDescription") or (known.says if known else ""))

    def _reading(self, value: Any, alarms: Sequence[AlarmNow], there: bool) -> Reading[Any]:
        newest = max((a.status.updated for a in alarms if a.status), default=None)
        return Reading(value, Look.DATA if there else Look.NOTHING, newest)


def _by_trouble(row: AlarmRow) -> tuple[int, float, str]:
    order = [*_ORDER, Health.SILENCED, Health.OK]
    return (order.index(row.health), -(row.since.timestamp() if row.since else 0.0), row.name)


def _place(id_: str) -> Place:
    account, _, rest = id_.partition("/")
    return Place(account, rest.partition("/")[0])


def _points(alarm: AlarmNow) -> tuple[Point, ...]:
    """The evaluated datapoints of CloudWatch's StateReasonData, newest first."""
    if alarm.status is None:
        return ()
    found = alarm.status.reason_data.get("evaluatedDatapoints")
    if not isinstance(found, list):
        return ()
    put = alarm.definition.put
    return tuple(_point(each, put) for each in found if isinstance(each, Mapping))


def _point(each: Mapping[str, Any], put: Mapping[str, Any]) -> Point:
    value = each.get("value")
    at = stamped(each)
    known = float(value) if isinstance(value, int | float) else None
    compare, limit = BREACHES.get(str(put.get("ComparisonOperator"))), threshold(put)
    if known is None or compare is None or limit is None:
        return Point(at, known, None)
    return Point(at, known, bool(compare(known, limit)))


def _literal(text: str) -> str:
    """A glob that fits only this text."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)
