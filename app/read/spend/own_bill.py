"""Watchdeck's own calls on the bill: what the meter counted against what AWS charged.

The bill knows no callers, so it holds the same calls of everybody; what goes beyond the
meter is theirs. A meter that counts more than the bill has a mistake, or counts calls in
accounts whose bill is not read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import cast

import polars as pl

from app.model.readings import Look, Reading
from app.model.spend import SpendDimension
from app.model.time import Window, floor
from app.read.spend.daily import told
from app.read.spend.question import SpendAnswer, SpendFilter, SpendQuestion
from app.read.spend.reader import SpendReader
from app.store import Store

DAY = timedelta(days=1)
LONGEST, LAG = 31 * DAY, 3 * DAY
"""How far back to compare, and after how long a day of the bill is whole."""

TOLERANCE = Decimal("0.02")
"""The meter counts a call that got no answer, which AWS may not have charged."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Calls of one price, and how the bill names them."""

    title: str
    service: str
    usage_type: str
    is_ours: Callable[[], pl.Expr]


_SERVICE, _OPERATION = pl.col("service"), pl.col("operation")
_METRICS, _COSTS = "AmazonCloudWatch", "AWS Cost Explorer"
_GMD = ("GetMetricData", "GetMetricWidgetImage")

_KINDS = (
    _Kind(
        "Metrics of GetMetricData",
        _METRICS,
        "CW:GMD-Metrics",
        lambda: (_SERVICE == "cloudwatch") & (_OPERATION == "GetMetricData"),
    ),
    _Kind(
        "Other requests to CloudWatch",
        _METRICS,
        "CW:Requests",
        lambda: (_SERVICE == "cloudwatch") & ~_OPERATION.is_in(_GMD),
    ),
    _Kind("Requests to Cost Explorer", _COSTS, "APIRequest", lambda: _SERVICE == "ce"),
)


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One kind of call over the same days: what was counted here, and what was charged to all.

    Of other requests to CloudWatch the first million a month is free, so their charge may
    be less than the list price that the meter counts with.
    """

    title: str
    usage_type: str
    counted: int
    counted_usd: Decimal
    billed: Decimal
    billed_usd: Decimal

    @property
    def of_others(self) -> Decimal:
        """Units that somebody else caused."""
        return max(self.billed - self.counted, Decimal(0))

    @property
    def share(self) -> Decimal | None:
        """Our part of what was charged, 0 to 1; None where nothing was."""
        return min(Decimal(self.counted) / self.billed, Decimal(1)) if self.billed else None

    @property
    def is_unexplained(self) -> bool:
        """Whether more was counted than is on the bill."""
        return self.counted > self.billed * (1 + TOLERANCE)


@dataclass(frozen=True, slots=True)
class OwnBill:
    """The comparison over whole days that both sides know; without such days no lines."""

    window: Window
    lines: tuple[OwnLine, ...] = ()

    @property
    def counted_usd(self) -> Decimal:
        return sum((line.counted_usd for line in self.lines), Decimal(0))

    @property
    def billed_usd(self) -> Decimal:
        return sum((line.billed_usd for line in self.lines), Decimal(0))


def own_bill(store: Store, spend: SpendReader, now: datetime) -> Reading[OwnBill]:
    """Compare the whole days of the last month that were both counted and billed."""
    today = floor(now, DAY)
    reach = Window(today - LONGEST, today - LAG)
    days = store.meter.days(reach)
    begun = cast("date | None", days["day"].min())
    # The first day was counted in part only.
    start = _midnight(begun) + DAY if begun is not None else reach.end
    window = Window(min(max(start, reach.start), reach.end), reach.end)
    reading = spend.ask(_question(window if window else reach), now)
    if not window or reading.value.why_not or reading.value.missing:
        return _nothing(reading, window)
    counted = days.filter(pl.col("day") >= window.start.date())
    lines = tuple(_line(kind, counted, reading.value) for kind in _KINDS)
    return told(reading, OwnBill(window, lines))


def _nothing(reading: Reading[SpendAnswer], window: Window) -> Reading[OwnBill]:
    """Nothing to compare, or the bill could not be read at all."""
    look = Look.NOTHING if reading.look is Look.DATA else reading.look
    return replace(told(reading, OwnBill(window)), look=look)


def _question(window: Window) -> SpendQuestion:
    services = SpendFilter(SpendDimension.SERVICE, (_METRICS, _COSTS))
    return SpendQuestion(
        window, group=(SpendDimension.USAGE_TYPE,), where=(services,), quantities=True
    )


def _line(kind: _Kind, counted: pl.DataFrame, answer: SpendAnswer) -> OwnLine:
    ours = counted.filter(kind.is_ours())
    # A usage type carries the code of its Region in front: EUC1-CW:GMD-Metrics.
    rows = [r for r in answer.rows if r.key[0].endswith(kind.usage_type)]
    return OwnLine(
        kind.title,
        kind.usage_type,
        int(ours["units"].sum()),
        Decimal(str(round(float(ours["usd"].sum()), 6))),
        sum((Decimal(str(row.quantity)) for row in rows), Decimal(0)),
        sum((row.total for row in rows), Decimal(0)),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
