"""How good is what was collected: how far it reaches, and what failed last.

A round that fills an old gap says nothing of now: how far answers reach is read
from coverage, what is wrong from the newest round of each place and group.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from app.catalogue.schema import Service
from app.model.groups import (
    LOG_GROUPS,
    LOGS_TOGETHER,
    is_alarmed,
    is_of_one_log_group,
    logs_group,
    metrics_group,
    namespace_of,
)
from app.model.ids import Place
from app.model.plans import Plan
from app.model.readings import Look, Reading
from app.model.rounds import Result, Round
from app.model.time import Intervals, Window
from app.store import Store

T = TypeVar("T")

METRICS, INVENTORY, LOGS, LOG_FILES = "metrics", "inventory", "logs", "log-files"
TRACES = "traces"
ANSWERED = frozenset({Result.OK, Result.PARTIAL})
LAGGING = timedelta(minutes=15)
"""A place further behind the newest answer than this is failing, and holds no chart back."""

ABANDONED = timedelta(hours=6)
"""Groups that reach no further than this are no longer asked, and do not make others look old."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the collecting of one kind of fact stands, over some places.

    ``as_of`` is the oldest of the newest answers of places and groups.
    ``asked`` is False while no round has ended anywhere.
    """

    as_of: datetime | None = None
    problem: Round | None = None
    since: datetime | None = None
    asked: bool = False

    def reading(self, value: T, *, there: bool) -> Reading[T]:
        """The value with its look; ``there`` says whether there is anything to show."""
        return Reading(value, self._look(there), self.as_of, self.problem, self.since)

    def _look(self, there: bool) -> Look:
        if there:
            return Look.DATA
        if self.problem is not None:
            return Look.COULD_NOT_ASK
        return Look.NOTHING if self.asked else Look.NOT_COLLECTED


def groups_of(service: Service) -> tuple[str, ...]:
    """The groups under which the service's metrics are asked, at every period."""
    pairs = dict.fromkeys((metric.namespace, metric.period) for metric in service.metrics)
    return tuple(metrics_group(namespace, period) for namespace, period in pairs)


def _followed(rounds: Iterable[Round], plan: Plan | None) -> tuple[Round, ...]:
    """Without rounds of metrics that nobody reads any more, such as of alarms that are gone."""
    if plan is None:
        return tuple(rounds)
    read = {(planned.place, planned.group) for planned in plan.reads}
    return tuple(
        each
        for each in rounds
        if not (each.collector == METRICS and namespace_of(each.group))
        or (each.place, each.group) in read
    )


def _standing_alone(
    rounds: Sequence[Round], answered: Mapping[tuple[Place, str], Intervals]
) -> tuple[Round, ...]:
    """Without rounds of one log group that say nothing of now.

    Such a round failed, and then its group was read, or all groups of its place failed:
    the round that reads them together tells that.
    """
    together = {
        r.place: r.finished for r in rounds if r.group == LOGS_TOGETHER and r.result not in ANSWERED
    }

    def is_past(one: Round) -> bool:
        if one.collector != LOGS or not is_of_one_log_group(one.group):
            return False
        read = answered.get((one.place, logs_group(one.group.partition("/")[2])))
        if read and read.windows[-1].end > one.finished:
            return True
        return one.place in together and one.finished <= together[one.place] + LAGGING

    return tuple(each for each in rounds if not is_past(each))


