"""Which stretch of time to ask CloudWatch for, from what it has answered already.

Points come late and are corrected, so a read ends ``lag`` before now and goes
``overlap`` back over what the one before it read; rows read twice are told
apart by the store. A wider window costs nothing: GetMetricData bills metrics,
not points. So each series is read far back once a day, in place of an ordinary
read; until that has come late enough, its time is provisional. Nothing here asks
for data older than CloudWatch keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.model.ids import Place
from app.model.rounds import Covered, Settledness
from app.model.time import EPOCH, Intervals, Window, ceil, floor

FRESH = timedelta(hours=3)
"""The newest stretch, read first and as one; once an hour all of it is read again."""

LATE = timedelta(days=2)
"""Points that come so late are still taken in. What was sent to CloudWatch a day after its time
"can take at least 48 hours to become available" (PutMetricData)."""

PARTS = 24
"""Each hour another part of the series is read far back, so that all are once a day."""

WIDEST = 2 * LATE
"""The furthest that such a read goes; it is a day more than LATE as long as none is missed."""

FIRST_DAY = timedelta(hours=25)
"""A little more than a day, so that a page of the last 24 hours is full at once."""

SHORTEST_SLICE, LONGEST_SLICE = timedelta(hours=12), timedelta(days=3)
SLICE_POINTS = 1_000_000
"""How much one slice of history should hold; cost puts a floor under its length."""

_KEPT = (
    (3600, timedelta(days=455)),
    (300, timedelta(days=63)),
    (60, timedelta(days=15)),
    (1, timedelta(hours=3)),
)
_MARGIN = timedelta(minutes=10)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Habits:
    """How one kind of series is read.

    ``phase`` spreads hourly work over the hour, ``first`` is how far back the first read goes.
    """

    period: int = 60
    lag: timedelta = timedelta(minutes=2)
    overlap: timedelta = timedelta(minutes=30)
    backfill: timedelta = timedelta(days=15)
    every: timedelta = timedelta(minutes=5)
    phase: timedelta = timedelta(0)
    first: timedelta = FRESH

    @property
    def step(self) -> timedelta:
        return timedelta(seconds=self.period)

    @property
    def reread(self) -> timedelta:
        """How far each read goes back; at least three periods, which is what AWS advises."""
        return max(ceil_to(self.overlap, self.step), 3 * self.step)

    @property
    def zone(self) -> timedelta:
        """How much of the newest time is looked after by regular reading, history not needed."""
        return max(self.first, self.reread)


def retention(period: int) -> timedelta:
    """How long CloudWatch keeps points of ``period`` seconds ("CloudWatch concepts", Period)."""
    return next(kept for unit, kept in _KEPT if period % unit == 0)


def askable(habits: Habits, now: datetime) -> Window:
    """Everything that may be asked now, in whole periods; may be empty."""
    end = floor(now - habits.lag, habits.step)
    oldest = now - min(habits.backfill, retention(habits.period) - _MARGIN)
    return Window(min(ceil(oldest, habits.step), end), end)


@dataclass(frozen=True, slots=True)
class Due:
    """The newest time to read: ``window``, but ``wide`` for the series whose turn it is.

    A series' turn comes with the part of the day it belongs to.
    """

    window: Window
    wide: Window
    parts: frozenset[int] = frozenset()


def fresh(answered: Intervals, settled: Intervals, habits: Habits, within: Window) -> Due | None:
    """What of the newest time to read, None while it is not yet time.

    It reaches back over everything missing in the last hours, and once an hour
    over all of them.
    """
    end = within.end
    last = answered.windows[-1].end if answered else None
    if not within or (last is not None and end - last < max(habits.every, habits.step)):
        return None
    zone = Window(max(within.start, floor(end - habits.zone, habits.step)), end)
    if last is None:
        return Due(zone, zone)
    parts = _turns(last, end, habits.phase)
    start = zone.start if parts else _reached_back(answered.gaps(zone), habits)
    window = Window(max(zone.start, start), end)
    return Due(window, _wide(answered, settled, habits, window), parts)


def past(answered: Intervals, settled: Intervals, habits: Habits, within: Window) -> Intervals:
    """What is missing before the zone that :func:`fresh` looks after.

    It waits until something of that zone is there: the newest time comes first, and by the
    last that was answered :func:`fresh` tells whose turn it is.
    """
    border = floor(within.end - habits.zone, habits.step)
    if border <= within.start or not answered or answered.windows[-1].end <= border:
        return Intervals()
    gaps = answered.gaps(Window(within.start, border))
    missing = Intervals.of(Window(w.start - habits.reread, w.end) for w in gaps)
    forgotten = (answered - settled) & Intervals.of([Window(EPOCH, within.end - WIDEST)])
    return (missing | forgotten) & Intervals.of([within])


def settling(answered: Intervals, settled: Intervals, due: Due) -> Intervals:
    """What becomes final once ``due`` is read and the last of its parts has had its turn.

    Each series has been read far back within the last day, and by then this was older than LATE.
    """
    border = due.window.end - timedelta(hours=PARTS) - LATE
    reached = [Window(due.wide.start, border)] if due.parts and due.wide.start < border else []
    return (answered - settled) & Intervals.of(reached)


def newest_slice(lacking: Intervals, habits: Habits, end: datetime, points_a_slot: int) -> Window:
    """The next piece of history to ask for: the newest, of a size that commits quickly.

    ``end`` is the end of all askable time; the first day before it is
    never mixed with older time, so that it arrives first.
    """
    last = lacking.windows[-1]
    slots = max(1, SLICE_POINTS // max(1, points_a_slot))
    length = min(LONGEST_SLICE, max(SHORTEST_SLICE, slots * habits.step))
    start = max(last.start, last.end - ceil_to(length, habits.step))
    day = ceil(end - FIRST_DAY, habits.step)
    return Window(max(start, day) if last.end > day else start, last.end)


def covered(place: Place, group: str, window: Window, final_before: datetime) -> list[Covered]:
    """What an answer for ``window`` covers, cut where its points may still change."""
    border = min(window.end, max(window.start, final_before))
    parts = (
        (Window(window.start, border), Settledness.SETTLED),
        (Window(border, window.end), Settledness.PROVISIONAL),
    )
    return [Covered(place, group, part, settledness) for part, settledness in parts if part]


def ceil_to(length: timedelta, step: timedelta) -> timedelta:
    """``length`` made longer to a whole number of steps."""
    return -(-length // step) * step


def _reached_back(gaps: Intervals, habits: Habits) -> datetime:
    """Where to begin so that points are read again that were too new when they were read.

    There is a gap at least: the time since the last read.
    """
    return gaps.windows[0].start - habits.reread


def _wide(answered: Intervals, settled: Intervals, habits: Habits, window: Window) -> Window:
    """All that is not final yet, and no less than LATE; nothing that was never answered."""
    end, provisional = window.end, answered - settled
    start = end - LATE
    if provisional:
        start = min(start, provisional.windows[0].start)
    furthest = max(end - WIDEST, end - retention(habits.period) + _MARGIN)
    start = max(start, floor(furthest, habits.step), answered.windows[0].start)
    return Window(min(start, window.start), end)


def _turns(before: datetime, after: datetime, phase: timedelta) -> frozenset[int]:
    """The parts of the day whose hour began between two moments."""
    first, last = ((at + phase - EPOCH) // _HOUR for at in (before, after))
    return frozenset(hour % PARTS for hour in range(max(first + 1, last + 1 - PARTS), last + 1))
