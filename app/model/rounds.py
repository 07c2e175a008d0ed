"""What a collector hands over, and what is remembered of each round.

A batch is committed whole or not at all. "Could not ask" is an outcome of its
own that is stored and shown; it is never an empty batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import polars as pl

from app.model.account_alarms import AccountAlarm
from app.model.errors import (
    AwsError,
    BadRequest,
    CircuitOpen,
    Denied,
    Expired,
    NotEnabled,
    OverBudget,
    RegionOff,
    Throttled,
    Unreachable,
)
from app.model.ids import Place, Resource, SeriesKey
from app.model.logs import LogGroup, LogRows
from app.model.spend import SpendFacts, SpendStatement, StagedSpend
from app.model.time import Window
from app.model.traces import OwedTrace, RefusedSpans, TraceDocuments


class Settledness(StrEnum):
    """How final the data of a covered window is: late points may still change provisional ones."""

    PROVISIONAL = "provisional"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Covered:
    """AWS was asked for all of ``window`` of ``group`` and answered, be it with nothing."""

    place: Place
    group: str
    window: Window
    settledness: Settledness


@dataclass(frozen=True, slots=True)
class Listing:
    """The inventory listed every resource of one service and kind in one place.

    What the store knows of that scope and the batch does not hold is gone.
    """

    place: Place
    service: str
    kind: str


@dataclass(frozen=True, slots=True)
class TakenObject:
    """A file whose content was taken completely; another ``mark`` would be another content.

    Without a mark: the file is not there any more.
    """

    source: str
    name: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class MeterEntry:
    """Calls of one operation, added up; ``usd`` is list price, ``units`` what AWS bills."""

    at: datetime
    place: Place
    service: str
    operation: str
    collector: str
    calls: int
    units: int
    usd: Decimal
    throttles: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one round, committed in one transaction with coverage and meter.

    ``frames`` maps a table name of ``app.store.tables`` to a frame with that
    table's columns, except two that the store fills: ``seq`` is left out, and
    ``series`` (UInt32) holds the position in ``series`` of this batch.
    ``listed_series`` are keys that ListMetrics named, with or without points.
    ``logs`` are events of log groups; ``log_groups`` describe groups, and where
    ``log_listings`` name a place, what the store knows there and the batch does
    not hold is gone. ``objects`` are files of which the last rows are in this batch.
    ``account_alarms`` are alarms as AWS describes them; of the places in
    ``alarm_listings`` they are all.
    ``spend`` are statements of what was charged, ``staged_spend`` those whose rows are written
    already, ``spend_facts`` whole sets of facts beside.
    ``traces`` are put together with what is stored of them; ``traces_owed`` are still to be
    fetched, ``traces_settled`` are so no longer, and ``spans_refused`` counts what could not
    be used. Rows are ``part_of``
    coverage that a later batch of the round gives: if they are lost, it is reopened.
    ``notes`` say what was left out and why; they make the round partial.
    """

    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    series: Sequence[SeriesKey] = ()
    listed_series: Sequence[SeriesKey] = ()
    resources: Sequence[Resource] = ()
    listings: Sequence[Listing] = ()
    covered: Sequence[Covered] = ()
    logs: LogRows | None = None
    log_groups: Sequence[LogGroup] = ()
    log_listings: Sequence[Place] = ()
    objects: Sequence[TakenObject] = ()
    account_alarms: Sequence[AccountAlarm] = ()
    alarm_listings: Sequence[Place] = ()
    spend: Sequence[SpendStatement] = ()
    staged_spend: Sequence[StagedSpend] = ()
    spend_facts: Sequence[SpendFacts] = ()
    traces: Sequence[TraceDocuments] = ()
    traces_owed: Sequence[OwedTrace] = ()
    traces_settled: Sequence[OwedTrace] = ()
    spans_refused: Sequence[RefusedSpans] = ()
    part_of: Sequence[Covered] = ()
    notes: Sequence[str] = ()


class Result(StrEnum):
    """How a round ended; everything but OK and PARTIAL means: could not ask."""

    OK = "ok"
    PARTIAL = "partial"
    THROTTLED = "throttled"
    DENIED = "denied"
    EXPIRED = "expired"
    REGION_OFF = "region_off"
    NOT_ENABLED = "not_enabled"
    UNREACHABLE = "unreachable"
    BAD_REQUEST = "bad_request"
    CIRCUIT_OPEN = "circuit_open"
    OVER_BUDGET = "over_budget"
    FAILED = "failed"

    @classmethod
    def of(cls, error: Exception) -> Result:
        """The outcome that an error stands for; FAILED for any that is not AWS's."""
        if not isinstance(error, AwsError):
            return cls.FAILED
        for kind, result in _RESULTS.items():
            if isinstance(error, kind):
                return result
        return cls.FAILED


_RESULTS: dict[type[AwsError], Result] = {
    Throttled: Result.THROTTLED,
    Denied: Result.DENIED,
    Expired: Result.EXPIRED,
    RegionOff: Result.REGION_OFF,
    NotEnabled: Result.NOT_ENABLED,
    Unreachable: Result.UNREACHABLE,
    BadRequest: Result.BAD_REQUEST,
    CircuitOpen: Result.CIRCUIT_OPEN,
    OverBudget: Result.OVER_BUDGET,
}


@dataclass(frozen=True, slots=True)
class Round:
    """One run of one collector over one group in one place, as it is remembered."""

    collector: str
    place: Place
    group: str
    started: datetime
    finished: datetime
    result: Result
    window: Window | None = None
    rows: int = 0
    calls: int = 0
    usd: Decimal = Decimal(0)
    message: str = ""
    action: str = ""