class Standings:
    """Rounds and coverage of one moment; answers for any service and places.

    ``slow`` are groups of the inventory that are seldom asked; they make it look no older.
    """

    def __init__(self, store: Store, slow: Collection[str] = ()) -> None:
        self._store, self._slow = store, frozenset(slow)
        self._answered = store.answered()
        followed = _followed(store.rounds.latest(), store.meter.plan())
        self.latest = _standing_alone(followed, self._answered)
        self._rounds: dict[tuple[str, Place], list[Round]] = {}
        self._about: dict[str, set[str]] = {}
        for each in self.latest:
            self._rounds.setdefault((each.collector, each.place), []).append(each)
            self._about.setdefault(namespace_of(each.group), set()).add(each.group)
        self._asked: dict[tuple[str, frozenset[Place]], Standing] = {}

    def of_service(self, service: Service, places: Collection[Place]) -> Standing:
        """Standing of the metrics of one service."""
        key = (service.id, frozenset(places))
        if key not in self._asked:
            own = groups_of(service)
            asked = {g for namespace in service.namespaces for g in self._about.get(namespace, ())}
            self._asked[key] = self._standing(METRICS, places, own, {*own, *asked})
        return self._asked[key]

    def of_metrics(self, places: Collection[Place]) -> Standing:
        """Standing of all metrics."""
        wanted = set(places)
        own = {g for place, g in self._answered if place in wanted and namespace_of(g)}
        asked = {r.group for r in self.latest if r.collector == METRICS}
        return self._standing(METRICS, places, own & asked, asked)

    def of_namespace(self, namespace: str, places: Collection[Place]) -> Standing:
        """Standing of the metrics of one namespace; one that nobody ever met has nothing there."""
        about = self._about.get(namespace, set())
        own = [group for group in about if not is_alarmed(group)]
        found = self._standing(METRICS, places, own, about)
        if found.asked:
            return found
        return Standing(asked=any(round_.collector == METRICS for round_ in self.latest))

    def of_inventory(self, places: Collection[Place]) -> Standing:
        """Standing of the inventory of all services."""
        asked = {r.group for r in self.latest if r.collector == INVENTORY}
        return self._standing(INVENTORY, places, (), asked)

    def of_logs(self, names: Iterable[str], places: Collection[Place]) -> Standing:
        """Standing of log groups; it is as old as what is read least of them."""
        own = {logs_group(name) for name in names}
        found = self._standing(LOGS, places, (), {LOG_GROUPS, LOGS_TOGETHER, *own})
        return replace(found, as_of=self.reach(own, places))

    def of_traces(self, places: Collection[Place]) -> Standing:
        """Standing of traces, from wherever they come."""
        asked = {r.group for r in self.latest if r.collector == TRACES}
        return self._standing(TRACES, places, (), asked)

    def failing(self, places: Collection[Place]) -> list[Round]:
        """The newest round of each collector, place and group that gave no answer."""
        wanted = set(places)
        return [r for r in self.latest if r.result not in ANSWERED and r.place in wanted]

    def answered(self, place: Place, groups: Iterable[str]) -> Intervals:
        """The time for which AWS has answered about these groups in the place."""
        windows = (self._answered.get((place, group), Intervals()) for group in groups)
        return Intervals.of(window for found in windows for window in found)

    def reach(self, groups: Iterable[str], places: Collection[Place]) -> datetime | None:
        """Up to when all of the places have answered, but for those that lag far behind."""
        wanted = list(groups)
        ends = [end for p in places for g in wanted if (end := self._end(p, g)) is not None]
        newest = max(ends, default=None)
        return min((e for e in ends if newest and newest - e < LAGGING), default=None)

    def extent(self, window: Window) -> timedelta:
        """How much of the window is answered, added up over all places and groups."""
        met = (found & Intervals.of([window]) for found in self._answered.values())
        return sum((part.length for part in met), timedelta())

    def reaches(self, round_: Round) -> datetime | None:
        """How far answers of the round's group reach; for the inventory when it last answered."""
        if round_.collector == METRICS:
            found = self._answered.get((round_.place, round_.group))
            return found.windows[-1].end if found else None
        if round_.result in ANSWERED:
            return round_.finished
        earlier = self._store.rounds.recent(50, collector=round_.collector, place=round_.place)
        answered = (r for r in earlier if r.group == round_.group and r.result in ANSWERED)
        return next((r.finished for r in answered), None)

    def _standing(
        self,
        collector: str,
        places: Collection[Place],
        covered: Iterable[str],
        asked: Collection[str],
    ) -> Standing:
        wanted = set(places)
        rounds = [
            r for p in wanted for r in self._rounds.get((collector, p), ()) if r.group in asked
        ]
        failed = [r for r in rounds if r.result not in ANSWERED]
        problem = max(failed, key=lambda r: r.finished, default=None)
        since = None
        if problem is not None:
            since = self._store.rounds.failing_since(collector, problem.place, problem.group)
        if collector == METRICS:
            ends = [end for p in wanted for g in covered if (end := self._end(p, g)) is not None]
        else:
            usual = [r for r in rounds if r.group not in self._slow] or rounds
            ends = [end for r in usual if (end := self.reaches(r)) is not None]
        newest = max(ends, default=None)
        oldest = min((e for e in ends if newest and newest - e < ABANDONED), default=None)
        return Standing(oldest, problem, since, bool(rounds))

    def _end(self, place: Place, group: str) -> datetime | None:
        found = self._answered.get((place, group))
        return found.windows[-1].end if found else None
