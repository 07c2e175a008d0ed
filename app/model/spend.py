"""What AWS charged, as one source told it: statements, their cuts, and facts beside them.

A statement is one reading of one *cut* of some days: the sorted dimensions that
its rows tell. Each cut sums to the whole bill, so two cuts are never added up.
Amounts in frames are whole :data:`UNITS_PER_USD`ths of a dollar, so sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any

import polars as pl

from app.model.time import Window

PLACES = 11
UNITS_PER_USD = 10**PLACES
"""Cost Explorer tells up to ten decimal places, FOCUS eleven; 2⁶³ of them are 92 million USD."""

HOUR_S, DAY_S, MONTH_S = 3_600, 86_400, 31 * 86_400


class CostMetric(StrEnum):
    """Which of AWS's amounts is meant; the value is the name of the column."""

    UNBLENDED = "unblended"
    AMORTIZED = "amortized"
    NET_UNBLENDED = "net_unblended"
    NET_AMORTIZED = "net_amortized"


class SpendDimension(StrEnum):
    """What spend can be split by, in Cost Explorer's words."""

    SERVICE = "SERVICE"
    USAGE_TYPE = "USAGE_TYPE"
    REGION = "REGION"
    LINKED_ACCOUNT = "LINKED_ACCOUNT"
    RECORD_TYPE = "RECORD_TYPE"
    OPERATION = "OPERATION"
    RESOURCE = "RESOURCE"
    INSTANCE_TYPE = "INSTANCE_TYPE"

    @property
    def column(self) -> str:
        """The column of a statement's rows that holds it; usage types name instance types."""
        return _COLUMNS.get(self.value, self.value.lower())


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A cost allocation tag by its key; its values split spend like a dimension."""

    key: str

    @property
    def value(self) -> str:
        """How a cut names it."""
        return f"{TAG}{self.key}"


@dataclass(frozen=True, slots=True, order=True)
class CostCategory:
    """A cost category by its name; its values split spend like those of a tag."""

    key: str

    @property
    def value(self) -> str:
        """How a cut names it."""
        return f"{CATEGORY}{self.key}"


Dimension = SpendDimension | Tag | CostCategory
Cut = tuple[str, ...]

TAG, CATEGORY = "TAG:", "COST_CATEGORY:"
_COLUMNS = {"LINKED_ACCOUNT": "account", "INSTANCE_TYPE": "usage_type"}
LINE_ITEM = "LINE_ITEM"
LINE_ITEMS: Cut = (LINE_ITEM,)
"""The cut of a bill: its rows tell every dimension and all tags."""


def cut_of(*dimensions: Dimension) -> Cut:
    """The cut that tells just these."""
    return tuple(sorted({dimension.value for dimension in dimensions}))


def dimension_of(name: str) -> Dimension:
    """The dimension of that name; ValueError if there is none."""
    if name.startswith(CATEGORY):
        return CostCategory(name.removeprefix(CATEGORY))
    return Tag(name.removeprefix(TAG)) if name.startswith(TAG) else SpendDimension(name)


def entry_of(dimension: Tag | CostCategory) -> str:
    """What it is called in the tags of line items, which hold cost categories too."""
    return dimension.key if isinstance(dimension, Tag) else dimension.value


def keyed(entry: str) -> Tag | CostCategory:
    """What an entry in the tags of line items is."""
    is_category = entry.startswith(CATEGORY)
    return CostCategory(entry.removeprefix(CATEGORY)) if is_category else Tag(entry)


def is_keyed(name: str) -> bool:
    """Whether a part of a cut is a tag or cost category, of which a cut has one at most."""
    return name.startswith((TAG, CATEGORY))


def tells(cut: Cut, dimension: Dimension) -> bool:
    """Whether the rows of a cut can be split by a dimension."""
    if dimension is SpendDimension.INSTANCE_TYPE:
        dimension = SpendDimension.USAGE_TYPE
    return cut == LINE_ITEMS or dimension.value in cut


class SpendSource(StrEnum):
    """Who told it: Cost Explorer, a Cost and Usage Report, or a FOCUS export."""

    CE = "ce"
    CUR = "cur"
    FOCUS = "focus"


TEXTS = (
    "account",
    "service",
    "usage_type",
    "region",
    "record_type",
    "operation",
    "resource",
    "unit",
    "tag_value",
    "tags",
)
AMOUNTS = tuple(metric.value for metric in CostMetric)

WHOLE_AFTER = timedelta(days=1)
"""How long after its end AWS has a day whole on the bill."""

SPEND_ROWS: Mapping[str, pl.DataType] = {
    "at": pl.Datetime("ms", "UTC"),
    "period": pl.Int32(),
    **dict.fromkeys(TEXTS, pl.String()),
    **dict.fromkeys(AMOUNTS, pl.Int64()),
    "quantity": pl.Float64(),
    "estimated": pl.Boolean(),
}
"""Columns of a statement's rows.

