"""Whether a week of a bill is a jump; a charge that comes each month is none.

A fee stands on one day, so a week with it is compared with that of a month ago and not
with the week before; and what came on a single day is never taken for every day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

WEEK, EARLIER = 7, 62
"""Days of a week, and days before both weeks in which a fee of the two months before stands."""

_NEAR = 3
_JUMP, _LEAST = Decimal("1.3"), Decimal(5)
_A_MONTH = Decimal(365) / 12 / WEEK
_CENT = Decimal("0.01")
Amounts = Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class Weeks:
    """The last week of a bill and the one before, without ``fees``, the monthly charges.

    ``usd`` is the rise for a month. ``is_open`` says that what came on the first of the
    month makes the jump, and that the first of the month before is not known.
    """

    before: Decimal
    after: Decimal
    fees: Decimal
    usd: Decimal
    is_open: bool = False

    @property
    def is_jump(self) -> bool:
        """30 % and 5 USD more than in the week before."""
        return _jumps(self.before, self.after)


def weeks(days: Sequence[date], amounts: Amounts) -> Weeks:
    """Compare the last two weeks of ``days``; what is before them tells which charges recur.

    Days with more credits than charges count as 0.
    """
    known = [max(each or Decimal(0), Decimal(0)) for each in amounts]
    over = [_above(known, at) for at in range(len(known))]
    places = {day: at for at, day in enumerate(days) if amounts[at] is not None}
    last = range(len(days) - 2 * WEEK, len(days))
    fees = [_fee(over, places, days[at], at) for at in last]
    usage = [known[at] - fee for at, fee in zip(last, fees, strict=True)]
    before, after = sum(usage[:WEEK], Decimal(0)), sum(usage[WEEK:], Decimal(0))
    alone = sum((over[at] for at in last[WEEK:] if _is_untold(days[at], places)), Decimal(0))
    is_open = _jumps(before, after) and not _jumps(before, after - alone)
    return Weeks(before, after, sum(fees, Decimal(0)), _a_month(usage), is_open)


def _jumps(before: Decimal, after: Decimal) -> bool:
    return after - before > _LEAST and after > before * _JUMP


def _above(known: Sequence[Decimal], at: int) -> Decimal:
    """What a day has more than the days around it."""
    return max(Decimal(0), known[at] - median(known[max(0, at - _NEAR) : at + _NEAR + 1]))


def _is_untold(day: date, places: Mapping[date, int]) -> bool:
    """Most fees come on the first; where the one before is not known, it may be one."""
    return day.day == 1 and _months_ago(day, 1) not in places


def _fee(over: Sequence[Decimal], places: Mapping[date, int], day: date, at: int) -> Decimal:
    """The part of a day that came on the same day of one of the two months before as well."""
    there = (places.get(each) for months in (1, 2) if (each := _months_ago(day, months)))
    then = max((over[place] for place in there if place is not None), default=Decimal(0))
    return over[at] if over[at] <= then * _JUMP else then


def _months_ago(day: date, months: int) -> date | None:
    """The same day of an earlier month; None where that month has no such day."""
    month = (day.year * 12 + day.month - 1) - months
    try:
        return date(month // 12, month % 12 + 1, day.day)
    except ValueError:
        return None


def _a_month(usage: Sequence[Decimal]) -> Decimal:
    """The rise for a month as far as most days have it; what single days have more, once."""
    rises = [usage[at + WEEK] - usage[at] for at in range(WEEK)]
    rise = sum(rises, Decimal(0))
    lasting = min(rise, max(Decimal(0), median(rises)) * WEEK)
    return (lasting * _A_MONTH + rise - lasting).quantize(_CENT)
