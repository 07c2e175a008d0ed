"""Whether another memory size of a function is cheaper, from how long it ran with each.

A function with more memory has more of a processor, and may end so much sooner that it
costs less. Free allowances are left out: they do not tell which is cheaper.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.read.spend.capacity import gb_seconds
from app.read.spend.prices import Price, PriceBook

MANY = 1_000_000
_PLACES = Decimal("0.0001")
Number = Decimal | float | int


@dataclass(frozen=True, slots=True)
class MemoryRun:
    """How a function ran with one memory size: ``average_ms`` as it is billed."""

    memory_mb: Number
    average_ms: Number
    invocations: int = 0


@dataclass(frozen=True, slots=True)
class MemoryCost:
    """What a million invocations cost, their requests included."""

    run: MemoryRun
    usd: Decimal
    price: Price


@dataclass(frozen=True, slots=True)
class MemoryComparison:
    """The same function with two memory sizes; shares are of what it was before."""

    before: MemoryCost
    after: MemoryCost

    @property
    def usd(self) -> Decimal:
        """By how much a million invocations became dearer; below 0: cheaper."""
        return self.after.usd - self.before.usd

    @property
    def change(self) -> float:
        return float(self.usd / self.before.usd)

    @property
    def faster(self) -> float:
        """By which share it takes less time."""
        return 1 - float(self.after.run.average_ms) / float(self.before.run.average_ms)

    @property
    def is_cheaper(self) -> bool:
        return self.usd < 0

    @property
    def said(self) -> str:
        """``512 → 1024 MB: 1000 → 400 ms, 8.5333 → 6.8667 USD a million (-20 %)``."""
        before, after = self.before, self.after
        sizes = f"{before.run.memory_mb:g} → {after.run.memory_mb:g} MB"
        times = f"{before.run.average_ms:g} → {after.run.average_ms:g} ms"
        costs = f"{before.usd} → {after.usd} USD a million"
        return f"{sizes}: {times}, {costs} ({self.change * 100:+.0f} %)"


def memory_cost(
    book: PriceBook, run: MemoryRun, region: str = "", *, arm: bool = False
) -> MemoryCost:
    """What a million invocations with a memory size cost. LookupError without a price."""
    suffix = "-ARM" if arm else ""
    duration = book.price(f"Lambda-GB-Second{suffix}", region, "AWS Lambda")
    request = book.price(f"Request{suffix}", region, "AWS Lambda")
    if duration is None or request is None:
        raise LookupError("Lambda has no known price")
    seconds = gb_seconds(MANY, run.average_ms, run.memory_mb)
    usd = seconds * duration.usd + MANY * request.usd
    return MemoryCost(run, usd.quantize(_PLACES), duration)


def compare_memory(
    book: PriceBook, before: MemoryRun, after: MemoryRun, region: str = "", *, arm: bool = False
) -> MemoryComparison:
    """A function before and after its memory was changed."""
    return MemoryComparison(
        memory_cost(book, before, region, arm=arm), memory_cost(book, after, region, arm=arm)
    )
