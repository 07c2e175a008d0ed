"""Which days of the bill to ask for, from what was answered already.

A month goes on changing until about the tenth of the next one ("Managing your costs
with AWS Cost Explorer"), so all open days are read anew each day; then they are read
once more and never again. Whole UTC days; today has no bill yet and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.model.ids import Place
from app.model.rounds import Covered, Settledness
from app.model.time import Intervals, Window, floor

DAY = timedelta(days=1)
SETTLING_DAY = 10
"""On this day of the next month a month is final, if Cost Explorer no longer estimates it."""

LATEST_DAY = 20
"""On this day it counts as final even if it is still called an estimate."""

KEPT_MONTHS = 14
"""Cost Explorer knows the running month and the 13 before it."""

AT_LEAST = 3 * DAY
"""The newest days, which change most, are read every day whatever it takes."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was answered of one split, and what of it is final."""

    answered: Intervals
    settled: Intervals


def month_start(at: datetime, months: int = 0) -> datetime:
    """Midnight of the first of the month of ``at``, or of one some months away."""
    number = at.year * 12 + at.month - 1 + months
    first = floor(at, DAY).replace(day=1)
    return first.replace(year=number // 12, month=number % 12 + 1)


def askable(now: datetime, backfill: timedelta) -> Window:
    """All days that may be asked for, without today."""
    today = floor(now, DAY)
    oldest = max(month_start(now, 1 - KEPT_MONTHS), floor(now - backfill, DAY))
    return Window(min(oldest, today), today)


def final_before(now: datetime, day: int = SETTLING_DAY) -> datetime:
    """Days before this are those of months that no longer change."""
    return month_start(now) if now.day >= day else month_start(now, -1)


def newest(now: datetime, within: Window, fitting: int | None) -> Window:
    """What to read today: all days of months that are still open.

    ``fitting`` is how many days fit into one request, if that is known.
    """
    open_from = month_start(now) if now.day > SETTLING_DAY else month_start(now, -1)
    start = max(within.start, min(open_from, within.end - AT_LEAST))
    if fitting is not None:
        start = max(start, within.end - max(AT_LEAST, fitting * DAY))
    return Window(min(max(start, within.start), within.end), within.end)


def lacking(known: Known, now: datetime, within: Window) -> Intervals:
    """Days that were never answered, and those that changed after they were last read.

    It waits for the newest days, which come first and are not its business.
    """
    if not known.answered:
        return Intervals()
    within = Window(within.start, max(within.start, known.answered.windows[-1].end))
    missing = known.answered.gaps(within)
    closed = Intervals.of([Window(within.start, max(within.start, final_before(now)))])
    forgotten = (known.answered - known.settled) & closed
    return (missing | forgotten) & Intervals.of([within])


def history(lacks: Intervals, fitting: int | None) -> Window:
    """The next piece of the past: the newest that lacks, as long as fits."""
    last = lacks.windows[-1]
    if fitting is None:
        return last
    return Window(max(last.start, last.end - max(1, fitting) * DAY), last.end)


def covered(
    place: Place, group: str, window: Window, now: datetime, estimated_from: datetime | None
) -> list[Covered]:
    """What an answer for ``window`` covers, cut where it may still change."""
    sure, still = final_before(now, LATEST_DAY), final_before(now)
    border = still if estimated_from is None else max(sure, min(still, estimated_from))
    border = min(window.end, max(window.start, border))
    parts = (
        (Window(window.start, border), Settledness.SETTLED),
        (Window(border, window.end), Settledness.PROVISIONAL),
    )
    return [Covered(place, group, part, settledness) for part, settledness in parts if part]
