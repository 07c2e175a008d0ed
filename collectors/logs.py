"""CloudWatch Logs: which groups there are, their newest events, and their past.

The newest events of all groups of a place are read together, so that they are
committed together. A group that may not be read never stops the others: it gets
rounds of its own until it can be. History comes in slices, newest first, and once a
day the last day is read again for events that came late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from app.aws import Aws, Priority, Reading
from app.aws.prices import PRICES
from app.catalogue import Catalogue
from app.config import CollectionSettings
from app.model.alarms import AlarmDefinition
from app.model.groups import (
    LOG_DETAILS,
    LOG_GROUPS,
    LOGS_AUDIT,
    LOGS_TOGETHER,
    logs_group,
    logs_history_group,
    logs_sweep_group,
)
from app.model.ids import Place
from app.model.logs import LogGroup
from app.model.rounds import Batch
from app.model.time import Intervals, Window
from app.model.watching import Input
from app.store import Store
from collectors import log_audit
from collectors.base import Task
from collectors.log_alarms import LogAlarms, Needed
from collectors.log_choice import Rules
from collectors.log_fresh import Due, FreshReader
from collectors.log_groups import GroupBook
from collectors.log_history import SliceReader
from collectors.log_pulse import Pulses
from collectors.log_reading import COLLECTOR, GroupReader
from collectors.log_times import Answered, Times
from collectors.log_tools import LogTools
from collectors.log_windows import newest_slice

_SECOND = timedelta(seconds=1)
_AN_HOUR = timedelta(hours=1)


class LogsCollector:
    """Reads the events of every log group that the rules choose."""

    name = COLLECTOR

    def __init__(
        self,
        aws: Aws,
        store: Store,
        catalogue: Catalogue,
        settings: CollectionSettings,
        alarms: Callable[[], Sequence[AlarmDefinition]] = tuple,
    ) -> None:
        self._aws, self._store, self._settings = aws, store, settings.logs
        services = {service.id: service.log_groups for service in catalogue}
        rules = Rules(settings.logs.groups, services, aws.account_names())
        self._book = GroupBook(aws, store, rules)
        self.tools = LogTools.of(store, catalogue, settings.logs)
        self._alarms = LogAlarms(alarms, self.tools.sources)
        self._places: set[Place] = set()
        self._pulses = Pulses()
        self._times = Times(settings.logs, aws, self._pulses)

    @property
    def every(self) -> timedelta:
        return self._settings.every

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """The newest events, listings, then history and what is to be read again."""
        if not self._settings.groups:
            return []
        coverages = Answered(self._store, place)
        groups = self._learned(place)
        needed = self._needed(place, groups, now)
        self._times.crowds[place] = len(groups)
        self._times.eager[place] = frozenset().union(*needed.values())
        return [
            *self._fresh_tasks(place, groups, coverages, now),
            *self._listing_tasks(place, now),
            *self._slice_tasks(groups, coverages, now),
            *self._audit_tasks(place, groups, coverages, now),
        ]

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """Ask AWS for one task; what changed since the plan is taken into account."""
        place, window = task.place, task.window
        if window is None:
            raise ValueError(f"a task for {task.group} needs a window")
        if task.group == LOG_GROUPS:
            return self._listing(place, window, now)
        if task.group == LOG_DETAILS:
            return self._book.details(place, now)
        if task.group == LOGS_TOGETHER:
            return self._together(place, now)
        if task.group == LOGS_AUDIT:
            return self._audited(place, window, now)
        return self._of_one(task, window, now)

    def makes(self, wanted: Input) -> bool:
        """Whether events make what an alarm looks at; then nobody else may read it."""
        if not self._settings.groups or wanted.key.namespace.startswith("AWS/"):
            return False
        if wanted.key.place not in self._places:
            self._learned(wanted.key.place)
        return self._alarms.makes(wanted)

    def _learned(self, place: Place) -> list[LogGroup]:
        """The groups that are read, after notice was taken of their metric filters."""
        groups = self._book.chosen(place)
        self.tools.metrics.know(place, groups, self._book.lossy(place))
        self._places.add(place)
        return groups

    def _needed(self, place: Place, groups: Sequence[LogGroup], now: datetime) -> Needed:
        return self._alarms.needed(place, {group.key.name for group in groups}, now)

    def _of_one(self, task: Task, window: Window, now: datetime) -> Iterator[Batch]:
        """What a task for one log group asks; nothing if the group is gone by now."""
        kind, _, name = task.group.partition("/")
        group = next((g for g in self._book.chosen(task.place) if g.key.name == name), None)
        if group is None:
            return iter(())
        if kind == "logs":
            return self._alone(group, now)
        return (
            self._again(group, now) if kind == "logs-sweep" else self._history(group, window, now)
        )

    # What to do

    def _fresh_tasks(
        self, place: Place, groups: list[LogGroup], answered: Answered, now: datetime
    ) -> Iterator[Task]:
        together: list[Window] = []
        for group in groups:
            window = self._times.fresh(group, answered, now)
            if window is None:
                continue
            if self._pulses.of(group.key).refused is None:
                together.append(window)
            else:
                yield Task(place, logs_group(group.key.name), window)
        if together:
            start, end = min(w.start for w in together), max(w.end for w in together)
            yield Task(place, LOGS_TOGETHER, Window(start, end))

    def _listing_tasks(self, place: Place, now: datetime) -> Iterator[Task]:
        if self._book.is_due(place, now, self._settings.discover_every):
            yield Task(place, LOG_GROUPS, self._book.window(place, now))
        elif self._book.lacks_details(place, now):
            yield Task(place, LOG_DETAILS, Window(now - _SECOND, now))

    def _slice_tasks(self, groups: list[LogGroup], answered: Answered, now: datetime) -> list[Task]:
        tasks = []
        for group in groups:
            if self._pulses.of(group.key).refused is not None:
                continue
            place, name = group.key.place, group.key.name
            lacking = self._times.lacking(group, answered, now)
            if lacking:
                tasks.append(Task(place, logs_history_group(name), newest_slice(lacking)))
            again = self._times.again(group, answered, now)
            if again is not None:
                tasks.append(Task(place, logs_sweep_group(name), again))
        return sorted(tasks, key=_newest_first)

    def _audit_tasks(
        self, place: Place, groups: list[LogGroup], answered: Answered, now: datetime
    ) -> Iterator[Task]:
        if not self._settings.audit:
            return
        usd = len(groups) * PRICES["cloudwatch", "GetMetricData"].usd
        reading = Reading(LOGS_AUDIT, usd, log_audit.EVERY, may_wait=True)
        self._aws.meter.expect(place, self.name, [reading])
        window = log_audit.due(answered.of_group(LOGS_AUDIT), now)
        read = any(answered.of(group.key.name)[0].length > _AN_HOUR for group in groups)
        if window is not None and read and not self._aws.meter.is_spent():
            yield Task(place, LOGS_AUDIT, window)

    # Asking

    def _listing(self, place: Place, window: Window, now: datetime) -> Iterator[Batch]:
        """Every group; then what is to be said of their metric filters."""
        if not self._book.is_due(place, now, self._settings.discover_every):
            return  # a plan that was made before the last listing ended asked for it
        yield from self._book.listing(place, window)
        said = self.tools.metrics.said_of(self._learned(place))
        if said:
            yield Batch(notes=said)

    def _together(self, place: Place, now: datetime) -> Iterator[Batch]:
        answered, due = Answered(self._store, place), []
        groups = self._learned(place)
        for group in groups:
            window = self._times.fresh(group, answered, now)
            if window is not None and self._pulses.of(group.key).refused is None:
                due.append(self._due(group, window, now))
        yield from self._fresh_reader(place).together(due, now)
        yield from self._made(place, self._needed(place, groups, now))

    def _made(self, place: Place, needed: Needed) -> Iterator[Batch]:
        """How far metrics that alarms wait for are complete, after the events were kept."""
        covered = list(self._alarms.covered(place, needed, Answered(self._store, place)))
        if covered:
            yield Batch(covered=covered)

    def _alone(self, group: LogGroup, now: datetime) -> Iterator[Batch]:
        place = group.key.place
        window = self._times.fresh(group, Answered(self._store, place), now)
        if window is None:
            return iter(())
        return self._fresh_reader(place).alone(self._due(group, window, now), now)

    def _due(self, group: LogGroup, window: Window, now: datetime) -> Due:
        full = self._times.is_full(group, now)
        return Due(group.key, self._book.rule(group), window, full)

    def _fresh_reader(self, place: Place) -> FreshReader:
        settings = self._settings
        return FreshReader(
            GroupReader(self._aws, place),
            self.tools.shaper,
            self.tools.metrics,
            self._pulses,
            settings.sweep,
            settings.parallel,
        )

    def _history(self, group: LogGroup, slice_: Window, now: datetime) -> Iterator[Batch]:
        """What of a slice is lacking still."""
        answered = Answered(self._store, group.key.place)
        lacking = self._times.lacking(group, answered, now) & Intervals.of([slice_])
        for window in reversed(lacking.windows):
            yield from self._slice(group, window, now - self._settings.sweep)

    def _again(self, group: LogGroup, now: datetime) -> Iterator[Batch]:
        window = self._times.again(group, Answered(self._store, group.key.place), now)
        return iter(()) if window is None else self._slice(group, window, now)

    def _slice(self, group: LogGroup, window: Window, final: datetime) -> Iterator[Batch]:
        return self._slices(group.key.place).batches(
            group.key, self._book.rule(group), window, final
        )

    def _slices(self, place: Place) -> SliceReader:
        reader = GroupReader(self._aws, place, Priority.BACKFILL)
        return SliceReader(reader, self.tools.shaper, self.tools.metrics)

    def _audited(self, place: Place, window: Window, now: datetime) -> Iterator[Batch]:
        chosen = {group.key: self._book.rule(group) for group in self._book.chosen(place)}
        audit = log_audit.Audit(self._aws, self._store, place)
        return audit.batches(chosen, window, self._slices(place), now)


def _newest_first(task: Task) -> tuple[float, str]:
    assert task.window is not None  # noqa: S101 - tasks of slices have one
    return -task.window.end.timestamp(), task.group
