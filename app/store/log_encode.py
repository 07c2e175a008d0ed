"""Log events as Parquet: sorted by group and time, with a token filter inside the file.

The filter lies between the last column and the footer, whose offsets are
absolute, so any reader of Parquet reads the file as usual.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Mapping

import numpy as np
import polars as pl

from app.model.logs import FIELD, FieldInfo
from app.store.log_facts import GROUP_ROW, LogFacts
from app.store.log_keys import keys_of
from app.store.log_tokens import filter_of
from app.store.segments import Bounds, Encoded, Level, Segment, day_of

LOGS = "logs"
ROW_GROUP = 16_384
"""Small, so that a group of few events is read alone; it costs a scan of all nothing."""

ORDER = ("group", "at", "event")
_FOOTER = 8
"""A Parquet file ends with the length of its footer (4 bytes) and the mark PAR1."""


def encode(
    rows: pl.DataFrame, fields: Mapping[str, FieldInfo], level: Level, seq: int, *, more: bool
) -> Encoded:
    """A segment of ``rows``, which are not empty and in :data:`ORDER`."""
    found = np.concatenate([keys_of(rows["message"]), keys_of(_streams(rows))])
    content, tokens = _with_tokens(_parquet(rows, level), filter_of(found))
    first, last = (int(v) for v in _ends(rows))
    groups = rows["group"]
    bounds = Bounds(
        at=(first, last),
        series=(int(groups[0]), int(groups[-1])),
        period=(0, 0),
        seq=(seq, seq),
    )
    path = f"{LOGS}/day={day_of(first)}/{level.name.lower()}-{uuid.uuid4().hex}.parquet"
    checksum = hashlib.blake2b(content, digest_size=16).hexdigest()
    segment = Segment(LOGS, path, level, rows.height, len(content), checksum, bounds)
    messages = rows["message"]
    facts = LogFacts(
        groups=_groups(rows),
        fields=fields,
        more_fields=more,
        raw_bytes=int(messages.str.len_bytes().sum()),
        tokens=tokens,
    )
    return Encoded(segment, content, facts)


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as a segment holds them."""
    return rows.sort(*ORDER, maintain_order=True)


def _ends(rows: pl.DataFrame) -> tuple[int, int]:
    at = rows["at"].to_physical()
    return at.min(), at.max()  # type: ignore[return-value] # an Int64 column without nulls


def _groups(rows: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    counted = (
        rows.lazy()
        .group_by("group", maintain_order=True)
        .agg(rows=pl.len(), first=pl.col("at").min(), last=pl.col("at").max())
        .collect()
    )
    found = np.zeros(counted.height, dtype=GROUP_ROW)
    for name in ("group", "rows", "first", "last"):
        found[name] = counted[name].to_physical().to_numpy()
    return found


def _streams(rows: pl.DataFrame) -> pl.Series:
    return rows["stream"].drop_nulls().unique()


def _parquet(rows: pl.DataFrame, level: Level) -> bytes:
    buffer = io.BytesIO()
    if level is Level.SEALED:
        rows.write_parquet(
            buffer, compression="zstd", compression_level=1, row_group_size=ROW_GROUP
        )
    else:
        rows.write_parquet(buffer, compression="lz4", row_group_size=ROW_GROUP)
    return buffer.getvalue()


def _with_tokens(content: bytes, tokens: bytes) -> tuple[bytes, tuple[int, int]]:
    """The file with the filter before its footer, and where it lies."""
    footer = int.from_bytes(content[-_FOOTER:-4], "little") + _FOOTER
    start = len(content) - footer
    return b"".join((content[:start], tokens, content[start:])), (start, len(tokens))


def columns_of(fields: Mapping[str, FieldInfo]) -> list[str]:
    """The names of the columns of those fields that have one."""
    return [f"{FIELD}{name}" for name, info in fields.items() if info.column]
