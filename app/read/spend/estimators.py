"""What usage of a service costs a month, line by line, from a price book.

An estimator takes quantities that a person knows, each with the usage type that it is billed
as. Allowances that are always free are taken off first, as the bill does; those of a first
year, and what other users of the account take of them, are not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.read.spend.estimator import Estimator
from app.read.spend.estimators_compute import COMPUTE, machine
from app.read.spend.estimators_data import DATA
from app.read.spend.estimators_edge import EDGE
from app.read.spend.idle import kind_of
from app.read.spend.prices import Price, PriceBook

Number = Decimal | float | int

ESTIMATORS: Mapping[str, Estimator] = {each.kind: each for each in (*COMPUTE, *DATA, *EDGE)}
MACHINES: Mapping[str, str] = {
    "ec2:TYPE": "hours",
    "rds:TYPE": "hours multi_az_hours gp3_gb gp2_gb multi_az_gp3_gb multi_az_gp2_gb backup_gb",
    "elasticache:TYPE": "hours",
}
"""Kinds that name a type of machine, with what they take."""


@dataclass(frozen=True, slots=True)
class EstimateLine:
    """A quantity a month of one usage type, what of it is free, and what the rest costs."""

    what: str
    usage_type: str
    quantity: Decimal
    free: Decimal
    usd: Decimal
    price: Price

    @property
    def when_idle(self) -> str:
        """Why it costs also when nobody uses it; "" where it does not."""
        kind = kind_of(self.usage_type)
        return kind[1] if kind else ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """All lines and their sum; ``unpriced`` are usage types without a price, not counted."""

    kind: str
    lines: tuple[EstimateLine, ...]
    unpriced: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((line.usd for line in self.lines), Decimal(0))


def estimate(
    book: PriceBook,
    kind: str,
    quantities: Mapping[str, Number],
    region: str = "",
    *,
    with_free: bool = True,
) -> Estimate:
    """The cost of a month; quantities that are left out are 0. ValueError for unknown names.

    ``kind`` is one of :data:`ESTIMATORS`, or ``ec2:``, ``rds:`` or ``elasticache:`` with a type.
    """
    estimator = _known(kind, quantities)
    given = dict.fromkeys(estimator.takes, Decimal(0))
    given |= {name: Decimal(str(value)) for name, value in quantities.items()}
    lines, unpriced = [], []
    for part in estimator.parts:
        quantity = part.quantity(given)
        price = book.price(part.usage_type, region, part.service or estimator.service)
        if price is None and quantity:
            unpriced.append(part.usage_type)
        elif price is not None and quantity:
            lines.append(_line(price, part.usage_type, quantity, with_free))
    return Estimate(kind, tuple(lines), tuple(unpriced))


def cheaper_by(one: Estimate, other: Estimate) -> Decimal:
    """By how many percent the other costs less than the one; 0 where the one costs nothing."""
    if not one.total:
        return Decimal(0)
    return ((one.total - other.total) / one.total * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _known(kind: str, quantities: Mapping[str, Number]) -> Estimator:
    estimator = ESTIMATORS.get(kind) or machine(kind)
    if estimator is None:
        known = ", ".join([*ESTIMATORS, *MACHINES])
        raise ValueError(f"there is no estimator {kind}; known are {known}")
    unknown = [name for name in quantities if name not in estimator.takes]
    if unknown:
        known = ", ".join(estimator.takes)
        raise ValueError(f"{kind} has no quantity {', '.join(unknown)}; it takes {known}")
    wrong = [name for name, value in quantities.items() if not _is_amount(value)]
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: a quantity is 0 or more")
    return estimator


def _is_amount(value: Number) -> bool:
    number = Decimal(str(value))
    return number.is_finite() and number >= 0


def _line(price: Price, usage_type: str, quantity: Decimal, with_free: bool) -> EstimateLine:
    free = min(price.free, quantity) if with_free else Decimal(0)
    usd = price.cost(quantity, with_free=with_free)
    return EstimateLine(price.what or usage_type, usage_type, quantity, free, usd, price)
