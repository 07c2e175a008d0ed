"""Stretches of time: half-open windows in UTC and sets of them.

A window contains its start and not its end, so neighbouring windows neither
overlap nor leave a hole. Naive datetimes are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def from_epoch_ms(ms: int) -> datetime:
    """The aware UTC time that lies ``ms`` milliseconds after 1970-01-01."""
    return EPOCH + timedelta(milliseconds=ms)


def floor(at: datetime, period: timedelta) -> datetime:
    """The newest whole multiple of ``period`` since the epoch, not after ``at``."""
    return at - (at - EPOCH) % period


def ceil(at: datetime, period: timedelta) -> datetime:
    """The oldest whole multiple of ``period`` since the epoch, not before ``at``."""
    lower = floor(at, period)
    return lower if lower == at else lower + period


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The time from ``start`` (inside) to ``end`` (outside), both aware UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for at in (self.start, self.end):
            if at.utcoffset() != timedelta(0):
                raise ValueError(f"a window needs aware UTC times, got {at!r}")
        if self.end < self.start:
            raise ValueError(f"a window ends before it starts: {self.start} to {self.end}")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def __bool__(self) -> bool:
        return self.start < self.end

    def slots(self, period_s: int) -> int:
        """How many slots of that many seconds it takes to hold the window."""
        return -(-self.length // timedelta(seconds=period_s))

    def aligned(self, period: timedelta) -> Window:
        """The smallest window of whole periods that holds this one."""
        return Window(floor(self.start, period), ceil(self.end, period))

    def meet(self, other: Window) -> Window | None:
        """What both windows have in common, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(start, end) if start < end else None

    def split(self, longest: timedelta) -> Iterator[Window]:
        """Neighbouring windows of at most ``longest`` that make up this one, oldest first."""
        start = self.start
        while start < self.end:
            end = min(start + longest, self.end)
            yield Window(start, end)
            start = end


@dataclass(frozen=True, slots=True)
class Intervals:
    """A set of moments as disjoint windows, oldest first; neighbours are joined."""

    windows: tuple[Window, ...] = ()

    @classmethod
    def of(cls, windows: Iterable[Window]) -> Intervals:
        """The union of any windows, in any order."""
        joined: list[Window] = []
        for window in sorted(w for w in windows if w):
            if joined and window.start <= joined[-1].end:
                joined[-1] = Window(joined[-1].start, max(joined[-1].end, window.end))
            else:
                joined.append(window)
        return cls(tuple(joined))

    def __bool__(self) -> bool:
        return bool(self.windows)

    def __iter__(self) -> Iterator[Window]:
        return iter(self.windows)

    def __or__(self, other: Intervals) -> Intervals:
        return Intervals.of((*self.windows, *other.windows))

    def __and__(self, other: Intervals) -> Intervals:
        met = (a.meet(b) for a in self.windows for b in other.windows)
        return Intervals.of(w for w in met if w is not None)

    def __sub__(self, other: Intervals) -> Intervals:
        left = list(self.windows)
        for hole in other.windows:
            left = [part for window in left for part in _without(window, hole)]
        return Intervals(tuple(left))

    def gaps(self, window: Window) -> Intervals:
        """What of ``window`` is not in this set."""
        return Intervals.of([window]) - self

    @property
    def length(self) -> timedelta:
        return sum((w.length for w in self.windows), timedelta())


def _without(window: Window, hole: Window) -> Iterator[Window]:
    if window.meet(hole) is None:
        yield window
        return
    if window.start < hole.start:
        yield Window(window.start, hole.start)
    if hole.end < window.end:
        yield Window(hole.end, window.end)
