"""What moved between two stretches of the bill, split into price, volume and mix."""

from __future__ import annotations

from app.model.readings import Look, Reading
from app.model.spend import SpendDimension
from app.model.time import Window
from app.read.spend.daily import Bill, Where, told
from app.read.spend.decompose import Mover, Usage, decompose
from app.read.spend.question import SpendAnswer

_PAIR = (SpendDimension.SERVICE, SpendDimension.USAGE_TYPE)


def moved(
    bill: Bill, before: Window, after: Window, by: SpendDimension, where: Where = ()
) -> Reading[tuple[Mover, ...]]:
    """Services or usage types by how much they changed.

    Where usage types are not told for the filter, services are compared without them and
    the whole change is mix.
    """
    earlier = bill.ask(before, *_PAIR, where=where, quantities=True)
    later = bill.ask(after, *_PAIR, where=where, quantities=True)
    if by is SpendDimension.SERVICE and Look.DATA not in (earlier.look, later.look):
        earlier = bill.ask(before, by, where=where)
        later = bill.ask(after, by, where=where)
    parts = 2 if by is SpendDimension.USAGE_TYPE else 1
    found = decompose(_usages(earlier.value), _usages(later.value), parts)
    return told(later, tuple(m for m in found if m.effects.before or m.effects.after))


def _usages(answer: SpendAnswer) -> list[Usage]:
    return [Usage(row.key, row.total, row.quantity, row.unit) for row in answer.rows]
