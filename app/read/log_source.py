"""Stored log events as a source of Logs Insights queries.

A field is a column where the store has one, and is read from the messages where
it is rare; both ways give the same. Segments that cannot hold what a query looks
for are not opened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from app.model.logs import FIELD, FieldInfo, FieldKind, LogGroupKey
from app.model.time import from_epoch_ms
from app.query.insights.discover import fields as discovered
from app.query.insights.events import SYSTEM
from app.query.insights.source import Condition, Contains, Equals, Found, Need, Part
from app.query.insights.state import Column
from app.query.insights.unify import unify
from app.query.insights.values import Kind, spelled_scalar
from app.store import Keys, LogReader, LogSegment, keys_inside, keys_of_equal

MOST_TOGETHER = 1_000_000
"""Rows of the segments that are scanned as one."""

ALONE = 2
"""The newest segments stay apart: they are often all that is read."""

_KINDS = {
    FieldKind.NUMBER: (Kind.NUMBER, False),
    FieldKind.TEXT: (Kind.TEXT, False),
    FieldKind.BOOLEAN: (Kind.BOOLEAN, False),
    FieldKind.MIXED: (Kind.TEXT, True),
}
_BASE = {
    "@timestamp": Column("timestamp", Kind.TIME),
    "@ingestionTime": Column("ingestionTime", Kind.TIME),
    "@message": Column("message", Kind.TEXT),
    "@logStream": Column("logStream", Kind.TEXT),
    "@log": Column("log", Kind.TEXT),
}
_STORED = ("group", "at", "ingested", "stream", "message")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A field of one segment: its column, or None where it is read from the messages."""

    name: str
    kind: FieldKind
    column: str | None


class StoreSource:
    """Log groups of some places, as the store holds them."""

    def __init__(self, logs: LogReader, keys: Collection[LogGroupKey]) -> None:
        self._logs = logs
        self._keys = sorted(keys)
        ids = logs.ids()
        known = [
            (ids[key], f"{key.place.account}:{key.name}", key.name)
            for key in self._keys
            if key in ids
        ]
        self._ids = [number for number, _, _ in known]
        self._shown = [shown for _, shown, _ in known]
        self._names = {number: name for number, _, name in known}

    def group_names(self) -> list[str]:
        return sorted({key.name for key in self._keys})

    def window(self) -> tuple[int, int]:
        found = self._logs.segments(-(2**62), 2**62, self._keys)
        if not found:
            return 0, 0
        return min(s.first_ms for s in found), max(s.last_ms for s in found)

    def read(self, need: Need) -> Found:
        found = self._logs.segments(need.start_ms, need.end_ms, self._chosen(need.groups))
        kept = self._holding(found, need.conditions)
        there = {s.segment.id for s in kept}
        left = [s for s in found if s.segment.id not in there]
        parts = [self._part(some, need) for some in _together(kept, need)]
        if not parts:
            parts = [_nothing(need)]
        return Found(tuple(parts), sum(s.rows for s in left), sum(s.raw_bytes for s in left))

    def read_ordered(self, need: Need) -> Part:
        part = unify(self.read(need).parts)
        at = part.columns["@timestamp"].physical
        frame = part.frame.sort(at, descending=True, maintain_order=True)
        return Part(frame, part.columns, part.oldest_ms, part.newest_ms, part.rows, part.bytes)

    def _chosen(self, names: Sequence[str] | None) -> list[LogGroupKey]:
        if names is None:
            return self._keys
        wanted = set(names)
        return [key for key in self._keys if key.name in wanted]

    def _holding(
        self, segments: Sequence[LogSegment], conditions: Sequence[Condition]
    ) -> list[LogSegment]:
        """Those segments that may hold an event for which all conditions are true."""
        needed = {c.field for c in conditions} - set(SYSTEM)
        some = [s for s in segments if s.facts.more_fields or needed <= s.fields.keys()]
        return self._logs.holding(some, _keys(conditions))

    def _part(self, segments: Sequence[LogSegment], need: Need) -> Part:
        wanted = _fields(segments[0], need.fields)
        stored = [*_STORED, *(field.column for field in wanted if field.column)]
        if len(segments) == 1:
            frame = self._logs.scan(segments[0], stored)
        else:
            frame = self._logs.scan_whole(segments, stored)
        first, last = min(s.first_ms for s in segments), max(s.last_ms for s in segments)
        if first < need.start_ms or last > need.end_ms:
            start, end = (from_epoch_ms(ms) for ms in (need.start_ms, need.end_ms))
            frame = frame.filter(pl.col("at").is_between(pl.lit(start), pl.lit(end)))
        columns = dict(_BASE)
        exprs = self._base()
        for number, field in enumerate(wanted):
            kind, mixed = _KINDS[field.kind]
            columns[field.name] = Column(f"f{number}", kind, mixed)
            exprs.append(self._field(field).alias(f"f{number}"))
        return Part(
            frame.select(exprs),
            columns,
            max(first, need.start_ms),
            min(last, need.end_ms),
            sum(s.rows for s in segments),
            sum(s.raw_bytes for s in segments),
        )

    def _base(self) -> list[pl.Expr]:
        log = pl.col("group").replace_strict(
            pl.Series(self._ids, dtype=pl.UInt32),
            pl.Series(self._shown, dtype=pl.String),
            default=None,
            return_dtype=pl.String,
        )
        return [
            pl.col("at").cast(pl.Int64).alias("timestamp"),
            pl.col("ingested").cast(pl.Int64).alias("ingestionTime"),
            pl.col("message"),
            pl.col("stream").alias("logStream"),
            log.alias("log"),
        ]

    def _field(self, field: _Wanted) -> pl.Expr:
        if field.column is not None:
            return pl.col(field.column)
        names = self._names

        def parse(columns: Sequence[pl.Series]) -> pl.Series:
            messages, groups = columns
            found = [
                discovered(message, names.get(group, "")).get(field.name)
                for message, group in zip(messages.to_list(), groups.to_list(), strict=True)
            ]
            if field.kind is FieldKind.MIXED:
                found = [None if value is None else spelled_scalar(value) for value in found]
            return pl.Series(found, dtype=field.kind.dtype, strict=False)

        return pl.map_batches(
            [pl.col("message"), pl.col("group")],
            parse,
            return_dtype=field.kind.dtype,
            is_elementwise=True,
        )


