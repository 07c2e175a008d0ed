"""Stored log events as a source of Logs Insights queries.

A field is a column where the store has one, and is read from the messages where
it is rare; both ways give the same. Segments that cannot hold what a query looks
for are not opened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from app.model.logs import FIELD, FieldInfo, FieldKind, LogGroupKey
from app.model.time import from_epoch_ms
from app.query.insights.events import KINDS
from app.query.insights.shred import read_as
from app.query.insights.source import Found, Need, Part
from app.query.insights.state import Column
from app.query.insights.values import Kind
from app.read.log_counts import counted
from app.read.log_pruning import chosen, groups_named
from app.store import WORD, WORDS, LogReader, LogSegment

MOST_TOGETHER = 1_000_000
"""Rows of the segments that are scanned as one."""

ALONE = 2
"""The newest segments stay apart: they are often all that is read."""

_BASE = {
    "@timestamp": Column("timestamp", Kind.TIME),
    "@ingestionTime": Column("ingestionTime", Kind.TIME),
    "@message": Column("message", Kind.TEXT),
    "@logStream": Column("logStream", Kind.TEXT),
    "@log": Column("log", Kind.TEXT),
}
_STORED = ("group", "at", "ingested", "stream", "message")
_PARSED = "parsed"


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
        found = self._logs.segments(need.start_ms, need.end_ms, self._chosen(need))
        kept, skipped = chosen(self._logs, found, need.conditions)
        shown = dict(zip(self._ids, self._shown, strict=True))
        parts, kept, known = counted(kept, need, shown)
        parts += [self._part(some, need) for some in _together(kept, need)]
        return Found(tuple(parts or [_nothing(need)]), (*skipped, *known))

    def _chosen(self, need: Need) -> list[LogGroupKey]:
        """The groups that the query names, and that its conditions on @log allow."""
        shown = [f"{key.place.account}:{key.name}" for key in self._keys]
        allowed = zip(self._keys, groups_named(shown, need.conditions), strict=True)
        wanted = None if need.groups is None else set(need.groups)
        return [k for k, fits in allowed if fits and (wanted is None or k.name in wanted)]

    def _part(self, segments: Sequence[LogSegment], need: Need) -> Part:
        wanted = _fields(segments[0], need.fields)
        parsed = [field for field in wanted if field.column is None]
        words = [word for word in WORDS if word in need.texts]
        stored = [
            *_STORED,
            *(field.column for field in wanted if field.column),
            *(f"{WORD}{word}" for word in words if any(_count(s, word) for s in segments)),
        ]
        if len(segments) == 1:
            frame = self._logs.scan(segments[0], stored)
        else:
            frame = self._logs.scan_whole(segments, stored)
        first, last = min(s.first_ms for s in segments), max(s.last_ms for s in segments)
        if first < need.start_ms or last > need.end_ms:
            start, end = (from_epoch_ms(ms) for ms in (need.start_ms, need.end_ms))
            frame = frame.filter(pl.col("at").is_between(pl.lit(start), pl.lit(end)))
        if parsed:
            frame = frame.with_columns(self._parsed(parsed))
        columns = dict(_BASE)
        exprs = list(self._base)
        told = tuple((word, f"{WORD}{word}") for word in words)
        columns["@message"] = replace(_BASE["@message"], words=told)
        exprs += [_word(word, segments) for word in words]
        for number, field in enumerate(wanted):
            columns[field.name] = Column(f"f{number}", *KINDS[field.kind])
            held = pl.col(field.column) if field.column else pl.col(_PARSED).struct[field.name]
            exprs.append(held.alias(f"f{number}"))
        return Part(
            frame.select(exprs),
            columns,
            max(first, need.start_ms),
            min(last, need.end_ms),
            sum(s.rows for s in segments),
            sum(s.raw_bytes for s in segments),
            parses=bool(parsed),
            passed=sum(s.passed for s in segments),
            segments=len(segments),
        )

    @cached_property
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

    def _parsed(self, wanted: Sequence[_Wanted]) -> pl.Expr:
        """Fields without a column, read from the messages all at once."""
        names, kinds = self._names, {field.name: field.kind for field in wanted}

        def read(columns: Sequence[pl.Series]) -> pl.Series:
            messages, groups = columns
            own = [names.get(group, "") for group in groups.to_list()]
            found = read_as(messages, own, kinds)
            return pl.DataFrame(found).to_struct(_PARSED)

        held = pl.Struct({name: kind.dtype for name, kind in kinds.items()})
        return pl.map_batches(
            [pl.col("message"), pl.col("group")], read, return_dtype=held, is_elementwise=True
        ).alias(_PARSED)


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


def _word(word: str, segments: Sequence[LogSegment]) -> pl.Expr:
    """Whether a message holds a word, from the column that tells it if there is one."""
    counts = [_count(segment, word) for segment in segments]
    if None in counts:
        holds = pl.col("message").str.contains(word, literal=True)
    elif all(counts):
        holds = pl.col(f"{WORD}{word}")
    elif any(counts):
        holds = pl.col(f"{WORD}{word}").fill_null(value=False)
    else:
        holds = pl.lit(value=False)
    return holds.alias(f"{WORD}{word}")


def _count(segment: LogSegment, word: str) -> int | None:
    """How many messages of a segment hold a word, if that is known."""
    return segment.facts.known.words.get(word)


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


def _signature(segment: LogSegment, need: Need) -> tuple[_Wanted | str, ...] | None:
    """What must be equal of segments that are scanned together; None for one that must not be."""
    inside = segment.first_ms >= need.start_ms and segment.last_ms <= need.end_ms
    if not segment.whole or not inside:
        return None
    return (*_fields(segment, need.fields), *sorted(segment.facts.known.words))


def _nothing(need: Need) -> Part:
    """No events, with the system fields."""
    schema: Mapping[str, pl.DataType] = {
        column.physical: pl.Int64() if column.kind is Kind.TIME else pl.String()
        for column in _BASE.values()
    }
    frame = pl.LazyFrame(schema=schema)
    return Part(frame, dict(_BASE), need.start_ms, need.end_ms, 0, 0)
