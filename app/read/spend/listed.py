"""List prices that were read from the Price List API, as prices of the book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from app.model.spend import SpendFact
from app.read.spend.prices import Price, PriceSource, Tier
from app.read.spend.usage_types import HOME, split


def listed(facts: Iterable[SpendFact]) -> Iterator[Price]:
    """A price for each fact; of several payers the newest is preferred."""
    for fact in facts:
        content = fact.content
        region, bare = split(str(content["usage_type"]))
        yield Price(
            bare,
            region or HOME,
            str(content["unit"]),
            tuple(Tier(Decimal(start), Decimal(usd)) for start, usd in content["tiers"]),
            PriceSource.LISTED,
            fact.read_at.date(),
            str(content["service"]),
            what=str(content.get("what") or ""),
        )
