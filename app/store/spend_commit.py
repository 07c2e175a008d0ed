"""Statements of a batch as rows of the catalog and one segment of their rows.

All statements of a batch share a segment, which is sorted by part; each part is one
statement's rows, or sums of them over dimensions that a large statement tells.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from sqlalchemy import Connection, insert

from app.model.spend import (
    AMOUNTS,
    LINE_ITEMS,
    SPEND_ROWS,
    TAG,
    CostMetric,
    Cut,
    SpendDimension,
    SpendStatement,
    dimension_of,
)
from app.model.time import epoch_ms
from app.store import spend_schema as schema
from app.store.catalog import grow
from app.store.segments import Bounds, Encoded, Level, Segment, checksum_of, day_of
from app.store.spend_facts import COUNTER
from app.store.spend_rolling import rolled
from app.store.tables import SPEND

ROW_GROUP = 131_072
DAY_MS = 86_400_000

_STATEMENT = insert(schema.spend_statements).returning(schema.spend_statements.c.id)
_PART = insert(schema.spend_parts).returning(schema.spend_parts.c.id)


@dataclass(frozen=True, slots=True)
class Ready:
    """A segment of spend that is ready to be written, and the parts in it."""

    encoded: Encoded
    parts: tuple[int, ...]


def prepared(
    connection: Connection, statements: Sequence[SpendStatement], seq: int
) -> tuple[list[Ready], dict[str, int]]:
    """Note statements and their parts; their rows as a segment, and what changed."""
    if not statements:
        return [], {}
    frames: list[pl.DataFrame] = []
    for statement in statements:
        rows = _checked(statement)
        number = note(connection, statement, _told(statement, rows), seq)
        for cut, some in ((statement.cut, rows), *rolled(rows, statement.cut)):
            part = note_part(connection, number, cut, some)
            if some.height:
                frames.append(of_part(some, part))
    ready = [encode(pl.concat(frames), Level.FRESH, seq)] if frames else []
    return ready, {COUNTER: grow(connection, COUNTER)}


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


def note(
    connection: Connection, statement: SpendStatement, told: Iterable[CostMetric], seq: int
) -> int:
    """List a statement; its id."""
    values = {
        "source": statement.source.value,
        "payer": statement.payer,
        "cut": list(statement.cut),
        "start_at": statement.window.start,
        "end_at": statement.window.end,
        "read_at": statement.read_at,
        "tells": sorted(metric.value for metric in told),
        "seq": seq,
    }
    return int(connection.execute(_STATEMENT, values).scalar_one())


def note_part(connection: Connection, statement: int, cut: Cut, rows: pl.DataFrame) -> int:
    """List a part of a statement; its id."""
    shortest = rows["period"].min() if rows.height else None
    values = {
        "statement": statement,
        "cut": list(cut),
        "period": shortest or 0,
        "rows": rows.height,
    }
    return int(connection.execute(_PART, values).scalar_one())


def of_part(rows: pl.DataFrame, part: int) -> pl.DataFrame:
    """Rows as they are stored."""
    return rows.select(pl.lit(part, pl.UInt32).alias("part"), *SPEND_ROWS).sort(
        "part", "account", "service", "usage_type", "at"
    )


def encode(rows: pl.DataFrame, level: Level, seq: int) -> Ready:
    """A segment of ``rows``, which are not empty and sorted by part."""
    parts = rows["part"].unique().sort().to_list()
    at = rows["at"].to_physical()
    periods = rows["period"]
    first, last = _ends(at)
    bounds = Bounds((first, last), (parts[0], parts[-1]), _ends(periods), (seq, seq))
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="zstd", compression_level=1, row_group_size=ROW_GROUP)
    content = buffer.getvalue()
    path = f"{SPEND.name}/month={day_of(first)[:7]}/{level.name.lower()}-{uuid.uuid4().hex}.parquet"
    segment = Segment(
        SPEND.name, path, level, rows.height, len(content), checksum_of(content), bounds
    )
    return Ready(Encoded(segment, content), tuple(parts))


def _ends(column: pl.Series) -> tuple[int, int]:
    values = column.to_numpy()
    return int(np.min(values)), int(np.max(values))


def _told(statement: SpendStatement, rows: pl.DataFrame) -> Iterable[CostMetric]:
    """The amounts that a statement tells; one that is null in every row is not told."""
    if rows.is_empty():
        return statement.tells
    return [m for m in CostMetric if rows[m.value].null_count() < rows.height]


def _checked(statement: SpendStatement) -> pl.DataFrame:
    """The rows of a statement with the right types; ValueError where they cannot be its rows."""
    name = f"a statement of {statement.source} by {', '.join(statement.cut) or 'nothing'}"
    missing = [column for column in SPEND_ROWS if column not in statement.rows.columns]
    if missing:
        raise ValueError(f"{name} lacks the column {', '.join(missing)}")
    rows = statement.rows.select(
        pl.col(column).cast(kind, strict=True) for column, kind in SPEND_ROWS.items()
    )
    start, end = epoch_ms(statement.window.start), epoch_ms(statement.window.end)
    if start % DAY_MS or end % DAY_MS or start >= end:
        raise ValueError(f"{name} is not of whole days: {statement.window}")
    if tuple(sorted(set(statement.cut))) != statement.cut:
        raise ValueError(f"{name}: a cut is sorted and names each dimension once")
    if rows.height:
        _check_rows(name, statement.cut, rows, (start, end))
    return rows


def _check_rows(name: str, cut: Cut, rows: pl.DataFrame, span: tuple[int, int]) -> None:
    absent = [column for column in _told_by(cut) if rows[column].null_count()]
    if absent:
        raise ValueError(
            f"{name} has rows without {', '.join(absent)}; AWS's empty is an empty text"
        )
    first, last = _ends(rows["at"].to_physical())
    if first < span[0] or last >= span[1]:
        raise ValueError(f"{name} has rows outside its days")
    partly = [a for a in AMOUNTS if 0 < rows[a].null_count() < rows.height]
    if partly:
        raise ValueError(f"{name} has rows without {', '.join(partly)} beside rows with it")


def _told_by(cut: Cut) -> list[str]:
    """Columns that no row of a cut may leave out."""
    always = ["at", "period", "estimated"]
    if cut == LINE_ITEMS:
        return [*always, "account", "service", "tags"]
    if sum(one.startswith(TAG) for one in cut) > 1:
        raise ValueError("a cut has one tag at most: its rows have one `tag_value`")
    dimensions = [dimension_of(one) for one in cut]
    columns = [d.column if isinstance(d, SpendDimension) else "tag_value" for d in dimensions]
    return [*always, *columns]
