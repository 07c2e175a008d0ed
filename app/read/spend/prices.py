"""What a unit of usage costs: from the bill where it says so, else from a list.

Each price tells where it comes from and of what date, because a list price knows no
discount and no free allowance. Usage types are written without the prefix of a Region.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from app.read.spend.price_units import ratio
from app.read.spend.usage_types import split


class PriceSource(StrEnum):
    """Where a price comes from; an earlier one is preferred."""

    BILLED = "billed"
    LEARNED = "learned"
    LISTED = "listed"
    SEED = "seed"

    @property
    def said(self) -> str:
        """In words, before a date."""
        return _SAID[self]


_SAID = {
    PriceSource.BILLED: "rate on the bill",
    PriceSource.LEARNED: "rate learnt from Cost Explorer",
    PriceSource.LISTED: "list price from AWS",
    PriceSource.SEED: "list price shipped with Watchdeck",
}


@dataclass(frozen=True, slots=True)
class Tier:
    """US dollars for a unit from ``start`` units a month on."""

    start: Decimal
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a usage type in one Region; ``free`` units a month cost nothing.

    ``region`` is where the price holds; ``asked`` is the Region that it has to stand for
    where it is another one. ``what`` names the usage in words. Free units count for the
    tiers unless the tiers begin ``beyond`` them. Of a shipped price ``page`` is the title
    of the page that tells it, and ``doubt`` what nobody could compare with it.
    """

    usage_type: str
    region: str
    unit: str
    tiers: tuple[Tier, ...]
    source: PriceSource
    as_of: date
    service: str = ""
    free: Decimal = Decimal(0)
    what: str = ""
    beyond: bool = False
    page: str = ""
    doubt: str = ""
    asked: str = ""

    @property
    def usd(self) -> Decimal:
        """The price of a unit in the first tier."""
        return self.tiers[0].usd

    @property
    def said(self) -> str:
        """Source and date in words."""
        told = f"{self.source.said}, {self.as_of.isoformat()}"
        if self.source is PriceSource.SEED:
            where = self.region or "every Region"
            told = f"list price of {where} shipped with Watchdeck ({self.page}, {self.as_of})"
        other = f"that of {self.asked} may differ" if self.asked else ""
        return "; ".join(part for part in (told, other, self.doubt) if part)

    def cost(self, quantity: Decimal | float, *, with_free: bool = False) -> Decimal:
        """What a month's quantity costs, tier by tier; ``with_free`` takes the free part off."""
        used = max(Decimal(str(quantity)), Decimal(0))
        free = min(self.free, used) if with_free else Decimal(0)
        if self.beyond:
            return self._tiered(used - free)
        return self._tiered(used) - self._tiered(free)

    def _tiered(self, quantity: Decimal) -> Decimal:
        ends = [after.start for _, after in pairwise(self.tiers)]
        total = Decimal(0)
        for tier, end in zip(self.tiers, [*ends, None], strict=True):
            inside = quantity if end is None else min(quantity, end)
            total += max(inside - tier.start, Decimal(0)) * tier.usd
        return total


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Every known price; of several for one usage type the best source wins.

    Prices of one source for the same service, usage type and Region: the newest wins.
    """

    prices: tuple[Price, ...] = ()
    _found: Mapping[str, Sequence[Price]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[str, list[Price]] = {}
        for price in sorted(self.prices, key=_rank):
            found.setdefault(price.usage_type, []).append(price)
        object.__setattr__(self, "_found", found)

    def beside(self, others: Iterable[Price]) -> PriceBook:
        """The book with further prices, in its units; free parts and words that they lack stay
        the book's. What cannot be told in its unit is left out."""
        filled = (self._filled(other) for other in others)
        return PriceBook((*self.prices, *(price for price in filled if price is not None)))

    def price(self, usage_type: str, region: str = "", service: str = "") -> Price | None:
        """The price of a usage type; a prefix of a Region counts as ``region``.

        Of a name that several services use (``Requests-Tier1``) there is a price only with
        the service, in the words of the bill.
        """
        named, bare = split(usage_type)
        region = region or named
        region = "" if region == "global" else region
        known = [*self._found.get(usage_type, ()), *self._found.get(bare, ())]
        candidates = [price for price in known if _holds(price, region)]
        exactly = [price for price in candidates if service and price.service == service]
        if not exactly and _is_shared(known):
            return None
        found = next(iter(exactly or candidates), None)
        if found is None or not region or found.region in ("", region):
            return found
        return replace(found, asked=region)

    def of(self, *sources: PriceSource) -> tuple[Price, ...]:
        """All prices of some sources."""
        return tuple(price for price in self.prices if price.source in sources)

    def _filled(self, other: Price) -> Price | None:
        known = self.price(other.usage_type, other.region, other.service)
        if known is None:
            return other
        times = ratio(other.unit, known.unit)
        if times is None:
            return None
        return replace(
            other if times == 1 else _rescaled(other, known.unit, times),
            free=other.free or known.free,
            beyond=other.beyond or known.beyond,
            what=other.what or known.what,
        )


def _rescaled(price: Price, unit: str, times: Decimal) -> Price:
    """The same price by a unit of which ``times`` are one of its own."""
    tiers = tuple(Tier(tier.start * times, tier.usd / times) for tier in price.tiers)
    return replace(price, unit=unit, tiers=tiers)


def _rank(price: Price) -> tuple[int, int]:
    return list(PriceSource).index(price.source), -price.as_of.toordinal()


def _holds(price: Price, region: str) -> bool:
    """A shipped price stands for every Region, others for their own (or a global service)."""
    return price.source is PriceSource.SEED or not region or price.region in ("", region)


def _is_shared(prices: Sequence[Price]) -> bool:
    """Whether one source tells the same name of several services."""
    return any(
        len({price.service for price in prices if price.source is source}) > 1
        for source in PriceSource
    )
