"""Services that cost more or less than before, and what in them did.

What moved by less than a hundredth of the bill is noise to those who read a digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.read.spend import SpendAnswer
from app.read.spend.decompose import Mover as Moved
from app.read.spend.usage_types import split

LEAST_USD, LEAST_SHARE = Decimal("0.01"), Decimal("0.01")
MOSTLY = Decimal("0.5")
"""Share of a change that its cause has to explain."""


@dataclass(frozen=True, slots=True)
class Mover:
    """A service with what it cost before and now, and why, where one usage type tells."""

    name: str
    before: Decimal
    after: Decimal
    why: str = ""

    @property
    def change(self) -> Decimal:
        return self.after - self.before

    @property
    def said(self) -> str:
        """``AWS Lambda: 14.00 → 7.00 USD (−7.00, −50 %), mostly less of Request``."""
        sign = "+" if self.change > 0 else "−"
        share = "new"
        if self.before > 0:
            share = f"{sign}{abs(self.change) * 100 / self.before:.0f} %"
        told = f"{self.before:,.2f} → {self.after:,.2f} USD"
        why = f", mostly {self.why}" if self.why else ""
        return f"{self.name}: {told} ({sign}{abs(self.change):,.2f}, {share}){why}"


def movers(before: SpendAnswer, after: SpendAnswer, causes: Sequence[Moved]) -> list[Mover]:
    """By how much services changed, the largest first; ``causes`` are usage types of them."""
    earlier = {row.key[0]: row.total for row in before.rows}
    later = {row.key[0]: row.total for row in after.rows}
    least = max(LEAST_USD, LEAST_SHARE * max(before.total, after.total))
    found = [_mover(name, earlier, later, causes) for name in {*earlier, *later}]
    shown = [each for each in found if abs(each.change) >= least]
    return sorted(shown, key=lambda each: (-abs(each.change), each.name))


def _mover(
    name: str,
    earlier: Mapping[str, Decimal],
    later: Mapping[str, Decimal],
    causes: Sequence[Moved],
) -> Mover:
    was, now = earlier.get(name, Decimal(0)), later.get(name, Decimal(0))
    of_service = [each for each in causes if each.key[0] == name and len(each.key) > 1]
    return Mover(name or "(no service)", was, now, _why(now - was, of_service))


def _why(change: Decimal, causes: Sequence[Moved]) -> str:
    """The usage type that explains most of a change in its direction; "" where none does."""
    alike = [each for each in causes if each.effects.change * change > 0]
    if not alike or len(causes) < 2:
        return ""
    cause = max(alike, key=lambda each: abs(each.effects.change))
    if abs(cause.effects.change) < abs(change) * MOSTLY:
        return ""
    usage_type = split(cause.key[1])[1]
    if cause.is_new or cause.is_gone:
        return f"{'new: ' if cause.is_new else 'no more '}{usage_type}"
    if cause.effects.largest == "price":
        return f"another price of {usage_type}"
    return f"{'more' if change > 0 else 'less'} of {usage_type}"
