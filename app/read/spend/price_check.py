"""Shipped prices held against AWS's Price List, as far as that was read.

A shipped price is only compared with one of the same service, usage type and Region.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.read.spend.prices import Price, PriceBook, PriceSource

TOLERANCE = 0.05
"""Share by which a shipped price may be off before it is told."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """A shipped price that AWS lists otherwise; ``share`` is how much more AWS asks for."""

    shipped: Price
    listed: Price

    @property
    def share(self) -> float:
        return float(self.listed.usd / self.shipped.usd - 1)

    @property
    def said(self) -> str:
        """``NatGateway-Hours: 0.045 shipped, 0.05 listed on 2026-11-26 (+11 %)``."""
        shipped, listed = self.shipped, self.listed
        told = f"{shipped.usd.normalize():f} shipped, {listed.usd.normalize():f} listed"
        return f"{shipped.usage_type}: {told} on {listed.as_of} ({self.share * 100:+.0f} %)"


def outdated(book: PriceBook) -> tuple[Outdated, ...]:
    """Shipped prices that are more than the tolerance off, the worst first."""
    return tuple(sorted(_outdated(book), key=lambda each: (-abs(each.share), each.said)))


def _outdated(book: PriceBook) -> Iterator[Outdated]:
    shipped = {(p.service, p.usage_type): p for p in book.of(PriceSource.SEED)}
    newest: dict[tuple[str, str], Price] = {}
    for listed in sorted(book.of(PriceSource.LISTED), key=lambda price: price.as_of):
        known = shipped.get((listed.service, listed.usage_type))
        if known is not None and known.region in ("", listed.region):
            newest[listed.service, listed.usage_type] = listed
    for key, listed in newest.items():
        found = Outdated(shipped[key], listed)
        if abs(found.share) > TOLERANCE:
            yield found
