"""Rates learnt from the bill: what a unit of each usage type came to in the last whole days.

Discounts, tiers and private prices are in them. What cost nothing teaches nothing: the free
part of a month says little about the next unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from app.model.readings import Reading
from app.model.spend import SpendDimension, SpendSource
from app.read.spend.daily import DAY, Bill, Where, days_until, whole_slots
from app.read.spend.prices import Price, PriceBook, PriceSource, Tier
from app.read.spend.question import SpendAnswer
from app.read.spend.scoped import narrowed
from app.read.spend.usage_types import HOME, split

DAYS = 9
"""Seven whole days and the two that are not whole yet."""

_NANO = Decimal("1e-15")


def learned(bill: Bill, where: Where = ()) -> Reading[SpendAnswer]:
    """The newest days by service and usage type, with quantities."""
    pair = (SpendDimension.SERVICE, SpendDimension.USAGE_TYPE)
    window = days_until((bill.now + DAY).date(), DAYS)
    return narrowed(bill, window, *pair, where=where, quantities=True)


def rates(answer: SpendAnswer) -> Iterator[Price]:
    """The rate of each usage type that has one unit and cost something."""
    days = whole_slots(answer)
    if not days:
        return
    as_of = answer.slots[days - 1].date()
    own = SpendSource.CE not in answer.sources
    source = PriceSource.BILLED if own else PriceSource.LEARNED
    for row in answer.rows:
        usd = sum((a for a in row.amounts[:days] if a is not None), Decimal(0))
        used = sum(row.quantities[:days])
        if row.unit and used > 0 and usd > 0:
            yield _price(row.key, row.unit, usd / Decimal(str(used)), source, as_of)


def _price(
    key: tuple[str, ...], unit: str, usd: Decimal, source: PriceSource, as_of: date
) -> Price:
    service, usage_type = key
    region, bare = split(usage_type)
    tiers = (Tier(Decimal(0), usd.quantize(_NANO)),)
    return Price(bare, region or HOME, unit, tiers, source, as_of, service)


def with_learned(book: PriceBook, answer: SpendAnswer) -> PriceBook:
    """A book with the rates of the bill; words and free parts stay those of the list."""
    return book.beside(rates(answer))
