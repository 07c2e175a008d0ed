"""Log events as the frame that a query starts from.

Discovered fields are read from the messages here, and only those that the
query names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import polars as pl

from app.model.logs import FieldKind
from app.query.insights.shred import read_fields
from app.query.insights.state import Column
from app.query.insights.values import Kind

SYSTEM = ("@timestamp", "@ingestionTime", "@message", "@logStream", "@log")
SCHEMA = pl.Schema(
    {
        "timestamp": pl.Int64(),
        "ingestionTime": pl.Int64(),
        "message": pl.String(),
        "logStream": pl.String(),
        "logGroup": pl.String(),
        "account": pl.String(),
    }
)
KINDS = {
    FieldKind.NUMBER: (Kind.NUMBER, False),
    FieldKind.TEXT: (Kind.TEXT, False),
    FieldKind.BOOLEAN: (Kind.BOOLEAN, False),
    FieldKind.MIXED: (Kind.TEXT, True),
}
"""What a query makes of a kind of field, and whether it is text with numbers in it."""

_PHYSICAL = {
    "@timestamp": ("timestamp", Kind.TIME),
    "@ingestionTime": ("ingestionTime", Kind.TIME),
    "@message": ("message", Kind.TEXT),
    "@logStream": ("logStream", Kind.TEXT),
    "@log": ("log", Kind.TEXT),
}


def as_frame(events: pl.DataFrame | Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Events with exactly the columns of SCHEMA, newest first; equal times keep their order."""
    if not isinstance(events, pl.DataFrame):
        rows = [{name: event.get(name) for name in SCHEMA} for event in events]
        frame = pl.DataFrame(rows, schema=SCHEMA)
    else:
        missing = [pl.lit(None, dtype=t).alias(n) for n, t in SCHEMA.items() if n not in events]
        times = [pl.col(n).dt.epoch("ms") for n in events.columns if events.schema[n].is_temporal()]
        frame = events.with_columns(*missing, *times).select(
            pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()
        )
    log = pl.when(pl.col("account").is_not_null()).then(
        pl.concat_str(["account", "logGroup"], separator=":")
    )
    ordered = frame.sort("timestamp", descending=True, nulls_last=True, maintain_order=True)
    return ordered.with_columns(log.otherwise(pl.col("logGroup")).alias("log"))


def with_fields(
    frame: pl.DataFrame, wanted: Collection[str], look: Callable[[], None]
) -> tuple[pl.DataFrame, dict[str, Column]]:
    """The frame with those of the wanted fields that some message holds, and where all lie.

    ``look`` is called now and then, because it may take long.
    """
    columns = {name: Column(physical, kind) for name, (physical, kind) in _PHYSICAL.items()}
    named = set(wanted) - set(SYSTEM)
    if not named:
        return frame, columns
    groups = frame["logGroup"].fill_null("").to_list()
    found = read_fields(frame["message"], groups, named, look)
    series: list[pl.Series] = []
    for number, (name, (kind, data)) in enumerate(found.items()):
        series.append(data.alias(f"f{number}"))
        columns[name] = Column(f"f{number}", *KINDS[kind])
    return frame.with_columns(series), columns
