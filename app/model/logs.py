"""Values of logs: groups, the fields of their events, and rows on their way to the store.

An event is kept once: ``event`` is a hash of the group and of the id that
CloudWatch gave the event (``app.model.hashing``), so the same line read twice
has the same one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import polars as pl

from app.model.ids import Place

MOST_FIELDS = 1000
"""So many names of fields are listed for one batch or segment at most."""

MOST_COLUMNS = 256
"""So many fields of one batch or segment have a column at most."""

FIELD = "f."
"""What the name of a column begins with that holds a field."""

WHOLE = 2.0**53
"""Numbers up to this are spelled without an exponent when they are whole."""

_MS = pl.Datetime("ms", "UTC")
EVENT_COLUMNS = pl.Schema(
    {
        "group": pl.UInt32(),
        "at": _MS,
        "ingested": _MS,
        "stream": pl.String(),
        "event": pl.UInt64(),
        "message": pl.String(),
    }
)
"""The columns that every frame of events has; fields come beside them."""

OWN_NAMESPACE = "Watchdeck/Logs"
"""Where series go that tell of the collection of log events itself."""

EVENTS_ARRIVED, EVENTS_MISSING = "EventsArrived", "EventsMissing"
"""What an audit found for a log group: counted by CloudWatch, and of that not stored."""

EVENTS_LEFT_OUT, BYTES_LEFT_OUT = "EventsLeftOut", "BytesLeftOut"
"""What rules left out of a log group, by minute."""

POINT_COLUMNS = pl.Schema(
    {
        "event": pl.UInt64(),
        "series": pl.UInt32(),
        "period": pl.Int32(),
        "at": _MS,
        "sum": pl.Float64(),
        "minimum": pl.Float64(),
        "maximum": pl.Float64(),
        "sample_count": pl.Float64(),
    }
)
"""What an event adds to the slot of ``period`` seconds of a metric that holds ``at``.

``series`` is a position among the batch's."""


class FieldKind(StrEnum):
    """What the values of a field are.

    MIXED is text in which some values were JSON numbers or booleans: numbers
    in their shortest form, ``true`` and ``false``.
    """

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    MIXED = "mixed"

    @property
    def dtype(self) -> pl.DataType:
        """The type of a column of this kind."""
        return _DTYPES.get(self, pl.String())


_DTYPES: Mapping[FieldKind, pl.DataType] = {
    FieldKind.NUMBER: pl.Float64(),
    FieldKind.BOOLEAN: pl.Boolean(),
}


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field that ``count`` events hold.

    Without a column it is a rare one: it is read by parsing the messages.
    """

    kind: FieldKind
    count: int
    column: bool


@dataclass(frozen=True, slots=True, order=True)
class LogGroupKey:
    """One log group of one account and Region."""

    place: Place
    name: str

    def __str__(self) -> str:
        return f"{self.place}:{self.name}"

    def digest(self) -> bytes:
        """16 bytes that are equal exactly when the identities are equal."""
        parts = [text.encode() for text in (self.place.account, self.place.region, self.name)]
        framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hashlib.blake2b(framed, digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class LogGroup:
    """What CloudWatch says of a log group; ``retention_days`` None keeps events for ever.

    ``first_seen``, ``last_seen`` and ``gone`` (since when AWS has it no more) are filled
    by the store, which keeps the events of a group that is gone.
    """

    key: LogGroupKey
    arn: str
    log_class: str = "STANDARD"
    retention_days: int | None = None
    stored_bytes: int = 0
    created: datetime | None = None
    metric_filters: tuple[Mapping[str, Any], ...] = ()
    subscription_filters: tuple[Mapping[str, Any], ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    gone: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogRows:
    """Events of some groups, with the fields that were discovered in them.

    ``frame`` has the columns of :data:`EVENT_COLUMNS`, where ``group`` is the
    position in ``groups`` and ``event`` is never null, and a column
    ``f.<name>`` for each of ``fields`` that has one. ``more_fields`` says that
    there are names beyond :data:`MOST_FIELDS` that are not listed; without it,
    a field that is not listed is in no message. ``points`` are what events add to
    metrics (:data:`POINT_COLUMNS`); those of events that are kept already add nothing,
    and those without an event always count.
    """

    groups: tuple[LogGroupKey, ...]
    frame: pl.DataFrame
    fields: Mapping[str, FieldInfo] = field(default_factory=dict)
    more_fields: bool = False
    points: pl.DataFrame | None = None


def spelled(values: pl.Expr, kind: FieldKind) -> pl.Expr:
    """Values of a field as MIXED spells them."""
    if kind is FieldKind.NUMBER:
        whole = (values == values.floor()) & (values.abs() <= WHOLE)
        plain = values.cast(pl.Int64, strict=False).cast(pl.String)
        return pl.when(whole).then(plain).otherwise(values.cast(pl.String))
    if kind is FieldKind.BOOLEAN:
        return pl.when(values).then(pl.lit("true")).when(~values).then(pl.lit("false"))
    return values


ReadFields = Callable[
    [pl.Series, Sequence[str], Collection[str]], Mapping[str, tuple[FieldKind, pl.Series]]
]
"""Given messages, the name of each one's log group and names of fields: a column of each field."""
