"""What moved between two stretches of the bill, split into price, volume and mix."""

from __future__ import annotations

from dataclasses import replace

from app.model.readings import Look, Reading
from app.model.spend import SpendDimension
from app.model.time import Intervals, Window
from app.read.spend.daily import Bill, Where, told
from app.read.spend.decompose import Mover, Usage, decompose
from app.read.spend.explaining import days_words
from app.read.spend.question import SpendAnswer

_PAIR = (SpendDimension.SERVICE, SpendDimension.USAGE_TYPE)


def moved(
    bill: Bill, before: Window, after: Window, by: SpendDimension, where: Where = ()
) -> Reading[tuple[Mover, ...]]:
    """Services or usage types by how much they changed.

    Where usage types are not told for the filter, services are compared without them and
    the whole change is mix. Days without a bill are not taken for days that cost nothing:
    where there are any, nothing is compared and ``said`` names them.
    """
    earlier = bill.ask(before, *_PAIR, where=where, quantities=True)
    later = bill.ask(after, *_PAIR, where=where, quantities=True)
    if by is SpendDimension.SERVICE and Look.DATA not in (earlier.look, later.look):
        earlier = bill.ask(before, by, where=where)
        later = bill.ask(after, by, where=where)
    lost = _unbilled(earlier.value) | _unbilled(later.value)
    if lost and Look.DATA in (earlier.look, later.look):
        said = f"There is no bill for {days_words(lost)}, so the two cannot be compared."
        nothing: tuple[Mover, ...] = ()
        return replace(told(later, nothing), look=Look.DATA, said=said)
    parts = 2 if by is SpendDimension.USAGE_TYPE else 1
    found = decompose(_usages(earlier.value), _usages(later.value), parts)
    return told(later, tuple(m for m in found if m.effects.before or m.effects.after))


def _unbilled(answer: SpendAnswer) -> Intervals:
    """The days of an answer that no bill tells."""
    return answer.missing if answer.slots else Intervals.of([answer.question.window])


def _usages(answer: SpendAnswer) -> list[Usage]:
    return [Usage(row.key, row.total, row.quantity, row.unit) for row in answer.rows]
