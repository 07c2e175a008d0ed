"""Bills by the day, from answers: only days whose bill is whole.

Cost Explorer tells a day for the first time while it is still filling up and has it whole
about a day after its end, and a bill's last day is rarely whole; such days are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from app.model.readings import Reading
from app.model.spend import CostMetric, Dimension
from app.model.time import Window
from app.read.spend.forecast import DailySpend
from app.read.spend.question import SpendAnswer, SpendFilter, SpendQuestion, SpendRow
from app.read.spend.reader import SpendReader

T = TypeVar("T")
DAY = timedelta(days=1)
Where = tuple[SpendFilter, ...]


def midnight(day: date) -> datetime:
    """The start of a UTC day."""
    return datetime.combine(day, time(), UTC)


def days_until(end: date, days: int) -> Window:
    """The days before ``end``."""
    return Window(midnight(end) - days * DAY, midnight(end))


def told(reading: Reading[SpendAnswer], value: T) -> Reading[T]:
    """Something made of an answer, as good as the answer."""
    return Reading(value, reading.look, reading.as_of, reading.problem, reading.since, reading.said)


@dataclass(frozen=True, slots=True)
class Bill:
    """Asks for bills by the day, as of one moment."""

    spend: SpendReader
    now: datetime
    metric: CostMetric = CostMetric.UNBLENDED

    def ask(
        self,
        window: Window,
        *group: Dimension,
        where: Where = (),
        quantities: bool = False,
    ) -> Reading[SpendAnswer]:
        """The answer for a window, with every row."""
        question = SpendQuestion(
            window, metric=self.metric, group=group, where=where, quantities=quantities
        )
        return self.spend.ask(question, self.now)

    def last(
        self, days: int, *group: Dimension, where: Where = (), quantities: bool = False
    ) -> Reading[SpendAnswer]:
        """The newest days up to now, those that are not whole as well."""
        window = days_until((self.now + DAY).date(), days)
        return self.ask(window, *group, where=where, quantities=quantities)


def totals_of(answer: SpendAnswer) -> DailySpend:
    """The whole bill by the day, as far as days are whole."""
    return _daily(answer, answer.totals)


def daily_of(answer: SpendAnswer, row: SpendRow) -> DailySpend:
    """One row by the day, as far as days are whole."""
    return _daily(answer, row.amounts)


def _daily(answer: SpendAnswer, amounts: Sequence[Decimal | None]) -> DailySpend:
    count = whole_slots(answer)
    if not count:
        return DailySpend(date.min, ())
    usd = tuple(
        None if a is None or _is_filling(answer, slot) else float(a)
        for slot, a in zip(answer.slots[:count], amounts[:count], strict=True)
    )
    return DailySpend(answer.slots[0].date(), usd)


def whole_slots(answer: SpendAnswer) -> int:
    """How many of the first days of an answer end at the last whole and billed one."""
    known = [
        at + 1
        for at, (slot, total) in enumerate(zip(answer.slots, answer.totals, strict=True))
        if total is not None and not _is_filling(answer, slot)
    ]
    return max(known, default=0)


def _is_filling(answer: SpendAnswer, slot: datetime) -> bool:
    return any(slot in window for window in answer.filling)
