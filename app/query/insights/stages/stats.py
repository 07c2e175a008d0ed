"""stats, countFrequent, and what works on the bins of a stats.

Source: Amazon CloudWatch Logs User Guide, "stats", "countFrequent", "fillmissing".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from app.query.insights import periods, tree
from app.query.insights.aggregates import Aggregate, Grouping, aggregates, period_value
from app.query.insights.expressions import Compiler
from app.query.insights.state import Bins, Column, State, Surroundings
from app.query.insights.values import Value, number, sort_keys, time

APPROXIMATE_COUNT = "_approxcount"


def stats(command: tree.Stats, state: State, around: Surroundings) -> State:
    """Groups and aggregates; only keys and aggregates remain, keys first, sorted by key."""
    state = state.limited()
    keyed, keys, bins = _keys(command, state, around)
    grouped = _Grouped(keyed, around, bins)
    grouped.collect(command.items)
    frame = grouped.aggregate([column.physical for column in keys.values()])
    result = State(frame, keys, tuple(keys), aggregated=True, made=grouped.made, bins=bins)
    for item in command.items:
        value = grouped.finished(item, result.columns)
        result = result.put({item.name: value})
        result = replace(result, shown=(*result.shown, item.name))
    return _in_order(result, keys)


def _keys(
    command: tree.Stats, state: State, around: Surroundings
) -> tuple[State, dict[str, Column], Bins | None]:
    values: dict[str, Value] = {}
    bins = None
    compiler = Compiler(state.columns, around, strict=state.aggregated)
    for item in command.by:
        value = compiler.value(item.expr)
        if _is_bin(item.expr):
            period = item.expr.arguments[-1]  # type: ignore[union-attr] # _is_bin says it is a call
            shift = _length(command.offset)
            bins = Bins(item.name, period, shift)  # type: ignore[arg-type] # checked by _is_bin
            value = _shifted(value, bins, state) if shift else value
        values[item.name] = value
    keyed = state.put(values)
    return keyed, {name: keyed.columns[name] for name in values}, bins


def _is_bin(expr: tree.Expr) -> bool:
    return (
        isinstance(expr, tree.Call)
        and expr.function.lower() in ("bin", "datefloor")
        and bool(expr.arguments)
        and isinstance(expr.arguments[-1], tree.Period)
    )


def _length(period: tree.Period | None) -> int:
    return 0 if period is None else periods.length_ms(period.count, period.unit)


def _shifted(value: Value, bins: Bins, state: State) -> Value:
    at = state.columns.get("@timestamp")
    if at is None:
        return value
    count, unit = bins.period.count, bins.period.unit
    return time(periods.rounded(at.value().expr, count, unit, "floor", bins.shift_ms))


class _Grouped:
    """Collects the aggregates of a stats and then finishes each item over their results."""

    def __init__(self, state: State, around: Surroundings, bins: Bins | None) -> None:
        self._state, self._around = state, around
        self.made = state.made
        self._found: dict[int, Column] = {}
        self._exprs: list[pl.Expr] = []
        at = state.columns.get("@timestamp")
        slot = bins.period if bins else None
        clock = around.clock
        length = (
            periods.length_ms(periods.capped(slot.count, slot.unit), slot.unit)
            if slot
            else clock.end_ms - clock.start_ms
        )
        self._grouping = Grouping(at.value().expr if at else None, length)

    def collect(self, items: Sequence[tree.Item]) -> None:
        for item in items:
            for call in aggregate_calls(item.expr):
                self._add(call)

    def _add(self, call: tree.Call) -> None:
        entry = aggregates()[call.function.lower()]
        if entry.needs_time and self._grouping.at is None:
            raise self._around.error(f"`{entry.name}` needs @timestamp", call.span)
        compiler = Compiler(self._state.columns, self._around, strict=self._state.aggregated)
        arguments = [self._argument(entry, n, a, compiler) for n, a in enumerate(call.arguments)]
        value = entry.build(arguments, self._grouping)
        physical = f"c{self.made}"
        self.made += 1
        self._exprs.append(value.expr.alias(physical))
        self._found[id(call)] = Column(physical, value.kind, value.mixed)

    def _argument(
        self, entry: Aggregate, position: int, expr: tree.Expr, compiler: Compiler
    ) -> Value:
        if position == entry.period and isinstance(expr, tree.Period):
            return period_value(expr)
        return compiler.value(expr)

    def aggregate(self, keys: list[str]) -> pl.LazyFrame:
        frame = self._state.frame
        if not keys:
            return frame.select(self._exprs or [pl.lit(1)])
        return frame.group_by(keys, maintain_order=True).agg(self._exprs)

    def finished(self, item: tree.Item, columns: dict[str, Column] | object) -> Value:
        assert isinstance(columns, dict)  # noqa: S101 - State holds a dict
        compiler = Compiler(columns, self._around, strict=True, aggregated=self._result)
        value = compiler.value(item.expr)
        return value if value.kind != "number" else number(value.expr.round(4))

    def _result(self, call: tree.Call) -> Value:
        return self._found[id(call)].value()


def aggregate_calls(expr: tree.Expr) -> list[tree.Call]:
    """Every aggregate in an expression, left to right, none inside another."""
    if isinstance(expr, tree.Call):
        if expr.function.lower() in aggregates():
            return [expr]
        return [call for argument in expr.arguments for call in aggregate_calls(argument)]
    return [call for child in children(expr) for call in aggregate_calls(child)]


def children(expr: tree.Expr) -> list[tree.Expr]:
    """The expressions directly inside one."""
    match expr:
        case tree.Call():
            return list(expr.arguments)
        case tree.Unary():
            return [expr.operand]
        case tree.Binary():
            return [expr.left, expr.right]
        case tree.In():
            return [expr.left, *expr.items]
        case tree.Like() | tree.InQuery():
            return [expr.left]
        case tree.Index() | tree.Member():
            return [expr.base]
        case _:
            return []


def _in_order(state: State, keys: dict[str, Column]) -> State:
    if not keys:
        return state
    by = [part for column in keys.values() for part in sort_keys(column.value())]
    return replace(state, frame=state.frame.sort(by, maintain_order=True))


def count_frequent(command: tree.CountFrequent, state: State, around: Surroundings) -> State:
    """Counts of combinations, most frequent first, in ``_approxcount`` (exact here)."""
    state = state.limited()
    compiler = Compiler(state.columns, around, strict=state.aggregated)
    keyed = state.put({name.text: compiler.field(name) for name in command.names})
    keys = {name.text: keyed.columns[name.text] for name in command.names}
    counted = f"c{keyed.made}"
    frame = (
        keyed.frame.group_by([column.physical for column in keys.values()], maintain_order=True)
        .agg(pl.len().cast(pl.Float64).alias(counted))
        .sort(counted, descending=True, maintain_order=True)
    )
    columns = {**keys, APPROXIMATE_COUNT: Column(counted, number(pl.lit(0)).kind)}
    return State(frame, columns, tuple(columns), aggregated=True, made=keyed.made + 1)


def fillmissing(command: tree.Fillmissing, state: State, around: Surroundings) -> State:
    """Rows for the empty bins between the first and the last one, for each other key."""
    if state.bins is None or state.bins.name not in state.columns:
        raise around.error("fillmissing follows a stats by bin(...)", command.span)
    at = state.columns[state.bins.name].physical
    frame = state.frame.collect()
    others = [
        column.physical
        for name, column in state.columns.items()
        if name in state.shown and name != state.bins.name and not _is_measure(column, frame)
    ]
    full = _every_bin(frame, at, state.bins)
    if others:
        full = frame.select(others).unique(maintain_order=True).join(full, how="cross")
    joined = full.join(frame, on=[*others, at], how="left", nulls_equal=True)
    fills = [
        pl.col(state.columns[name.text].physical).fill_null(value)
        for value, name in command.values
        if value is not None and name.text in state.columns
    ]
    ordered = joined.with_columns(fills).sort([at, *others], maintain_order=True)
    return replace(state, frame=ordered.lazy())


def _is_measure(column: Column, frame: pl.DataFrame) -> bool:
    return frame.schema[column.physical] == pl.Float64


def _every_bin(frame: pl.DataFrame, at: str, bins: Bins) -> pl.DataFrame:
    seen = frame[at].drop_nulls()
    if seen.is_empty():
        return frame.select(at)
    period = bins.period
    count = periods.capped(period.count, period.unit)
    first, last = int(seen.min()), int(seen.max())  # type: ignore[arg-type] # an Int64 column
    if period.unit in ("mo", "q", "y"):
        step = periods.length_ms(1, "d")
        days = pl.Series(at, range(first, last + 1, step))
        whole = periods.rounded(pl.col(at), count, period.unit, "floor", bins.shift_ms)
        return days.to_frame().select(whole.alias(at)).unique(maintain_order=True)
    step = count * periods.length_ms(1, period.unit)
    return pl.Series(at, range(first, last + 1, step), dtype=pl.Int64).to_frame()
