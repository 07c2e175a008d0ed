"""Questions about spend, and what an answer holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.model.spend import CostMetric, Cut, Dimension, SpendSource
from app.model.time import Intervals, Window


class Granularity(StrEnum):
    """How long a slot of an answer is, in UTC."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


HOURLY_DAYS = 14
"""So many days are told by the hour at once."""


@dataclass(frozen=True, slots=True)
class SpendFilter:
    """Only rows whose dimension has one of the values; with ``exclude`` only the others."""

    dimension: Dimension
    values: tuple[str, ...]
    exclude: bool = False


@dataclass(frozen=True, slots=True)
class SpendQuestion:
    """What was charged over whole UTC days, split by up to two dimensions.

    Hours are told for up to :data:`HOURLY_DAYS`, and only by bills that have hours.
    ``as_of`` asks what was believed then. ``top`` gives only so many rows, the dearest,
    and the rest as one; ``keys`` gives a row for each of them and the rest as one.
    ``quantities`` asks for usage beside amounts, which means something only for rows of
    one unit.
    """

    window: Window
    metric: CostMetric = CostMetric.UNBLENDED
    group: tuple[Dimension, ...] = ()
    where: tuple[SpendFilter, ...] = ()
    granularity: Granularity = Granularity.DAY
    as_of: datetime | None = None
    top: int | None = None
    keys: tuple[tuple[str, ...], ...] | None = None
    quantities: bool = False

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """Everything that a cut has to tell to answer this."""
        return (*self.group, *(one.dimension for one in self.where))


@dataclass(frozen=True, slots=True)
class SpendRow:
    """One value of the group in every slot; ``key`` has a text for each dimension of it.

    An amount is None in a slot that no statement covers, and 0 where AWS charged nothing.
    ``unit`` is "" where rows of several units are added up.
    """

    key: tuple[str, ...]
    amounts: tuple[Decimal | None, ...]
    total: Decimal
    quantities: tuple[float, ...] = ()
    quantity: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class SpendAnswer:
    """Rows by total, the dearest first; ``totals`` and ``total`` are of all, with ``rest``.

    ``missing`` is what of the window up to now no statement covers; slots that lie in it
    have no amounts. From ``estimated_from`` on amounts may still change; days of ``filling``
    were not whole when they were read, so they say nothing about a day. ``why_not`` says
    why a question cannot be answered from what is collected, and what to switch on.
    ``warnings`` are sentences about what was told twice, or otherwise than was asked.
    """

    question: SpendQuestion
    slots: tuple[datetime, ...] = ()
    rows: tuple[SpendRow, ...] = ()
    rest: SpendRow | None = None
    totals: tuple[Decimal | None, ...] = ()
    total: Decimal = Decimal(0)
    estimated_from: datetime | None = None
    sources: tuple[SpendSource, ...] = ()
    cut: Cut | None = None
    read_at: datetime | None = None
    missing: Intervals = field(default_factory=Intervals)
    why_not: str = ""
    of_rest: int = 0
    filling: Intervals = field(default_factory=Intervals)
    warnings: tuple[str, ...] = ()

    @property
    def is_estimated(self) -> bool:
        return self.estimated_from is not None

    def is_whole(self, window: Window) -> bool:
        """Whether every day of a window is billed, and none was still filling when it was read."""
        return not (self.missing | self.filling) & Intervals.of([window])

    @property
    def source(self) -> SpendSource | None:
        """Who told it, or told most of it."""
        return self.sources[0] if self.sources else None

    def row(self, *key: str) -> SpendRow | None:
        """The row of a key, if it is among ``rows``."""
        return next((row for row in self.rows if row.key == key), None)
