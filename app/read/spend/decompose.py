"""Why spend changed: other prices, other amounts of use, or other kinds of use.

For each unit of a group, *volume* is the change of its whole quantity at the average price
before, *price* the change of each usage type's own rate at its new quantity, and *mix* what
is left: usage types that are new, gone, or have another share. The three add up exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

NOTHING = Decimal(0)
_PLACES = Decimal("1e-6")
"""Quantities are counted in floats, so rates are not exact to the last digit of the bill."""

_LEAST_QUANTITY = 1e-6
_DIGITS = 60
"""A rate of almost nothing times a large quantity has more digits than usual."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one usage type cost and how much of it was used; ``unit`` is "" where that is unknown.

    The last part of ``key`` tells usage types apart, the parts before it groups of them.
    """

    key: tuple[str, ...]
    usd: Decimal
    quantity: float = 0.0
    unit: str = ""

    @property
    def rate(self) -> Decimal | None:
        """US dollars for a unit; None where that cannot be told."""
        if not self.unit or self.quantity < _LEAST_QUANTITY:
            return None
        return self.usd / Decimal(str(self.quantity))


@dataclass(frozen=True, slots=True)
class Effects:
    """A change split into price, volume and mix, which add up to it."""

    before: Decimal
    after: Decimal
    price: Decimal
    volume: Decimal
    mix: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before

    @property
    def largest(self) -> str:
        """Which of the three is largest, in a word."""
        named = {"price": self.price, "volume": self.volume, "mix": self.mix}
        return max(named, key=lambda name: abs(named[name]))


@dataclass(frozen=True, slots=True)
class Mover:
    """A group whose spend changed. ``is_new`` cost nothing before, ``is_gone`` nothing after."""

    key: tuple[str, ...]
    effects: Effects

    @property
    def is_new(self) -> bool:
        return self.effects.before == 0 and self.effects.after != 0

    @property
    def is_gone(self) -> bool:
        return self.effects.after == 0 and self.effects.before != 0


def decompose(before: Iterable[Usage], after: Iterable[Usage], parts: int = 1) -> tuple[Mover, ...]:
    """Groups by the first ``parts`` of the key, the largest change first."""
    old, new = _grouped(before, parts), _grouped(after, parts)
    with localcontext(prec=_DIGITS):
        movers = [Mover(k, _effects(old.get(k, []), new.get(k, []))) for k in {**old, **new}]
    return tuple(sorted(movers, key=lambda m: (-abs(m.effects.change), m.key)))


def _grouped(usages: Iterable[Usage], parts: int) -> dict[tuple[str, ...], list[Usage]]:
    found: dict[tuple[str, ...], list[Usage]] = {}
    for usage in usages:
        found.setdefault(usage.key[:parts], []).append(usage)
    return found


def _effects(before: Sequence[Usage], after: Sequence[Usage]) -> Effects:
    price = volume = NOTHING
    for unit in {usage.unit for usage in (*before, *after)} - {""}:
        old = {u.key: u for u in before if u.unit == unit}
        new = {u.key: u for u in after if u.unit == unit}
        price += _of_prices(old, new)
        volume += _of_volumes(old.values(), new.values())
    price, volume = price.quantize(_PLACES) + 0, volume.quantize(_PLACES) + 0  # no -0
    was, now = _sum(before), _sum(after)
    return Effects(was, now, price, volume, now - was - price - volume)


def _of_prices(
    old: Mapping[tuple[str, ...], Usage], new: Mapping[tuple[str, ...], Usage]
) -> Decimal:
    """What the new quantities cost more than at the rates of before."""
    total = NOTHING
    for key, usage in new.items():
        rate = old[key].rate if key in old else None
        if rate is not None and usage.rate is not None:
            total += usage.usd - rate * Decimal(str(usage.quantity))
    return total


def _of_volumes(old: Iterable[Usage], new: Iterable[Usage]) -> Decimal:
    """What the change of the whole quantity costs at the average price of before."""
    old = list(old)
    quantity = sum(usage.quantity for usage in old)
    if quantity < _LEAST_QUANTITY:
        return NOTHING
    more = sum(usage.quantity for usage in new) - quantity
    return _sum(old) / Decimal(str(quantity)) * Decimal(str(more))


def _sum(usages: Iterable[Usage]) -> Decimal:
    return sum((usage.usd for usage in usages), NOTHING)
