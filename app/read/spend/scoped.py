"""The bill of some accounts and Regions, as far as one cut of it tells them.

Usage types name their Region, so a bill by usage type can be narrowed to Regions where
no cut tells both; accounts cannot be had in such a way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from app.model.ids import Place
from app.model.readings import Look, Reading
from app.model.spend import Dimension, SpendDimension
from app.model.time import Window
from app.read.spend.daily import Bill, Where, told
from app.read.spend.question import SpendAnswer, SpendRow
from app.read.spend.usage_types import HOME, split

_REGION, _USAGE_TYPE = SpendDimension.REGION, SpendDimension.USAGE_TYPE
BY_PREFIX = (
    f"Regions are those that usage types name; a usage type that names none counts as {HOME}."
)


def fits(value: str, dimension: SpendDimension, where: Where) -> bool:
    """Whether a value of a dimension passes all filters by it."""
    return all((value in f.values) != f.exclude for f in where if f.dimension is dimension)


def chosen_places(places: Iterable[Place], where: Where) -> tuple[Place, ...]:
    """The places whose account and Region pass the filters."""
    return tuple(
        place
        for place in places
        if fits(place.account, SpendDimension.LINKED_ACCOUNT, where)
        and fits(place.region, _REGION, where)
    )


def narrowed(
    bill: Bill,
    window: Window,
    *group: Dimension,
    where: Where = (),
    quantities: bool = False,
) -> Reading[SpendAnswer]:
    """The answer for what passes the filters; ``said`` tells how, or why there is none."""
    reading = bill.ask(window, *group, where=where, quantities=quantities)
    if reading.look is Look.DATA or _USAGE_TYPE not in group:
        return reading
    others = tuple(f for f in where if f.dimension is not _REGION)
    if len(others) == len(where):
        return reading
    whole = bill.ask(window, *group, where=others, quantities=quantities)
    if whole.look is not Look.DATA:
        return reading
    at = group.index(_USAGE_TYPE)
    rows = [row for row in whole.value.rows if fits(region_of(row.key[at]), _REGION, where)]
    return replace(told(whole, _only(whole.value, rows)), said=BY_PREFIX)


def region_of(usage_type: str) -> str:
    """The Region that a usage type is of."""
    return split(usage_type)[0] or HOME


def _only(answer: SpendAnswer, rows: Sequence[SpendRow]) -> SpendAnswer:
    totals = tuple(
        None if total is None else sum((row.amounts[at] or Decimal(0) for row in rows), Decimal(0))
        for at, total in enumerate(answer.totals)
    )
    whole = sum((row.total for row in rows), Decimal(0))
    return replace(answer, rows=tuple(rows), totals=totals, total=whole)
