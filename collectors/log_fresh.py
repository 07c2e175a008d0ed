"""The newest events of many groups of a place, some groups at a time, in few batches.

A group that AWS refuses, or that is gone, is set aside with a note and the others go
on. Where all are refused it is the place that is: the round fails. Any other failure
ends the round, after what was read has been handed over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from app.config import LogKeepSettings
from app.model.errors import AwsError, BadRequest, CircuitOpen
from app.model.groups import logs_group
from app.model.logs import LogGroupKey
from app.model.rounds import Batch
from app.model.time import Intervals, Window, from_epoch_ms
from collectors.asking import is_refused
from collectors.log_batch import Gathering
from collectors.log_metrics import LogMetrics
from collectors.log_pulse import Pulses, Went
from collectors.log_reading import GroupReader, Part
from collectors.log_shape import Shaper
from collectors.log_windows import covered

FRESH_SLICES = 1
"""Slices that a read of the newest time may take; what is left over becomes history."""


TOO_LONG = timedelta(minutes=30)
"""A group whose newest time was not read to the end for so long is too large to poll."""


@dataclass(frozen=True, slots=True)
class Due:
    """A group whose newest time is to be read; ``full`` if that goes back over the overlap."""

    key: LogGroupKey
    rule: LogKeepSettings
    window: Window
    full: bool


@dataclass(frozen=True, slots=True)
class FreshReader:
    """Reads what is due in one place."""

    reader: GroupReader
    shaper: Shaper
    metrics: LogMetrics
    pulses: Pulses
    sweep: timedelta
    parallel: int

    def together(self, due: Sequence[Due], now: datetime) -> Iterator[Batch]:
        """Batches of all that is due; then the first error that concerns the whole place."""
        gathered, failed = Gathering(self.metrics), None
        refused: dict[LogGroupKey, AwsError] = {}
        for one, answer in self._answers(due):
            if isinstance(answer, AwsError):
                if not _is_of_one_group(answer):
                    failed = answer
                    break
                refused[one.key] = answer
                gathered.notes[answer.message] = None
                continue
            self._take(one, answer, gathered, now)
            if gathered.is_full:
                yield gathered.batch()
                gathered = Gathering(self.metrics)
        if refused and len(refused) == len(due) > 1:
            raise _said_first(next(iter(refused.values())))  # it is the place that is refused
        for key in refused:
            self.pulses.refused(key, now)
        if not gathered.is_empty:
            yield gathered.batch()
        if failed is not None:
            raise failed

    def alone(self, one: Due, now: datetime) -> Iterator[Batch]:
        """One batch of a group that was refused before; raises what AWS says now."""
        gathered = Gathering(self.metrics)
        try:
            parts = list(self.reader.read(one.key.name, one.window, FRESH_SLICES))
        except AwsError as error:
            if _is_of_one_group(error):
                self.pulses.refused(one.key, now, alone=True)
            raise
        self._take(one, parts, gathered, now)
        yield gathered.batch()

    def _answers(self, due: Sequence[Due]) -> Iterator[tuple[Due, list[Part] | AwsError]]:
        """What each group gave, in order, a few groups ahead of the one being looked at."""
        ahead: deque[tuple[Due, Future[list[Part] | AwsError]]] = deque()
        with ThreadPoolExecutor(self.parallel, thread_name_prefix="logs") as pool:
            try:
                for one in due:
                    ahead.append((one, pool.submit(self._ask, one)))
                    if len(ahead) > self.parallel:
                        asked, future = ahead.popleft()
                        yield asked, future.result()
                while ahead:
                    asked, future = ahead.popleft()
                    yield asked, future.result()
            finally:
                for _, future in ahead:
                    future.cancel()

    def _ask(self, one: Due) -> list[Part] | AwsError:
        try:
            return list(self.reader.read(one.key.name, one.window, FRESH_SLICES))
        except AwsError as error:
            return error

    def _take(self, one: Due, parts: Sequence[Part], gathered: Gathering, now: datetime) -> None:
        last, left = one.window.start, []
        for part in parts:
            if part.events.height:
                last = max(last, from_epoch_ms(cast("int", part.events["at"].max())))
            shaped = self.shaper.shape(one.key, one.rule, part.events)
            gathered.add(shaped)
            left.append(shaped.left)
            gathered.notes |= dict.fromkeys(part.notes)
            for window in part.read:
                group = logs_group(one.key.name)
                final = now - self.sweep
                gathered.covered += covered(one.key.place, group, window, final)
        gathered.leave_out(one.key, left, parts[-1].read)
        gathered.asked += 1
        complete = not Intervals.of(parts[-1].read).gaps(one.window)
        went = Went(parts[-1].filled_pages, one.full, complete)
        behind = self.pulses.read(one.key, now, last, went).behind
        if behind is not None and now - behind >= TOO_LONG:
            gathered.notes[said(one.key.name, now - behind)] = None


def said(name: str, behind: timedelta) -> str:
    """What is said of a group that is too large to poll."""
    minutes = behind // timedelta(minutes=1)
    return (
        f"{name} has had more events than can be polled for {minutes} minutes; let a subscription "
        "write files (collection.logs.files)"
    )


def _said_first(error: AwsError) -> AwsError:
    """What AWS said, where it was not even asked again."""
    cause = error.__cause__
    return cause if isinstance(error, CircuitOpen) and isinstance(cause, AwsError) else error


def _is_of_one_group(error: AwsError) -> bool:
    """Whether an error says nothing about the other groups."""
    return is_refused(error) or isinstance(error, BadRequest)
