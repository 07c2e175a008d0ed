"""CloudWatch metrics: which series there are, their newest points, and their past.

Three speeds: series with alarms every minute, all others at ``every`` (longer
when money is short), history in slices, newest first. What has been answered is
known per cohort of series, and a batch carries what it covers, so a crash
repeats a read at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from zlib import crc32

from app.aws import Aws, MetricQuery, Priority
from app.aws.prices import PRICES
from app.catalogue import Catalogue
from app.config import CollectionSettings
from app.model.alarms import AlarmDefinition
from app.model.groups import alarmed_group, history_group, metrics_group, series_group
from app.model.ids import Place, SeriesKey
from app.model.rounds import Batch
from app.model.time import Window
from app.store import Store
from collectors import metric_discovery as discovery
from collectors.base import Task
from collectors.metric_alarms import Watched, watched
from collectors.metric_reading import Reader
from collectors.metric_series import SeriesBook
from collectors.metric_tasks import Bundle, Known, Patience, Space, batches
from collectors.windows import FRESH, Habits, askable, covered, fresh, newest_slice

_USD = PRICES["cloudwatch", "GetMetricData"].usd


class MetricsCollector:
    """Reads metrics of every chosen service and of every alarm."""

    name = discovery.COLLECTOR

    def __init__(
        self,
        aws: Aws,
        store: Store,
        catalogue: Catalogue,
        settings: CollectionSettings,
        alarms: Callable[[], Sequence[AlarmDefinition]],
    ) -> None:
        self._aws, self._store, self._alarms = aws, store, alarms
        self._settings, self._parallel = settings.metrics, settings.parallel
        services = None if settings.services == "all" else frozenset(settings.services)
        self._book = SeriesBook(store, catalogue, services)
        self._patience = Patience()

    @property
    def every(self) -> timedelta:
        """Alarms set the pace; the plan leaves out what is not due."""
        return self._settings.alarmed_every

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """At most one task a group: alarms, listings, newest windows, one slice of history each."""
        alarms = watched(self._alarms(), place, self._book)
        spaces = self._spaces(place, now, alarms)
        self._expect(place, alarms, spaces)
        return [
            *self._alarm_tasks(place, alarms, now),
            *self._listing_tasks(place, now),
            *self._fresh_tasks(spaces),
            *self._history_tasks(spaces),
        ]

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """Ask AWS for one group; what changed since the plan is taken into account."""
        kind, _, rest = task.group.partition("/")
        if task.window is None:
            raise ValueError(f"a task for {task.group} needs a window")
        if kind == "alarmed":
            return self._collect_alarmed(task.place, rest, task.window)
        if kind == "series":
            return self._collect_listing(task, rest, task.window, now)
        namespace, _, period = rest.rpartition("/")
        if kind == "metrics":
            return self._collect_fresh(task, namespace, int(period), now)
        return self._collect_history(task, namespace, int(period), now)

    # What to do

    def _alarm_tasks(
        self, place: Place, alarms: Mapping[str, Watched], now: datetime
    ) -> Iterator[Task]:
        end = askable(self._alarm_habits(), now).end
        for namespace, seen in sorted(alarms.items()):
            window = self._alarm_window(place, seen, end)
            if window:
                yield Task(place, alarmed_group(namespace), window)

    def _listing_tasks(self, place: Place, now: datetime) -> Iterator[Task]:
        for namespace in self._book.namespaces:
            listed = self._store.coverage(place, series_group(namespace)).answered
            every = self._settings.discover_every
            newest = partial(self._book.newest_resource, place, namespace)
            if discovery.is_due(listed, every, now, newest):
                window = discovery.window(listed, now, self._book.longest_period(namespace))
                yield Task(place, series_group(namespace), window)

    def _fresh_tasks(self, spaces: Sequence[tuple[str, Space]]) -> Iterator[Task]:
        for _, space in spaces:
            due = space.fresh()
            if due:
                start = min(bundle.window.start for bundle in due)
                yield Task(space.place, space.group, Window(start, space.within.end))

    def _history_tasks(self, spaces: Sequence[tuple[str, Space]]) -> Iterator[Task]:
        if self._aws.meter.is_spent():
            return
        for namespace, space in spaces:
            lacking = space.lacking()
            if lacking:
                points = sum(known.cohort.points_a_slot for known in space.known)
                window = newest_slice(lacking, space.habits, space.within.end, points)
                group = history_group(namespace, space.habits.period)
                yield Task(space.place, group, window)

    def _spaces(
        self, place: Place, now: datetime, alarms: Mapping[str, Watched]
    ) -> list[tuple[str, Space]]:
        namespaces = dict.fromkeys((*self._book.namespaces, *alarms))
        return [
            (namespace, space)
            for namespace in namespaces
            for space in self._spaces_of(place, namespace, now, alarms.get(namespace))
        ]

    def _spaces_of(
        self, place: Place, namespace: str, now: datetime, seen: Watched | None
    ) -> Iterator[Space]:
        alarmed = frozenset(q.series for q in seen.queries) if seen else frozenset[SeriesKey]()
        cohorts = self._book.cohorts(place, namespace, now, alarmed)
        for period, same in sorted(cohorts.items()):
            group = metrics_group(namespace, period)
            habits = self._habits(place, group, period, now)
            known = []
            for cohort in same:
                coverage = self._store.coverage(place, cohort.group)
                known.append(Known(cohort, coverage.answered, coverage.settled))
            yield Space(place, group, habits, askable(habits, now), tuple(known))

    def _habits(self, place: Place, group: str, period: int, now: datetime) -> Habits:
        return Habits(
            period=period,
            lag=self._settings.lag,
            overlap=self._settings.overlap,
            backfill=self._settings.backfill,
            every=self._settings.every * self._aws.meter.stretch(now),
            phase=timedelta(seconds=crc32(f"{place}/{group}".encode()) % 3600),
        )

    # Asking

    def _collect_fresh(
        self, task: Task, namespace: str, period: int, now: datetime
    ) -> Iterator[Batch]:
        for space, seen in self._space(task, namespace, period, now):
            at_end = space.until(task.window.end) if task.window else space
            for bundle in at_end.fresh():
                yield from self._read(at_end, bundle, seen, Priority.NORMAL, task.group)

    def _collect_history(
        self, task: Task, namespace: str, period: int, now: datetime
    ) -> Iterator[Batch]:
        for space, seen in self._space(task, namespace, period, now):
            for bundle in space.past(task.window) if task.window else ():
                yield from self._read(space, bundle, seen, Priority.BACKFILL, task.group)

    def _space(
        self, task: Task, namespace: str, period: int, now: datetime
    ) -> list[tuple[Space, Watched | None]]:
        seen = self._seen(task.place, namespace)
        found = self._spaces_of(task.place, namespace, now, seen)
        return [(space, seen) for space in found if space.habits.period == period]

    def _read(
        self, space: Space, bundle: Bundle, seen: Watched | None, priority: Priority, group: str
    ) -> Iterator[Batch]:
        read = self._read_for_alarms(space, bundle.window, seen)
        queries = [q for q in bundle.queries if not _within(q, read)]
        yield from batches(
            self._reader(space.place, priority),
            queries,
            bundle.window,
            patient=lambda complete: self._patience.is_over(space.place, group, complete),
            covers=lambda: space.covers(bundle),
        )

    def _read_for_alarms(
        self, space: Space, window: Window, seen: Watched | None
    ) -> Mapping[tuple[SeriesKey, int], frozenset[str]]:
        """Statistics that the minute's reading for alarms has brought already, and as finally."""
        if seen is None:
            return {}
        coverage = self._store.coverage(space.place, seen.group)
        final = Window(window.start, max(window.start, min(window.end, space.final_before)))
        if coverage.answered.gaps(window) or coverage.settled.gaps(final):
            return {}
        return {(q.series, q.period): frozenset(q.statistics) for q in seen.queries}

    def _collect_alarmed(self, place: Place, namespace: str, planned: Window) -> Iterator[Batch]:
        seen = self._seen(place, namespace)
        window = self._alarm_window(place, seen, planned.end) if seen else None
        if seen is None or window is None:
            return
        final_before = planned.end - self._alarm_habits().reread
        groups = (seen.group, alarmed_group(namespace))
        yield from batches(
            self._reader(place, Priority.ALARM),
            seen.queries,
            window,
            patient=lambda complete: self._patience.is_over(place, seen.group, complete),
            covers=lambda: [c for g in groups for c in covered(place, g, window, final_before)],
        )

    def _collect_listing(
        self, task: Task, namespace: str, window: Window, now: datetime
    ) -> Iterator[Batch]:
        """List, then read the newest points of what was found at once, without another plan."""
        place, seen = task.place, self._seen(task.place, namespace)
        alarmed = frozenset(q.series for q in seen.queries) if seen else frozenset[SeriesKey]()
        yield from discovery.discover(self._aws, self._book, place, namespace, window, alarmed)
        for space in self._spaces_of(place, namespace, now, seen):
            for bundle in space.fresh():
                if not any(known.answered for known in bundle.cohorts):
                    yield from self._read(space, bundle, seen, Priority.NORMAL, task.group)

    def _seen(self, place: Place, namespace: str) -> Watched | None:
        return watched(self._alarms(), place, self._book).get(namespace)

    def _alarm_window(self, place: Place, seen: Watched, end: datetime) -> Window | None:
        """The newest time of alarmed series; all that the alarms look back on when it is new."""
        coverage = self._store.coverage(place, seen.group)
        far = max(FRESH, seen.look_back) if not coverage.answered else FRESH
        within = Window(end - far, end)
        if not coverage.answered:
            return within
        return fresh(coverage.answered, coverage.settled, self._alarm_habits(), within)

    def _alarm_habits(self) -> Habits:
        settings = self._settings
        return Habits(lag=settings.lag, overlap=settings.overlap, every=settings.alarmed_every)

    def _reader(self, place: Place, priority: Priority) -> Reader:
        return Reader(self._aws, place, self.name, priority, self._parallel)

    def _expect(
        self,
        place: Place,
        alarms: Mapping[str, Watched],
        spaces: Sequence[tuple[str, Space]],
    ) -> None:
        """Tell the meter what regular reading costs at the wished intervals."""
        hour = timedelta(hours=1)
        rounds = {
            Priority.ALARM: Decimal(hour // self._settings.alarmed_every),
            Priority.NORMAL: Decimal(hour / self._settings.every),
        }
        alarmed = {(q.series, q.period) for seen in alarms.values() for q in seen.queries}
        units = {
            Priority.ALARM: sum(seen.units for seen in alarms.values()),
            Priority.NORMAL: sum(
                query.units
                for _, space in spaces
                for known in space.known
                for query in known.cohort.queries
                if (query.series, query.period) not in alarmed
            ),
        }
        for priority, count in units.items():
            self._aws.meter.expect(place, self.name, count * _USD * rounds[priority], priority)


def _within(query: MetricQuery, read: Mapping[tuple[SeriesKey, int], frozenset[str]]) -> bool:
    return read.get((query.series, query.period), frozenset()).issuperset(query.statistics)
