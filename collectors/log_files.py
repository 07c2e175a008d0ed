"""Files of log events that subscriptions and export tasks have written: each taken once.

What was taken is remembered in the commit that holds the last events of a file, so a
restart takes a file again at most, and its events are told apart by their ids.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

import polars as pl

from app.aws import Aws
from app.config import LogFilesSettings, LogsSettings
from app.model.alarms import AlarmDefinition
from app.model.errors import AwsError, BadRequest
from app.model.groups import log_files_group, log_files_whole_group, logs_group
from app.model.ids import Place, SeriesKey
from app.model.logs import OWN_NAMESPACE, LogGroupKey
from app.model.rounds import Batch, Covered, Settledness, TakenObject
from app.model.time import Intervals, Window, epoch_ms
from app.model.watching import inputs
from app.store import Store
from collectors.asking import is_gone
from collectors.base import Task
from collectors.log_batch import Gathering
from collectors.log_formats import WRITE_TEST, events
from collectors.log_places import FilePlace, Listed, file_place
from collectors.log_shape import Shaped
from collectors.log_tools import LogTools
from collectors.log_unpacking import Unreadable, texts
from collectors.placed import by_place, due

COLLECTOR = "log-files"
WHOLE_EVERY = timedelta(days=1)
"""How often everything is listed where names grow with time; else it always is."""

LATEST = timedelta(hours=26)
"""Names of files that come now are not before those of files taken so long ago."""

AT_ONCE = 1_000
"""Files of one round; the others come in the next."""

LARGEST = 256_000_000
"""Bytes of a file as it lies there; Firehose writes 128 MB at most."""

AHEAD, AHEAD_BYTES = 4, 64_000_000
"""Files that are fetched at the same time; a large one is fetched alone."""

SET_ASIDE = "FilesSetAside"
"""Counts files that were damaged, or held something else."""

Content = bytes | AwsError | Unreadable | OSError
"""What a file holds, or why that is not known; an AwsError concerns the other files too."""


class LogFilesCollector:
    """Takes the files of every configured place."""

    name = COLLECTOR

    def __init__(
        self,
        aws: Aws,
        store: Store,
        settings: LogsSettings,
        tools: LogTools,
        alarms: Callable[[], Sequence[AlarmDefinition]] = tuple,
    ) -> None:
        self._aws, self._store, self._tools, self._alarms = aws, store, tools, alarms
        names = aws.account_names()
        self._accounts, self._backfill = frozenset(names), settings.backfill
        self._files = by_place(settings.files, names)

    @property
    def every(self) -> timedelta:
        return timedelta(minutes=1)

    def plan(self, place: Place, now: datetime) -> list[Task]:
        """A task for each place that was not looked at for a while."""
        return due(self._files, log_files_group, self._store, place, now)

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        """Take what is new."""
        watched = (each.key for alarm in self._alarms() for each in inputs(alarm))
        self._tools.metrics.leave(frozenset(watched))
        for where, given in self._files:
            if where == task.place and log_files_group(given.name) == task.group:
                at = file_place(self._aws, where, given.at, COLLECTOR)
                taking = _Taking(
                    given, at, self._store, self._tools, self._accounts, self._backfill, now
                )
                yield from taking.batches(task)


@dataclass(frozen=True, slots=True)
class _Taking:
    """One round of one place."""

    given: LogFilesSettings
    at: FilePlace
    store: Store
    tools: LogTools
    accounts: frozenset[str]
    backfill: timedelta
    now: datetime

    def batches(self, task: Task) -> Iterator[Batch]:
        """Batches of new files; then the error that ended the round, if one did."""
        is_whole, after = self._start(task.place)
        taken = self.store.objects.taken(self.given.name, after)
        try:
            listed = list(self.at.listed(after, self.now))
        except OSError as error:
            yield Batch(notes=(f"{self.given.at} cannot be read: {error.strerror}",))
            return
        new = [each for each in listed if taken.get(each.name) != each.mark]
        new.sort(key=lambda each: each.changed, reverse=True)
        last = self._gathering()
        for one, content in self._contents(new[:AT_ONCE]):
            if isinstance(content, AwsError):
                yield from () if last.is_empty else (last.batch(),)
                raise content
            last = yield from self._file(task.place, one, content, last)
        if self.at.cut:
            last.notes[self.at.cut] = None
        if len(new) <= AT_ONCE:
            last.covered.append(_covered(task, task.group))
            if is_whole and not self.at.cut:
                last.covered.append(_covered(task, log_files_whole_group(self.given.name)))
                gone = taken.keys() - {each.name for each in listed}
                last.objects += [TakenObject(self.given.name, name) for name in sorted(gone)]
        if not last.is_empty:
            yield last.batch()

    def _file(
        self, place: Place, one: Listed, content: Content, into: Gathering
    ) -> Generator[Batch, None, Gathering]:
        """One file goes into a batch, or several; gives the last one, which holds its end."""
        left = []
        try:
            for shaped in self._shaped(place, one, content, into):
                if into.is_full:
                    yield into.batch()
                    into = self._gathering()
                into.add(shaped)
                left.append((shaped.key, shaped.left))
        except Unreadable as why:
            into.notes[f"{one.name} is set aside: {why}"] = None
            into.count(self._set_aside(place), self.now)
        except OSError as error:
            into.notes[f"{one.name} cannot be read: {error.strerror}"] = None
            into.finish([], None)
            return into
        into.finish(left, TakenObject(self.given.name, one.name, one.mark))
        return into

    def _start(self, place: Place) -> tuple[bool, str]:
        """Whether to list everything, and the name after which to list if not."""
        whole = self.store.coverage(place, log_files_whole_group(self.given.name)).answered
        if not whole or self.now - whole.windows[-1].end >= WHOLE_EVERY:
            return True, ""
        after = self.store.objects.newest(self.given.name, self.now - LATEST)
        return (False, after) if self.at.is_by_time(after) else (True, "")

    def _contents(self, new: Sequence[Listed]) -> Iterator[tuple[Listed, Content]]:
        """What each file holds, in order, a few files ahead of the one being looked at."""
        ahead: deque[tuple[Listed, Future[Content]]] = deque()
        with ThreadPoolExecutor(AHEAD, thread_name_prefix="log-files") as pool:
            try:
                for one in new:
                    ahead.append((one, pool.submit(self._content, one)))
                    while len(ahead) >= AHEAD or _bytes(ahead) > AHEAD_BYTES:
                        asked, future = ahead.popleft()
                        yield asked, future.result()
                while ahead:
                    asked, future = ahead.popleft()
                    yield asked, future.result()
            finally:
                for _, future in ahead:
                    future.cancel()

    def _content(self, one: Listed) -> Content:
        if one.size == 0 or PurePosixPath(one.name).name == WRITE_TEST:
            return b""
        if one.size > LARGEST:
            return Unreadable(f"it has more than {LARGEST // 1_000_000} MB")
        try:
            return self.at.content(one.name)
        except AwsError as error:
            if is_gone(error):
                return b""
            return Unreadable(error.message) if isinstance(error, BadRequest) else error
        except OSError as error:
            return error

    def _shaped(
        self, place: Place, one: Listed, content: Content, into: Gathering
    ) -> Iterator[Shaped]:
        """What is kept of a file; Unreadable or OSError where that ends."""
        if not isinstance(content, bytes):
            raise content
        for (account, name), raw in events(texts(content), one.name):
            key = LogGroupKey(Place(account or place.account, place.region), self._group(name))
            if key.place.account not in self.accounts:
                into.notes[f"events of account {account} are left out; it is not configured"] = None
                continue
            yield self.tools.shaper.shape(key, self.given, raw if account else self._new(key, raw))

    def _new(self, key: LogGroupKey, raw: pl.DataFrame) -> pl.DataFrame:
        """Events of an export without those that polling gives: there are no ids to tell."""
        polled = self.store.coverage(key.place, logs_group(key.name)).answered
        if not polled:
            return raw
        recent = Window(self.now - self.backfill, self.now + WHOLE_EVERY)
        inside = [
            pl.col("at").is_between(epoch_ms(w.start), epoch_ms(w.end), closed="left")
            for w in polled | Intervals.of([recent])
        ]
        return raw.filter(~pl.any_horizontal(inside))

    def _set_aside(self, place: Place) -> SeriesKey:
        return SeriesKey.of(place, OWN_NAMESPACE, SET_ASIDE, {"Source": self.given.name})

    def _gathering(self) -> Gathering:
        return Gathering(self.tools.metrics)

    def _group(self, named: str) -> str:
        found = named or self.given.group
        if not found:
            raise Unreadable("it is an export, which does not tell its log group; give `group`")
        return found


def _bytes(ahead: Iterable[tuple[Listed, object]]) -> int:
    return sum(one.size for one, _ in ahead)


def _covered(task: Task, group: str) -> Covered:
    assert task.window is not None  # noqa: S101 - the plan gives one
    return Covered(task.place, group, task.window, Settledness.SETTLED)
