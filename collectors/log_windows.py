"""Which stretch of a log group's time to read, from what was read already.

Asking costs calls, not money, and events are told apart by their id. So every read
goes back over the time before it: as far as the overlap where that takes no further
page, else a minute and now and then further. Once a day the last day is read again;
until then its time is provisional.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.model.ids import Place
from app.model.rounds import Covered, Settledness
from app.model.time import Intervals, Window, floor

ZONE = timedelta(minutes=15)
"""How far the first read of a group goes back, and one after a pause; the rest is history."""

LONGEST_SLICE = timedelta(days=1)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

SETTLING = HOUR
"""The nightly read leaves the newest hour to the next one."""

RARELY = timedelta(minutes=10)
"""A group in which nothing happens is read at least this often, in a crowded place."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How the groups of a place are read; ``phase`` spreads nightly reads over the night.

    In a ``crowded`` place there are more groups than can be asked at each interval.
    """

    every: timedelta = MINUTE
    lag: timedelta = timedelta(seconds=20)
    overlap: timedelta = timedelta(minutes=10)
    backfill: timedelta = timedelta(days=3)
    sweep: timedelta = timedelta(hours=24)
    phase: timedelta = timedelta(0)
    crowded: bool = False

    @property
    def zone(self) -> timedelta:
        return max(ZONE, 2 * self.overlap)

    def pace(self, idle: timedelta) -> timedelta:
        """How often a group is read in which the last event lies ``idle`` back."""
        if not self.crowded:
            return self.every
        return min(max(self.every, idle / 10), max(self.every, RARELY))


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the next read of a group goes back over what was read.

    ``lean`` groups have so many events that each read costs further pages; ``full`` is
    when one of them last went back far enough.
    """

    lean: bool = False
    full: datetime | None = None

    def back(self, habits: Habits, now: datetime) -> timedelta:
        if not self.lean:
            return habits.overlap
        if self.full is None or now - self.full >= habits.overlap / 2:
            # Half of the overlap may pass until the next such read.
            return habits.overlap * 1.5
        return min(MINUTE, habits.overlap)


def askable(
    habits: Habits, now: datetime, retention: timedelta | None, furthest: timedelta | None = None
) -> Window:
    """Everything that may be asked now, as far back as history goes; may be empty."""
    end = floor(now - habits.lag, SECOND)
    far = habits.backfill if furthest is None else furthest
    kept = far if retention is None else min(far, retention)
    return Window(min(floor(now - kept, MINUTE), end), end)


def fresh(answered: Intervals, habits: Habits, within: Window, back: timedelta) -> Window:
    """The newest time to read, ``back`` over what was read; it begins on a whole minute."""
    zone = max(within.start, within.end - habits.zone)
    last = newest(answered)
    start = zone if last is None or last < zone else last - back
    return Window(max(within.start, min(within.end, floor(start, MINUTE))), within.end)


def newest(answered: Intervals) -> datetime | None:
    """Up to when events were read."""
    return answered.windows[-1].end if answered else None


def past(answered: Intervals, habits: Habits, within: Window) -> Intervals:
    """What is missing before the newest time that was read, once that is recent."""
    last = newest(answered)
    if last is None or last <= max(within.start, within.end - habits.zone):
        return Intervals()
    gaps = answered.gaps(Window(within.start, min(last, within.end)))
    return Intervals.of(Window(max(w.start - habits.overlap, within.start), w.end) for w in gaps)


def newest_slice(lacking: Intervals) -> Window:
    """The next piece of history, the newest first."""
    last = lacking.windows[-1]
    return Window(max(last.start, last.end - LONGEST_SLICE), last.end)


def swept(answered: Intervals, settled: Intervals, habits: Habits, within: Window) -> Window | None:
    """What the nightly read goes over, None while it is not yet time."""
    end = floor(within.end - SETTLING, MINUTE)
    if not habits.sweep or end <= within.start:
        return None
    provisional = (answered - settled) & Intervals.of([Window(within.start, end)])
    if not provisional:
        return None
    oldest = provisional.windows[0].start
    if within.end - oldest < habits.sweep + habits.phase:
        return None
    start = floor(oldest, MINUTE)
    return Window(start, min(end, start + 2 * LONGEST_SLICE))


def covered(place: Place, group: str, window: Window, final_before: datetime) -> list[Covered]:
    """What a read of ``window`` covers, cut where events may still come late."""
    border = min(window.end, max(window.start, final_before))
    parts = (
        (Window(window.start, border), Settledness.SETTLED),
        (Window(border, window.end), Settledness.PROVISIONAL),
    )
    return [Covered(place, group, part, settledness) for part, settledness in parts if part]