``at`` is the start of the day or hour of the charge, ``period`` its length in
seconds. In text columns null means that this cut does not tell, "" that AWS says
empty; ``tag_value`` is the value of the cut's tag or cost category ("": none), ``tags`` of
line items all tags and cost categories as a JSON object (see :func:`entry_of`). An amount
that a source does not tell is null in every row.
"""


@dataclass(frozen=True, slots=True, eq=False)
class SpendStatement:
    """One reading of a cut of whole UTC days, as it was at ``read_at``.

    It replaces older statements of the same source, payer and cut for the days of
    ``window``, also where it has no rows; those are kept for questions about the past.
    ``tells`` are the amounts that the source told, for a statement without rows. Days from
    ``whole_until`` on were still filling when it was read; None where the moment of reading
    alone says which.
    """

    source: SpendSource
    payer: str
    cut: Cut
    window: Window
    read_at: datetime
    rows: pl.DataFrame
    tells: frozenset[CostMetric] = frozenset(CostMetric)
    whole_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StagedPart:
    """Rows of a staged statement, or sums of them; ``segments`` are known to the store alone."""

    id: int
    cut: Cut
    period: int
    rows: int
    segments: tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class StagedSpend:
    """A large statement whose rows the store has written already but not listed.

    ``head`` is the statement without rows. ``only_account`` is the one account that its rows
    tell, "" where they tell several. See ``SpendBook.intake``.
    """

    head: SpendStatement
    parts: tuple[StagedPart, ...]
    only_account: str | None = None


class FactKind(StrEnum):
    """Small facts about spend beside statements."""

    FORECAST = "forecast"
    BUDGET = "budget"
    ANOMALY = "anomaly"
    FREE_TIER = "free_tier"
    ACCOUNT_PLAN = "account_plan"
    SAVINGS_PLANS_COVERAGE = "savings_plans_coverage"
    SAVINGS_PLANS_UTILIZATION = "savings_plans_utilization"
    RESERVATION_COVERAGE = "reservation_coverage"
    RESERVATION_UTILIZATION = "reservation_utilization"
    RECOMMENDATION = "recommendation"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class SpendFact:
    """One fact, as it was read; ``content`` holds JSON values (amounts as text)."""

    kind: FactKind
    payer: str
    key: str
    read_at: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SpendFacts:
    """All facts of a kind that a payer (or account) has at ``read_at``, by key.

    What an earlier set holds and this one does not is gone; an empty set is an answer too.
    """

    kind: FactKind
    payer: str
    read_at: datetime
    contents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def to_units(amount: Decimal | str | float) -> int:
    """An amount in dollars as whole units; past the eleventh place it is rounded half even."""
    scaled = (amount if isinstance(amount, Decimal) else Decimal(str(amount))) * UNITS_PER_USD
    return int(scaled.to_integral_value(ROUND_HALF_EVEN))


def to_usd(units: int) -> Decimal:
    """Whole units as dollars, exactly."""
    return Decimal(units).scaleb(-PLACES)


def spend_rows(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows of a statement from mappings; amounts are dollars as text or Decimal.

    What a mapping leaves out is null, but for ``period`` (a day) and ``estimated`` (no).
    """
    full = [
        {
            "period": DAY_S,
            "estimated": False,
            **row,
            **{name: _units(row.get(name)) for name in AMOUNTS},
        }
        for row in rows
    ]
    return pl.DataFrame(full, schema=dict(SPEND_ROWS))


def _units(amount: Decimal | str | None) -> int | None:
    return None if amount is None else to_units(amount)
