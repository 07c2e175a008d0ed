"""Which stretch of time to ask CloudWatch for, from what it has answered already.

Points come late and are corrected, so a read ends ``lag`` before now and goes
``overlap`` back over what the one before it read; rows read twice are told
apart by the store. A wider window costs nothing: GetMetricData bills metrics,
not points. Nothing here asks for data older than CloudWatch keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.model.ids import Place
from app.model.rounds import Covered, Settledness
from app.model.time import Intervals, Window, ceil, floor

FRESH = timedelta(hours=3)
"""The newest stretch, read first and as one; once an hour all of it is read again."""

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
    """How one kind of series is read. ``phase`` spreads hourly work over the hour."""

    period: int = 60
    lag: timedelta = timedelta(minutes=2)
    overlap: timedelta = timedelta(minutes=30)
    backfill: timedelta = timedelta(days=15)
    every: timedelta = timedelta(minutes=5)
    phase: timedelta = timedelta(0)

    @property
    def step(self) -> timedelta:
        return timedelta(seconds=self.period)

    @property
    def reread(self) -> timedelta:
        """How far each read goes back; at least three periods, which is what AWS advises."""
        return max(ceil_to(self.overlap, self.step), 3 * self.step)


def retention(period: int) -> timedelta:
    """How long CloudWatch keeps points of ``period`` seconds ("CloudWatch concepts", Period)."""
    return next(kept for unit, kept in _KEPT if period % unit == 0)


def askable(habits: Habits, now: datetime) -> Window:
    """Everything that may be asked now, in whole periods; may be empty."""
    end = floor(now - habits.lag, habits.step)
    oldest = now - min(habits.backfill, retention(habits.period) - _MARGIN)
    return Window(min(ceil(oldest, habits.step), end), end)


def missing(answered: Intervals, settled: Intervals, within: Window) -> Intervals:
    """What was never answered, and what was answered too early to be final."""
    return answered.gaps(within) | (answered - settled) & Intervals.of([within])


def fresh(answered: Intervals, settled: Intervals, habits: Habits, within: Window) -> Window | None:
    """The newest window to read, None while it is not yet time.

    It reaches back over everything missing in the last hours, and once an hour
    over all of them.
    """
    end = within.end
    last = answered.windows[-1].end if answered else None
    if not within or (last is not None and end - last < max(habits.every, habits.step)):
        return None
    zone = Window(max(within.start, end - max(FRESH, habits.reread)), end)
    start = end - habits.reread
    lacking = missing(answered, settled, zone)
    if lacking:
        start = min(start, lacking.windows[0].start)
    if last is None or _turned(last, end, habits.phase):
        start = zone.start
    return Window(max(zone.start, floor(start, habits.step)), end)


def past(answered: Intervals, settled: Intervals, habits: Habits, within: Window) -> Intervals:
    """What is missing before the zone that :func:`fresh` looks after."""
    border = within.end - max(FRESH, habits.reread)
    if border <= within.start:
        return Intervals()
    return missing(answered, settled, Window(within.start, border))


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


def _turned(before: datetime, after: datetime, phase: timedelta) -> bool:
    return floor(before + phase, _HOUR) != floor(after + phase, _HOUR)
