"""The part of the bill that belongs to the places whose metrics are collected.

Dividing more of the bill than was counted would make every unit dear. A bill of line items
tells accounts and Regions at once; Cost Explorer tells only one of them beside the service,
so the one is used that leaves nothing foreign in, and where none does ``said`` says what is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.model.ids import Place
from app.model.readings import Look, Reading
from app.model.spend import SpendDimension
from app.model.time import Window
from app.read.spend.daily import Bill, Where
from app.read.spend.question import SpendAnswer, SpendFilter
from app.read.spend.scoped import chosen_places

_SERVICE, _ACCOUNT, _REGION = (
    SpendDimension.SERVICE,
    SpendDimension.LINKED_ACCOUNT,
    SpendDimension.REGION,
)
_Answer = Reading[SpendAnswer]

ALL_REGIONS = "Regions whose metrics are not collected are in it: the bill does not tell them apart"
ALL_ACCOUNTS = (
    "Accounts whose metrics are not collected are in it: the bill does not tell them apart"
)


def by_service(bill: Bill, window: Window, places: Sequence[Place], where: Where) -> _Answer:
    """The bill of the places that pass the filters, by service."""
    chosen = chosen_places(places, where)
    others = tuple(f for f in where if f.dimension not in (_ACCOUNT, _REGION))
    found = _of_each(bill, window, chosen, others) or _of_one(bill, window, chosen, others)
    by_region = any(f.dimension is _REGION for f in where)
    if found is not None and not (found.said and by_region):
        return found
    if others != where:
        return bill.ask(window, _SERVICE, where=where)
    return replace(bill.ask(window, _SERVICE, where=where), said=ALL_ACCOUNTS)


def _of_each(bill: Bill, window: Window, places: Sequence[Place], others: Where) -> _Answer | None:
    """Each Region with its own accounts, where the bill tells both; else None."""
    found: _Answer | None = None
    for accounts, regions in _alike(places).items():
        own = (SpendFilter(_ACCOUNT, accounts), SpendFilter(_REGION, regions))
        reading = bill.ask(window, _SERVICE, where=(*others, *own))
        if reading.look is not Look.DATA:
            return None
        if found is not None:
            rows = (*found.value.rows, *reading.value.rows)
            reading = replace(found, value=replace(found.value, rows=rows))
        found = reading
    return found


def _of_one(bill: Bill, window: Window, places: Sequence[Place], others: Where) -> _Answer | None:
    """By Region where all accounts are collected, else by account; None without either."""
    accounts = tuple(sorted({place.account for place in places}))
    regions = tuple(sorted({place.region for place in places}))
    if _is_all(bill, window, _ACCOUNT, accounts):
        own = (*others, SpendFilter(_REGION, regions))
        of_regions = bill.ask(window, _SERVICE, where=own)
        if of_regions.look is Look.DATA:
            return of_regions
    own = (*others, SpendFilter(_ACCOUNT, accounts))
    of_accounts = bill.ask(window, _SERVICE, where=own)
    if of_accounts.look is not Look.DATA:
        return None
    is_exact = _is_all(bill, window, _REGION, regions)
    return of_accounts if is_exact else replace(of_accounts, said=ALL_REGIONS)


def _alike(places: Sequence[Place]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Regions by the accounts that are collected in them."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for region in sorted({place.region for place in places}):
        accounts = tuple(sorted({place.account for place in places if place.region == region}))
        found[accounts] = (*found.get(accounts, ()), region)
    return found


def _is_all(bill: Bill, window: Window, dimension: SpendDimension, known: Sequence[str]) -> bool:
    """Whether the bill tells a dimension, and nothing but these values costs anything."""
    reading = bill.ask(window, dimension)
    if reading.look is not Look.DATA:
        return False
    return {row.key[0] for row in reading.value.rows if row.total} <= set(known)