def _keys(conditions: Sequence[Condition]) -> Keys:
    """What must stand in a message, or in the name of a stream, if all conditions are true."""
    found = [np.empty(0, dtype=np.uint64)]
    for condition in conditions:
        field = condition.field
        if field in SYSTEM and field not in ("@message", "@logStream"):
            continue
        of_message = field == "@message"
        if isinstance(condition, Contains):
            found.append(keys_inside(condition.literal, of_message=of_message))
        elif isinstance(condition, Equals):
            found.append(keys_of_equal(condition.text, of_message=of_message))
    return np.unique(np.concatenate(found))


def _fields(segment: LogSegment, names: Collection[str]) -> list[_Wanted]:
    """What a segment has of the wanted fields; one that is in no message is left out."""
    found = []
    for name in sorted(names):
        info: FieldInfo | None = segment.fields.get(name)
        if info is not None:
            found.append(_Wanted(name, info.kind, f"{FIELD}{name}" if info.column else None))
        elif segment.facts.more_fields:
            found.append(_Wanted(name, FieldKind.MIXED, None))
    return found


def _together(segments: Sequence[LogSegment], need: Need) -> Iterator[list[LogSegment]]:
    """Neighbours that can be scanned as one: whole, inside the time, of the same types."""
    some: list[LogSegment] = []
    rows, kinds = 0, None
    for number, segment in enumerate(segments):
        own = _signature(segment, need) if number >= ALONE else None
        if some and (own is None or own != kinds or rows + segment.rows > MOST_TOGETHER):
            yield some
            some, rows = [], 0
        some.append(segment)
        rows, kinds = rows + segment.rows, own
    if some:
        yield some


def _signature(segment: LogSegment, need: Need) -> tuple[_Wanted, ...] | None:
    """What must be equal of segments that are scanned together; None for one that must not be."""
    inside = segment.first_ms >= need.start_ms and segment.last_ms <= need.end_ms
    return tuple(_fields(segment, need.fields)) if segment.whole and inside else None


def _nothing(need: Need) -> Part:
    """No events, with the system fields."""
    schema: Mapping[str, pl.DataType] = {
        column.physical: pl.Int64() if column.kind is Kind.TIME else pl.String()
        for column in _BASE.values()
    }
    frame = pl.LazyFrame(schema=schema)
    return Part(frame, dict(_BASE), need.start_ms, need.end_ms, 0, 0)
