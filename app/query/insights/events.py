"""Log events as the frame that a query starts from.

Discovered fields are read from the messages here, and only those that the
query names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from app.query.insights.discover import Scalar, fields
from app.query.insights.state import Column, State
from app.query.insights.values import Kind, spelled_scalar

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


def start_state(frame: pl.DataFrame, wanted: set[str]) -> State:
    """System fields, and those of the wanted fields that some message holds."""
    columns = {name: Column(physical, kind) for name, (physical, kind) in _PHYSICAL.items()}
    found = _discovered(frame, wanted - set(SYSTEM))
    series: list[pl.Series] = []
    for number, (name, values) in enumerate(sorted(found.items())):
        physical = f"f{number}"
        data, kind, mixed = _column(physical, values)
        series.append(data)
        columns[name] = Column(physical, kind, mixed)
    return State(frame.with_columns(series).lazy(), columns)


def _discovered(frame: pl.DataFrame, wanted: set[str]) -> dict[str, list[Scalar | None]]:
    found: dict[str, list[Scalar | None]] = {}
    if not wanted:
        return found
    rows = zip(frame["message"].to_list(), frame["logGroup"].to_list(), strict=True)
    for number, (message, group) in enumerate(rows):
        held = fields(message or "", group or "")
        for name in wanted & held.keys():
            found.setdefault(name, [None] * frame.height)[number] = held[name]
    return found


def _column(name: str, values: list[Scalar | None]) -> tuple[pl.Series, Kind, bool]:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {float}:
        return pl.Series(name, values, dtype=pl.Float64), Kind.NUMBER, False
    if kinds == {str}:
        return pl.Series(name, values, dtype=pl.String), Kind.TEXT, False
    if kinds == {bool}:
        return pl.Series(name, values, dtype=pl.Boolean), Kind.BOOLEAN, False
    texts = [None if value is None else spelled_scalar(value) for value in values]
    return pl.Series(name, texts, dtype=pl.String), Kind.TEXT, True
