"""How much of the bill a tag explains; each tag by itself, for two tags overlap."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.model.readings import Reading
from app.model.spend import SpendDimension, Tag
from app.model.time import Window
from app.read.spend.daily import Bill, Where, told
from app.read.spend.question import SpendAnswer

MOST_SERVICES = 5


@dataclass(frozen=True, slots=True)
class TagCoverage:
    """What of a bill has a value for one tag; ``top_untagged`` are services without, by amount."""

    key: str
    tagged: Decimal
    untagged: Decimal
    values: tuple[tuple[str, Decimal], ...]
    top_untagged: tuple[tuple[str, Decimal], ...]

    @property
    def total(self) -> Decimal:
        return self.tagged + self.untagged

    @property
    def share(self) -> float:
        """The tagged part, from 0 to 1."""
        return float(self.tagged / self.total) if self.total > 0 else 0.0


def coverage(bill: Bill, window: Window, key: str, where: Where = ()) -> Reading[TagCoverage]:
    """How far one tag reaches; needs spend by service, this tag and what is filtered by."""
    reading = bill.ask(window, SpendDimension.SERVICE, Tag(key), where=where)
    return told(reading, _coverage(reading.value, key))


def _coverage(answer: SpendAnswer, key: str) -> TagCoverage:
    values: dict[str, Decimal] = {}
    untagged: dict[str, Decimal] = {}
    for row in answer.rows:
        service, value = row.key
        into, name = (values, value) if value else (untagged, service)
        into[name] = into.get(name, Decimal(0)) + row.total
    return TagCoverage(
        key,
        sum(values.values(), Decimal(0)),
        sum(untagged.values(), Decimal(0)),
        _dearest(values),
        _dearest(untagged)[:MOST_SERVICES],
    )


def _dearest(amounts: dict[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    return tuple(sorted(amounts.items(), key=lambda item: (-item[1], item[0])))
