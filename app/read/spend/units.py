"""What a thousand requests, invocations or messages cost: the bill over the metrics.

Only days count that have both a whole bill and a counter that was answered all day, and only
the accounts and Regions whose metrics are collected, as far as the bill tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from app.read.spend.daily import whole_slots
from app.read.spend.drivers import UNITS, Unit
from app.read.spend.metered import Driver, Used, Values
from app.read.spend.question import SpendAnswer

_PLACES = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class UnitDay:
    """One day; ``per_unit`` is None where nothing was counted."""

    day: date
    usd: Decimal
    count: float
    per_unit: Decimal | None


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What one service cost for each ``many`` of ``what``, over the days that are known.

    ``change`` is that of the newer half against the older, as a share.
    """

    service: str
    title: str
    what: str
    many: int
    usd: Decimal
    count: float
    per_unit: Decimal | None
    days: tuple[UnitDay, ...]

    @property
    def unit(self) -> str:
        return f"{self.many:,} {self.what}"

    @property
    def change(self) -> float | None:
        half = len(self.days) // 2
        older, newer = (
            _per_unit(self.days[:half], self.many),
            _per_unit(self.days[half:], self.many),
        )
        return float(newer / older - 1) if half and older and newer is not None else None


def unit_costs(
    answer: SpendAnswer,
    counted: Mapping[Driver, Used],
    bills: Mapping[str, Sequence[str]],
    titles: Mapping[str, str],
) -> tuple[UnitCost, ...]:
    """By amount; ``bills`` are the names of services on the bill by service of the catalogue."""
    found = [
        _unit_cost(answer, unit, counted, bills.get(unit.service, ()), titles) for unit in UNITS
    ]
    there = [one for one in found if one.days]
    return tuple(sorted(there, key=lambda one: (-one.usd, one.service)))


def _unit_cost(
    answer: SpendAnswer,
    unit: Unit,
    counted: Mapping[Driver, Used],
    names: Sequence[str],
    titles: Mapping[str, str],
) -> UnitCost:
    counts = _counts(unit, counted)
    rows = [row for row in answer.rows if row.key[0] in names]
    days = []
    for at in range(min(whole_slots(answer), counts.size) if rows else 0):
        amounts = [row.amounts[at] for row in rows]
        if np.isnan(counts[at]) or None in amounts:
            continue
        usd = sum((amount for amount in amounts if amount is not None), Decimal(0))
        count = float(counts[at])
        days.append(UnitDay(answer.slots[at].date(), usd, count, _divided(usd, count, unit.many)))
    usd = sum((day.usd for day in days), Decimal(0))
    return UnitCost(
        unit.service,
        titles.get(unit.service, unit.service),
        unit.what,
        unit.many,
        usd,
        sum(day.count for day in days),
        _per_unit(days, unit.many),
        tuple(days),
    )


def _counts(unit: Unit, counted: Mapping[Driver, Used]) -> Values:
    """All counters of a unit by the day; what a place does not have is nothing."""
    several = [counted[driver].total for driver in unit.drivers if driver in counted]
    return np.asarray(np.sum(several, axis=0)) if several else np.empty(0)


def _per_unit(days: Sequence[UnitDay], many: int) -> Decimal | None:
    usd = sum((day.usd for day in days), Decimal(0))
    return _divided(usd, sum(day.count for day in days), many)


def _divided(usd: Decimal, count: float, many: int) -> Decimal | None:
    if count <= 0:
        return None
    return (usd / Decimal(str(count)) * many).quantize(_PLACES)
