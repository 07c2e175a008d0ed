"""CloudWatch metrics: which series there are, their newest points, and their past.

Three speeds: series with alarms when a new slot can be complete, all others at
``every`` (longer when money is short), history in slices, newest first. What has
been answered is known per cohort of series, and a batch carries what it covers,
so a crash repeats a read at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from app.aws import Aws, Priority, Reading
from app.aws.prices import PRICES
from app.catalogue import Catalogue
from app.config import CollectionSettings
from app.model.alarms import AlarmDefinition
from app.model.groups import history_group, series_group
from app.model.ids import Place
from app.model.rounds import Batch
from app.model.time import Window
from app.store import Store
from collectors import metric_discovery as discovery
from collectors.base import Task
from collectors.metric_alarms import Made, Seen, Watched, nothing, series_of, watched
from collectors.metric_late import Changes
from collectors.metric_reading import Reader
from collectors.metric_series import SeriesBook
from collectors.metric_spaces import ReadForAlarms, Spaces
from collectors.metric_tasks import Bundle, Patience, Space, batches
from collectors.windows import newest_slice

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
        made: Made = nothing,
    ) -> None:
        self._aws, self._store, self._alarms, self._made = aws, store, alarms, made
        self._settings, self._parallel = settings.metrics, settings.parallel
        services = None if settings.services == "all" else frozenset(settings.services)
        self._book = SeriesBook(store, catalogue, services)
        self._spaces = Spaces(store, self._book, settings.metrics, aws.meter)
        self._changes = Changes(store)
        self._patience = Patience()

    @property
    def every(self) -> timedelta:
        """Alarms set the pace; the plan leaves out what is not due."""
        return self._settings.alarmed_every

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """At most one task a group: alarms, listings, newest windows, one slice of history each."""
        seen = watched(self._alarms(), place, self._book, self._made)
        alarmed = self._alarmed(place, seen, now)
        ordinary = dict(self._spaces.ordinary(place, now, seen))
        self._aws.meter.expect(place, self.name, self._readings(alarmed, ordinary))
        return [
            *self._fresh_tasks(alarmed),
            *self._listing_tasks(place, now),
            *self._fresh_tasks([space for several in ordinary.values() for space in several]),
            *self._history_tasks(ordinary),
        ]

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """Ask AWS for one group; what changed since the plan is taken into account."""
        kind, _, rest = task.group.partition("/")
        if task.window is None:
            raise ValueError(f"a task for {task.group} needs a window")
        if kind == "series":
            return self._collect_listing(task, rest, task.window, now)
        namespace, _, seconds = rest.rpartition("/")
        if kind == "alarmed":
            return self._collect_alarmed(task, namespace, int(seconds), task.window, now)
        if kind == "metrics":
            return self._collect_fresh(task, namespace, int(seconds), task.window, now)
        return self._collect_history(task, namespace, int(seconds), task.window, now)

    # What to do

    def _alarmed(self, place: Place, seen: Seen, now: datetime) -> list[Space]:
        everything = [each for several in seen.values() for each in several]
        return [self._spaces.alarmed(place, each, now) for each in everything]

    def _fresh_tasks(self, spaces: Sequence[Space]) -> Iterator[Task]:
        for space in spaces:
            due = space.fresh()
            if due:
                start = min(bundle.due.window.start for bundle in due)
                yield Task(space.place, space.group, Window(start, space.within.end))

    def _listing_tasks(self, place: Place, now: datetime) -> Iterator[Task]:
        for namespace in self._book.namespaces:
            listed = self._store.coverage(place, series_group(namespace)).answered
            every = self._settings.discover_every
            newest = partial(self._book.newest_resource, place, namespace)
            if discovery.is_due(listed, every, now, newest):
                window = discovery.window(listed, now, self._book.longest_period(namespace))
                yield Task(place, series_group(namespace), window)

    def _history_tasks(self, ordinary: Mapping[str, Sequence[Space]]) -> Iterator[Task]:
        if self._aws.meter.is_spent():
            return
        for namespace, spaces in ordinary.items():
            for space in spaces:
                lacking = space.lacking()
                if lacking:
                    points = sum(known.cohort.points_a_slot for known in space.known)
                    window = newest_slice(lacking, space.habits, space.within.end, points)
                    group = history_group(namespace, space.habits.period)
                    yield Task(space.place, group, window)

    def _readings(
        self, alarmed: Sequence[Space], ordinary: Mapping[str, Sequence[Space]]
    ) -> Iterator[Reading]:
        """What regular reading costs at the wished intervals."""
        every, read = self._settings.alarmed_every, ReadForAlarms(alarmed)
        for space in alarmed:
            yield Reading(space.group, space.units() * _USD, every, space.habits.step)
        every = self._settings.every
        for namespace, spaces in ordinary.items():
            for space in spaces:
                usd = space.units(read.always if read else None) * _USD
                yield Reading(space.group, usd, every, space.habits.step, may_wait=True)
            usd = discovery.usd(sum(space.series for space in spaces))
            yield Reading(series_group(namespace), usd, self._settings.discover_every)

    # Asking

    def _collect_alarmed(
        self, task: Task, namespace: str, pace: int, window: Window, now: datetime
    ) -> Iterator[Batch]:
        for seen in self._seen(task.place, namespace):
            if seen.pace == pace:
                space = self._spaces.alarmed(task.place, seen, now).until(window.end)
                for bundle in space.fresh():
                    yield from self._read(space, bundle, (), task, Priority.ALARM)

    def _collect_fresh(
        self, task: Task, namespace: str, period: int, window: Window, now: datetime
    ) -> Iterator[Batch]:
        seen = self._seen(task.place, namespace)
        for space in self._spaces.of(task.place, namespace, now, seen):
            if space.habits.period == period:
                at_end = space.until(window.end)
                for bundle in at_end.fresh():
                    yield from self._read(at_end, bundle, seen, task, Priority.NORMAL)

    def _collect_history(
        self, task: Task, namespace: str, period: int, window: Window, now: datetime
    ) -> Iterator[Batch]:
        seen = self._seen(task.place, namespace)
        for space in self._spaces.of(task.place, namespace, now, seen):
            if space.habits.period == period:
                for bundle in space.past(window):
                    yield from self._read(space, bundle, seen, task, Priority.BACKFILL)

    def _collect_listing(
        self, task: Task, namespace: str, window: Window, now: datetime
    ) -> Iterator[Batch]:
        """List, then read the newest points of what was found at once, without another plan."""
        place, seen = task.place, self._seen(task.place, namespace)
        yield from discovery.discover(
            self._aws, self._book, place, namespace, window, series_of(seen)
        )
        for space in self._spaces.of(place, namespace, now, seen):
            for bundle in space.fresh():
                if not any(known.answered for known in bundle.known):
                    yield from self._read(space, bundle, seen, task, Priority.NORMAL)

    def _read(
        self,
        space: Space,
        bundle: Bundle,
        seen: Sequence[Watched],
        task: Task,
        priority: Priority,
    ) -> Iterator[Batch]:
        place = space.place
        read = ReadForAlarms([self._spaces.alarmed(place, each, space.within.end) for each in seen])
        yield from batches(
            Reader(self._aws, place, self.name, priority, self._parallel),
            bundle.asks(read.holds if read else None),
            self._changes,
            patient=lambda complete: self._patience.is_over(place, task.group, complete),
            covers=lambda: space.covers(bundle),
        )

    def _seen(self, place: Place, namespace: str) -> Sequence[Watched]:
        return watched(self._alarms(), place, self._book, self._made).get(namespace, ())
