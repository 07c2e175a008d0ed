"""countFrequent, and fillmissing, which works on the bins of a stats.

Source: Amazon CloudWatch Logs User Guide, "countFrequent", "fillmissing".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import polars as pl

from app.query.insights import periods, tree
from app.query.insights.expressions import Compiler
from app.query.insights.stages.stats import no_structure
from app.query.insights.state import Bins, Column, State, Surroundings
from app.query.insights.values import Kind, sort_keys

APPROXIMATE_COUNT = "_approxcount"


def count_frequent(command: tree.CountFrequent, state: State, around: Surroundings) -> State:
    """Counts of combinations, most frequent first, in ``_approxcount`` (exact here)."""
    state = state.limited()
    compiler = Compiler(state.columns, around, strict=state.aggregated)
    values = {name.text: compiler.field(name) for name in command.names}
    for value in values.values():
        no_structure(value, "countFrequent cannot count", command.span, around)
    keyed = state.put(values)
    keys = {name: replace(keyed.columns[name], nested=None) for name in values}
    counted = f"c{keyed.made}"
    by = [part for column in keys.values() for part in sort_keys(column.value())]
    frame = (
        keyed.frame.group_by([column.physical for column in keys.values()])
        .agg(pl.len().cast(pl.Float64).alias(counted))
        .sort([pl.col(counted), *by], descending=[True] + [False] * len(by), nulls_last=True)
    )
    columns = {**keys, APPROXIMATE_COUNT: Column(counted, Kind.NUMBER)}
    return State(frame, columns, tuple(columns), aggregated=True, made=keyed.made + 1)


def fillmissing(command: tree.Fillmissing, state: State, around: Surroundings) -> State:
    """Rows for the empty bins between the first and the last one, for each other key."""
    bins = state.bins
    if bins is None or bins.name not in state.columns:
        raise around.error("fillmissing follows a stats by bin(...)", command.span)
    at = state.columns[bins.name].physical
    others = [state.columns[name].physical for name in bins.others if name in state.columns]
    constants = {
        state.columns[name.text].physical: value
        for value, name in command.values
        if value is not None and name.text in state.columns
    }

    def filled(frame: pl.DataFrame) -> pl.DataFrame:
        return _filled(frame, at, others, bins, constants)

    return replace(state, frame=state.frame.map_batches(filled, streamable=False))


def _filled(
    frame: pl.DataFrame,
    at: str,
    others: list[str],
    bins: Bins,
    constants: Mapping[str, float | str],
) -> pl.DataFrame:
    full = _every_bin(frame, at, bins)
    if others:
        full = frame.select(others).unique(maintain_order=True).join(full, how="cross")
    there = frame.with_columns(pl.lit(True).alias("there"))
    joined = full.join(there, on=[*others, at], how="left", nulls_equal=True)
    new = pl.col("there").is_null()
    puts = [
        pl.when(new)
        .then(pl.lit(value))
        .otherwise(pl.col(name))
        .cast(frame.schema[name])
        .alias(name)
        for name, value in constants.items()
        if name != at and name not in others
    ]
    ordered = joined.with_columns(puts).sort([at, *others], nulls_last=True, maintain_order=True)
    return ordered.select(frame.columns)


def _every_bin(frame: pl.DataFrame, at: str, bins: Bins) -> pl.DataFrame:
    seen = frame[at].drop_nulls()
    if seen.is_empty():
        return frame.select(at).unique()
    period = bins.period
    count = periods.capped(period.count, period.unit)
    first, last = cast("int", seen.min()), cast("int", seen.max())
    if period.unit in ("mo", "q", "y"):
        step = periods.length_ms(1, "d")
        days = pl.Series(at, range(first, last + 1, step))
        whole = periods.rounded(pl.col(at), count, period.unit, "floor", bins.shift_ms)
        return days.to_frame().select(whole.alias(at)).unique(maintain_order=True)
    step = count * periods.length_ms(1, period.unit)
    return pl.Series(at, range(first, last + 1, step), dtype=pl.Int64).to_frame()
