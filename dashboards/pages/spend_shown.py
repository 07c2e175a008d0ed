"""From an answer about spend to the bands, slots and words that show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from app.model import written
from app.model.readings import Look, Reading
from app.model.time import Window
from app.read import Granularity, SpendAnswer, SpendRow
from dashboards.figures import Band, Calendar
from dashboards.pages.explorer_state import months_back

DAY = timedelta(days=1)
Key = tuple[str, ...]
Amounts = Sequence[Decimal | None]
PROMISE = timedelta(hours=26)
"""Spend is read once a day; Cost Explorer itself follows with up to a day's delay."""
OTHER = "Other"
MOST_POINTS = 62
"""Of a sparkline: hundreds of rows carry one, so a longer line is added up in stretches."""
_CENT = Decimal("0.01")
_WHOLE_AFTER = timedelta(days=2)


def calendar_of(answer: SpendAnswer) -> Calendar:
    """The slots of an answer as charts want them, whole days or whole months."""
    question, slots = answer.question, answer.slots
    if not slots:
        return Calendar.days(question.window.aligned(DAY))
    if question.granularity is Granularity.MONTH:
        return Calendar(slots, months_back(slots[-1].replace(day=1), -1), "month")
    if question.granularity is Granularity.HOUR:
        return Calendar(slots, slots[-1] + timedelta(hours=1), "hour")
    return Calendar(slots, slots[-1] + DAY)


def bands_of(answer: SpendAnswer, words: Callable[[Key], str], most: int = 7) -> list[Band]:
    """The dearest rows, and all others together."""
    rows = answer.rows[:most]
    bands = [Band(words(row.key), floats(row.amounts), "/".join(row.key)) for row in rows]
    if len(answer.rows) > most or answer.rest is not None:
        shown = [row.amounts for row in rows]
        bands.append(Band(OTHER, floats(left_over(answer.totals, shown)), rest=True))
    return bands


def left_over(totals: Amounts, shown: Sequence[Amounts]) -> list[Decimal | None]:
    """What the totals hold beside the rows that are shown."""
    return [
        None if total is None else total - sum((row[at] or Decimal(0) for row in shown), Decimal(0))
        for at, total in enumerate(totals)
    ]


def floats(amounts: Amounts) -> list[float | None]:
    """Amounts as figures draw them."""
    return [None if amount is None else float(amount) for amount in amounts]


def cents(amount: Decimal) -> float:
    """A difference to the cent; below half of one nothing has changed."""
    return float(amount.quantize(_CENT))


def spark_of(amounts: Amounts) -> str:
    """Amounts as the cell of a sparkline wants them; a long row in stretches, each added up.

    The last stretch may be shorter, so it is left out unless it is alone.
    """
    stretch = -(-len(amounts) // MOST_POINTS)
    points = [amounts[at : at + stretch] for at in range(0, len(amounts), max(1, stretch))]
    whole = [each for each in points if len(each) == stretch] or points
    return " ".join(_point(each) for each in whole)


def _point(amounts: Amounts) -> str:
    known = [amount for amount in amounts if amount is not None]
    return f"{float(sum(known, Decimal(0))):.3g}" if known else "-"


def together(amounts: Amounts, like: Amounts) -> Decimal | None:
    """The sum of the slots that are known both here and in ``like``; None where there is none."""
    both = [a for a, b in zip(amounts, like, strict=False) if a is not None and b is not None]
    return sum(both, Decimal(0)) if both else None


def ratio(now: Decimal | None, before: Decimal | None) -> float | None:
    """For a cell of change: new over old, and something huge where it is new."""
    if now is None or before is None:
        return None
    if before == 0:
        return None if now == 0 else _NEW
    return float(now / before) if before > 0 and now >= 0 else None


_NEW = 1e12
"""What the browser writes as "new"; JSON has no infinity."""


def total_row(answer: SpendAnswer) -> SpendRow:
    """All of an answer as one row."""
    return SpendRow((), answer.totals, answer.total)


def explained(reading: Reading[SpendAnswer]) -> tuple[Reading[SpendAnswer], str]:
    """The reading as a panel shows it, and what it says where there is nothing to show.

    What cannot be answered from what is collected is told as that, not as "not collected yet".
    """
    why = reading.value.why_not
    if not why:
        return reading, "AWS charged nothing in this period."
    sentence = f"{why[:1].upper()}{why[1:]}."
    if reading.problem is not None:
        return reading, sentence
    return replace(reading, look=Look.NOTHING), sentence


def span_words(window: Window) -> str:
    """ "26 Oct to 24 Nov 2026"; the end is the last day that belongs to it."""
    first, last = window.start, window.end - DAY
    if first.date() >= last.date():
        return f"{written.day(first)} {first.year}"
    year = f" {first.year}" if first.year != last.year else ""
    return f"{written.day(first)}{year} to {written.day(last)} {last.year}"


def unsettled_from(answer: SpendAnswer) -> datetime | None:
    """From when on days are not whole yet: those still filling up when the bill was read.

    Cost Explorer calls the whole open month estimated, but older days hardly change.
    """
    if answer.filling:
        return min(window.start for window in answer.filling)
    if answer.estimated_from is None or answer.read_at is None:
        return answer.estimated_from
    return max(answer.estimated_from, answer.read_at - _WHOLE_AFTER)


def settled_words(answer: SpendAnswer) -> str:
    """From when on amounts may still change."""
    if answer.estimated_from is None:
        return ""
    return f"may change from {written.day(answer.estimated_from)} on"


def missing_words(answer: SpendAnswer) -> str:
    """Which days no statement covers; today is not one of them, its bill comes tomorrow."""
    lost = [window for window in answer.missing.windows if window.length > DAY]
    if not lost:
        return ""
    return f"no bill for {', '.join(span_words(window) for window in lost[:3])}"


def change_words(now: Decimal | None, before: Decimal | None, against: str) -> str:
    """ "+6 % vs the same days of October"."""
    if now is None or before is None or before <= 0:
        return ""
    return f"{written.change(float(now), float(before))} vs {against}"
