"""The month so far against the same days of the one before, by service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.model.spend import SpendDimension
from app.model.time import Window
from app.read import SpendAnswer, SpendFilter, SpendQuestion
from dashboards.pages.explorer_state import months_back
from dashboards.pages.spend_shown import Amounts

DAY = timedelta(days=1)
MOST_SERVICES = 60


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is charged this month over the days that are known, and over the same days before.

    ``before`` is None where the month before is not collected.
    """

    spent: Decimal
    before: Decimal | None


def question(now: datetime, where: tuple[SpendFilter, ...] = ()) -> SpendQuestion:
    """This month and the one before, by day and service."""
    month = month_start(now)
    tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    window = Window(months_back(month, 1), tomorrow)
    return SpendQuestion(window, group=(SpendDimension.SERVICE,), where=where, top=MOST_SERVICES)


def month_start(now: datetime) -> datetime:
    """The first of the month, in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def so_far(answer: SpendAnswer, amounts: Amounts, now: datetime) -> SoFar:
    """Of one row (or of the totals) of an answer to :func:`question`."""
    this, old = halves(answer, now)
    spent = [amount for slot, amount in zip(answer.slots, amounts, strict=True) if slot in this]
    before = [amount for slot, amount in zip(answer.slots, amounts, strict=True) if slot in old]
    same = [b for a, b in zip(spent, before, strict=False) if a is not None and b is not None]
    known = sum((amount for amount in spent if amount is not None), Decimal(0))
    return SoFar(known, sum(same, Decimal(0)) if same else None)


def halves(answer: SpendAnswer, now: datetime) -> tuple[Window, Window]:
    """This month and the one before, as far as the answer reaches."""
    start, window = month_start(now), answer.question.window
    return Window(start, max(start, window.end)), Window(months_back(start, 1), start)


def this_month(answer: SpendAnswer, amounts: Amounts, now: datetime) -> list[Decimal | None]:
    """The amounts of the days of this month."""
    month, _ = halves(answer, now)
    return [a for slot, a in zip(answer.slots, amounts, strict=True) if slot in month]


def last_known(answer: SpendAnswer) -> datetime | None:
    """The newest day that has a bill."""
    known = [s for s, total in zip(answer.slots, answer.totals, strict=True) if total is not None]
    return known[-1] if known else None


def whole_until(answer: SpendAnswer, now: datetime) -> datetime:
    """The end of the days whose bill is whole: the newest that has one is still growing.

    So are all that were still filling when the bill was read.
    """
    last = last_known(answer)
    if last is None:
        return month_start(now)
    return min([last, *(window.start for window in answer.filling)])
