"""What the store knows of spend: statements with their parts, rows of parts, and facts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Row, select

from app.model.spend import (
    WHOLE_AFTER,
    CostMetric,
    Cut,
    FactKind,
    SpendFacts,
    SpendSource,
    SpendStatement,
)
from app.model.time import Window, epoch_ms, floor
from app.store import spend_facts
from app.store import spend_schema as schema
from app.store.catalog import Catalog
from app.store.files import SegmentFiles
from app.store.mirror import Mirror
from app.store.segments import Segment
from app.store.spend_commit import reserved
from app.store.spend_facts import COUNTER
from app.store.spend_intake import Intake
from app.store.spend_rolling import PARTS
from app.store.tables import SPEND, UTC_MS

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a statement that tell ``cut``: all its rows, or sums of them a day."""

    id: int
    cut: Cut
    period: int
    rows: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it is stored; ``parts`` begins with its own rows.

    Days from ``whole_until`` on were still filling when it was read. ``only_account`` is the
    one account that its rows tell, "" for several, None where that is not known.
    """

    id: int
    source: SpendSource
    payer: str
    cut: Cut
    window: Window
    read_at: datetime
    tells: frozenset[CostMetric]
    parts: tuple[Part, ...]
    whole_until: datetime
    only_account: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of a part within a window."""

    part: int
    window: Window


class SpendBook:
    """Statements and rows of spend; follows what other processes commit."""

    def __init__(self, catalog: Catalog, files: SegmentFiles, mirror: Mirror) -> None:
        self._catalog, self._files, self._mirror = catalog, files, mirror
        self._lock = threading.Lock()
        self._known: tuple[int, tuple[Statement, ...]] = (-1, ())

    @property
    def version(self) -> int:
        """Grows whenever statements or facts come or go."""
        return self._mirror.seen.count(COUNTER)

    def statements(self) -> tuple[Statement, ...]:
        """Every statement that is kept, in the order in which they came."""
        version, followed = self.version, self._mirror.version
        with self._lock:
            if self._known[0] != version:
                self._known = (version, self._read(followed))
            return self._known[1]

    def rows(self, pieces: Sequence[Piece]) -> pl.LazyFrame:
        """The rows of some parts, in no order; windows of one part do not overlap."""
        wanted = [piece for piece in pieces if piece.window]
        found = []
        whole: list[Segment] = []
        for segment in self._mirror.live(SPEND.name):
            own = [piece for piece in wanted if _may_hold(segment, piece)]
            if len(own) == 1 and _is_whole(segment, own[0]):
                whole.append(segment)
            elif own:
                found.append(self._scan([segment]).filter(_any_of(own)))
        if whole:
            found.append(self._scan(whole))
        return pl.concat(found) if found else SPEND.empty().lazy()

    def intake(self, head: SpendStatement) -> Intake:
        """Where the rows of a large statement go, before a batch lists it."""
        with self._catalog.write() as connection:
            first = reserved(connection, PARTS)
        return Intake(self._files, head, first)

    def facts(self, kind: FactKind, as_of: datetime | None = None) -> list[SpendFacts]:
        """The newest set of each payer, as of a moment or now, by payer."""
        with self._catalog.read() as connection:
            return spend_facts.read(connection, kind, as_of)

    def fact_history(self, kind: FactKind, payer: str) -> list[SpendFacts]:
        """Every set of a payer as it changed, oldest first."""
        with self._catalog.read() as connection:
            return spend_facts.history(connection, kind, payer)

    def _scan(self, segments: Sequence[Segment]) -> pl.LazyFrame:
        return pl.scan_parquet(
            self._files.locations([segment.path for segment in segments]),
            schema=SPEND.schema,
            glob=False,
            hive_partitioning=False,
            cache=False,
        )

    def _read(self, followed: int) -> tuple[Statement, ...]:
        """Statements of commits up to the one whose segments this process knows."""
        statement, part = schema.spend_statements, schema.spend_parts
        known = select(statement).where(statement.c.seq <= followed)
        parts: dict[int, list[Part]] = {}
        with self._catalog.read() as connection:
            for row in connection.execute(select(part).order_by(part.c.id)):
                parts.setdefault(row.statement, []).append(_part(row))
            return tuple(
                Statement(
                    id=row.id,
                    source=SpendSource(row.source),
                    payer=row.payer,
                    cut=tuple(row.cut),
                    window=Window(row.start_at, row.end_at),
                    read_at=row.read_at,
                    tells=frozenset(CostMetric(one) for one in row.tells),
                    parts=tuple(parts.get(row.id, ())),
                    only_account=row.only_account,
                    whole_until=row.whole_until or floor(row.read_at - WHOLE_AFTER, DAY),
                )
                for row in connection.execute(known.order_by(statement.c.id))
            )


def _part(row: Row[Any]) -> Part:
    return Part(row.id, tuple(row.cut), row.period, row.rows)


def _may_hold(segment: Segment, piece: Piece) -> bool:
    (low, high), (first, last) = segment.bounds.series, segment.bounds.at
    start, end = epoch_ms(piece.window.start), epoch_ms(piece.window.end)
    return low <= piece.part <= high and first < end and last >= start


def _is_whole(segment: Segment, piece: Piece) -> bool:
    """Whether all that a segment holds is wanted, so that nothing need be tested."""
    first, last = segment.bounds.at
    alone = segment.bounds.series == (piece.part, piece.part)
    return alone and epoch_ms(piece.window.start) <= first and last < epoch_ms(piece.window.end)


def _any_of(pieces: Sequence[Piece]) -> pl.Expr:
    return pl.any_horizontal(
        (pl.col("part") == pl.lit(piece.part, pl.UInt32))
        & (pl.col("at") >= _at(piece.window.start))
        & (pl.col("at") < _at(piece.window.end))
        for piece in pieces
    )


def _at(when: datetime) -> pl.Expr:
    return pl.lit(epoch_ms(when)).cast(UTC_MS)
