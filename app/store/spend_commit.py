"""Statements of a batch as rows of the catalog and one segment of their rows.

All statements of a batch share a segment, which is sorted by part; each part is one
statement's rows, or sums of them over dimensions that a large statement tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
from sqlalchemy import Connection, insert

from app.model.spend import CostMetric, Cut, SpendStatement, StagedSpend
from app.store import spend_schema as schema
from app.store.catalog import grow
from app.store.segments import Encoded, Level, Segment
from app.store.spend_encode import (
    checked,
    encode,
    hourly,
    of_part,
    only_account,
    resolution,
    told,
)
from app.store.spend_facts import COUNTER
from app.store.spend_rolling import Rolling

PART_IDS = "spend_parts"

_STATEMENT = insert(schema.spend_statements).returning(schema.spend_statements.c.id)


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is about to be listed."""

    id: int
    cut: Cut
    period: int
    rows: int


@dataclass(slots=True)
class Charged:
    """What a batch brings about spend: segments to write, others to give their names."""

    fresh: list[Encoded]
    staged: list[Encoded]
    parts: dict[str, tuple[int, ...]]
    counts: dict[str, int]

    @property
    def segments(self) -> list[Encoded]:
        return [*self.fresh, *self.staged]


def prepared(
    connection: Connection,
    statements: Sequence[SpendStatement],
    staged: Sequence[StagedSpend],
    seq: int,
) -> Charged:
    """Note statements and their parts; what is to be written, and what changed."""
    charged = Charged([], [], {}, {})
    if statements:
        _note_fresh(connection, statements, seq, charged)
    for one in staged:
        _note_staged(connection, one, seq, charged)
    if statements or staged:
        charged.counts[COUNTER] = grow(connection, COUNTER)
    return charged


def listed(
    connection: Connection, segments: Iterable[Segment], parts: Mapping[str, Sequence[int]]
) -> None:
    """Remember which parts lie in those segments that were listed just now, by path."""
    rows = [
        {"segment": segment.id, "part": part}
        for segment in segments
        for part in parts.get(segment.path, ())
    ]
    if rows:
        connection.execute(insert(schema.spend_segments), rows)


def staged_paths(staged: Iterable[StagedSpend]) -> list[str]:
    """Every segment that is written for staged statements."""
    return [segment.path for one in staged for part in one.parts for segment in part.segments]


def reserved(connection: Connection, number: int) -> int:
    """The first of so many ids of parts that nobody else is given."""
    return grow(connection, PART_IDS, number) - number + 1


def _note_fresh(
    connection: Connection, statements: Sequence[SpendStatement], seq: int, charged: Charged
) -> None:
    """Statements with rows at hand: all in one segment."""
    frames: list[pl.DataFrame] = []
    for statement in statements:
        rows = checked(statement)
        number = _note(connection, statement, told(statement, rows), seq, only_account(rows))
        for cut, period, some in _with_sums(statement, rows):
            part = Part(reserved(connection, 1), cut, period, some.height)
            _note_part(connection, number, part)
            if some.height:
                frames.append(of_part(some, part.id))
    if frames:
        encoded, parts = encode(pl.concat(frames), Level.FRESH, seq)
        charged.fresh.append(encoded)
        charged.parts[encoded.segment.path] = parts


def _with_sums(
    statement: SpendStatement, rows: pl.DataFrame
) -> Iterator[tuple[Cut, int, pl.DataFrame]]:
    yield statement.cut, resolution(hourly(rows), rows.height), rows
    rolling = Rolling(statement.cut, statement.window.start)
    rolling.add(rows)
    for one in rolling.parts():
        yield one.cut, one.period, one.rows


def _note_staged(connection: Connection, one: StagedSpend, seq: int, charged: Charged) -> None:
    """A statement whose segments are written already, under ids that were reserved."""
    number = _note(connection, one.head, one.head.tells, seq, one.only_account)
    for part in one.parts:
        _note_part(connection, number, Part(part.id, part.cut, part.period, part.rows))
        for segment in part.segments:
            known = replace(segment, bounds=replace(segment.bounds, seq=(seq, seq)))
            charged.staged.append(Encoded(known, b""))
            charged.parts[segment.path] = (part.id,)


def _note(
    connection: Connection,
    statement: SpendStatement,
    told: Iterable[CostMetric],
    seq: int,
    only_account: str | None,
) -> int:
    values = {
        "source": statement.source.value,
        "payer": statement.payer,
        "cut": list(statement.cut),
        "start_at": statement.window.start,
        "end_at": statement.window.end,
        "read_at": statement.read_at,
        "tells": sorted(metric.value for metric in told),
        "seq": seq,
        "whole_until": statement.whole_until,
        "only_account": only_account,
    }
    return int(connection.execute(_STATEMENT, values).scalar_one())


def _note_part(connection: Connection, statement: int, part: Part) -> None:
    values = {
        "id": part.id,
        "statement": statement,
        "cut": list(part.cut),
        "period": part.period,
        "rows": part.rows,
    }
    connection.execute(insert(schema.spend_parts), values)
