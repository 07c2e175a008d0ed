"""Log events as Parquet: sorted by group and time, with a token filter inside the file.

The filter lies between the last column and the footer, whose offsets are
absolute, so any reader of Parquet reads the file as usual.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.logs import EVENT_COLUMNS, FIELD, FieldInfo, FieldKind
from app.store.log_facts import GROUP_ROW, FieldBounds, LogFacts
from app.store.log_keys import keys_of
from app.store.log_known import Known, by_minute, with_words
from app.store.log_tokens import filter_of
from app.store.segments import Bounds, Encoded, Level, Segment, checksum_of, day_of

LOGS = "logs"
ROW_GROUP = 16_384
"""Small, so that a group of few events is read alone; it costs a scan of all nothing."""

MANY_COLUMNS = 64
"""With more columns row groups grow, so that the footer stays small."""

LONGEST_BOUND = 64
"""Bounds of longer texts are not kept."""

ORDER = ("group", "at", "event")
_FOOTER = 8
"""A Parquet file ends with the length of its footer (4 bytes) and the mark PAR1."""


def encode(
    rows: pl.DataFrame, fields: Mapping[str, FieldInfo], level: Level, seq: int, *, more: bool
) -> Encoded:
    """A segment of ``rows``, which are not empty and in :data:`ORDER`."""
    there = _counted(rows, fields)
    rows = rows.select(*EVENT_COLUMNS, *columns_of(there))
    rows, words = with_words(rows)
    keys = np.concatenate([keys_of(rows["message"]), keys_of(_streams(rows))])
    content, tokens = _with_tokens(_parquet(rows, level), filter_of(keys))
    first, last = _ends(rows["at"]) or (0, 0)
    groups = rows["group"]
    bounds = Bounds(
        at=(first, last),
        series=(int(groups[0]), int(groups[-1])),
        period=(0, 0),
        seq=(seq, seq),
    )
    path = f"{LOGS}/day={day_of(first)}/{level.name.lower()}-{uuid.uuid4().hex}.parquet"
    segment = Segment(LOGS, path, level, rows.height, len(content), checksum_of(content), bounds)
    facts = LogFacts(
        groups=_groups(rows),
        fields=there,
        bounds=_bounds(rows, there),
        more_fields=more,
        ingested=_ends(rows["ingested"]) or (first, last),
        raw_bytes=int(rows["message"].str.len_bytes().sum()),
        tokens=tokens,
        known=Known(words, by_minute(rows["at"])),
    )
    return Encoded(segment, content, facts)


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as a segment holds them."""
    return rows.sort(*ORDER, maintain_order=True)


def _counted(rows: pl.DataFrame, fields: Mapping[str, FieldInfo]) -> dict[str, FieldInfo]:
    """Fields with the number of rows that hold them, where there is a column to tell."""
    found = {}
    for name, info in fields.items():
        if not info.column:
            found[name] = info
        elif count := rows.height - rows[f"{FIELD}{name}"].null_count():
            found[name] = replace(info, count=count)
    return found


def _bounds(rows: pl.DataFrame, fields: Mapping[str, FieldInfo]) -> dict[str, FieldBounds]:
    """Least and greatest value of each column of numbers or of short texts."""
    bounded = (FieldKind.NUMBER, FieldKind.TEXT)
    names = [name for name, info in fields.items() if info.column and info.kind in bounded]
    columns = [pl.col(f"{FIELD}{name}") for name in names]
    ends = rows.lazy().select(
        *(column.min().alias(f"{n}<") for n, column in enumerate(columns)),
        *(column.max().alias(f"{n}>") for n, column in enumerate(columns)),
    )
    row = ends.collect().row(0) if names else ()
    pairs = zip(names, row[: len(names)], row[len(names) :], strict=True)
    return {name: (low, high) for name, low, high in pairs if _is_short(low) and _is_short(high)}


def _is_short(value: float | str) -> bool:
    return not isinstance(value, str) or len(value) <= LONGEST_BOUND


def _ends(times: pl.Series) -> tuple[int, int] | None:
    ms = times.drop_nulls().to_physical()
    return (cast("int", ms.min()), cast("int", ms.max())) if len(ms) else None


def _groups(rows: pl.DataFrame) -> NDArray[Any]:
    """One entry a group, whose rows lie together and are in order of time."""
    groups, at = rows["group"].to_numpy(), rows["at"].to_physical().to_numpy()
    ids, first, counts = np.unique(groups, return_index=True, return_counts=True)
    found = np.zeros(len(ids), dtype=GROUP_ROW)
    found["group"], found["rows"] = ids, counts
    found["first"], found["last"] = at[first], at[first + counts - 1]
    return found


def _streams(rows: pl.DataFrame) -> pl.Series:
    return rows["stream"].drop_nulls().unique()


def _parquet(rows: pl.DataFrame, level: Level) -> bytes:
    buffer = io.BytesIO()
    size = ROW_GROUP * max(1, -(-rows.width // MANY_COLUMNS))
    if level is Level.SEALED:
        rows.write_parquet(buffer, compression="zstd", compression_level=1, row_group_size=size)
    else:
        rows.write_parquet(buffer, compression="lz4", row_group_size=size)
    return buffer.getvalue()


def _with_tokens(content: bytes, tokens: bytes) -> tuple[bytes, tuple[int, int]]:
    """The file with the filter before its footer, and where it lies."""
    footer = int.from_bytes(content[-_FOOTER:-4], "little") + _FOOTER
    start = len(content) - footer
    return b"".join((content[:start], tokens, content[start:])), (start, len(tokens))


def columns_of(fields: Mapping[str, FieldInfo]) -> list[str]:
    """The names of the columns of those fields that have one."""
    return [f"{FIELD}{name}" for name, info in fields.items() if info.column]
