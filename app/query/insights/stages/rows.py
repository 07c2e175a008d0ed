"""Commands that go by the order of the rows; put a sort before them.

Source: Amazon CloudWatch Logs User Guide, pages of the commands.
"""

from __future__ import annotations

import fnmatch
from dataclasses import replace

import polars as pl

from app.query.insights import periods, tree
from app.query.insights.expressions import Compiler
from app.query.insights.state import Column, State, Surroundings
from app.query.insights.values import Kind, Value, number, number_to_text

_HALF_HOUR_MS = 1_800_000


def _shows(state: State, *names: str) -> State:
    new = tuple(name for name in names if name not in state.shown and name not in state.implied)
    if state.aggregated or state.shown:
        return replace(state, shown=state.shown + new)
    return replace(state, implied=state.implied + new)


def _compiler(state: State, around: Surroundings) -> Compiler:
    return Compiler(state.columns, around, strict=state.aggregated)


def accum(command: tree.Accum, state: State, around: Surroundings) -> State:
    """A running sum; without a name it takes the field's place."""
    value = _compiler(state, around).field(command.name).number()
    name = (command.into or command.name).text
    return _shows(state.put({name: number(value.cum_sum())}), name)


def autoregress(command: tree.Autoregress, state: State, around: Surroundings) -> State:
    """Lagged copies of a field: ``f_p1`` is the row before."""
    value = _compiler(state, around).field(command.name)
    base = (command.into or command.name).text
    plain = command.into is not None and command.first == command.last
    lags = range(command.first, command.last + 1)
    values = {
        base if plain else f"{base}_p{lag}": Value(value.kind, value.expr.shift(lag), value.mixed)
        for lag in lags
    }
    return _shows(state.put(values), *values)


def filldown(command: tree.Filldown, state: State, around: Surroundings) -> State:
    """Carries the last value that was there forward."""
    chosen = {
        name: Value(column.kind, column.value().expr.forward_fill(), column.mixed)
        for name, column in state.columns.items()
        if not command.patterns
        or any(fnmatch.fnmatchcase(name, pattern) for pattern in command.patterns)
    }
    return state.put(chosen)


def outlier(command: tree.Outlier, state: State, around: Surroundings) -> State:
    """Clamps or removes what lies beyond the quartiles by ``param`` times their distance."""
    options = {option.name: option.value for option in command.options}
    reach = float(options.get("param", "2.5"))
    for name in command.names:
        value = _compiler(state, around).field(name).number()
        low, high = value.quantile(0.25, "linear"), value.quantile(0.75, "linear")
        above = high + (high - low) * reach
        below = low - (high - low) * reach if options.get("uselower") == "true" else None
        outside = value > above if below is None else (value > above) | (value < below)
        if options.get("mark") == "true":
            marked = f"{name.text}_outlier"
            state = state.put({marked: Value(Kind.BOOLEAN, outside.fill_null(False))})
            state = _shows(state, marked)
        if options.get("action") == "remove":
            state = replace(state, frame=state.frame.filter(~outside.fill_null(False)))
        else:
            state = state.put({name.text: number(value.clip(below, above))})
    return state


def sessionize(command: tree.Sessionize, state: State, around: Surroundings) -> State:
    """A new session id when one identity was silent for longer than ``maxspan``."""
    at = state.columns.get("@timestamp")
    if at is None:
        raise around.error("sessionize needs @timestamp", command.span)
    compiler = _compiler(state, around)
    identity = [compiler.field(name).text() for name in command.names]
    span = command.maxspan
    longest = periods.length_ms(span.count, span.unit) if span else _HALF_HOUR_MS
    gap = at.value().milliseconds().diff().abs().over(identity)
    starts = gap.is_null() | (gap > longest)
    name = command.into.text if command.into else "session_id"
    return _shows(_numbered(state, starts, identity, name), name)


def _numbered(state: State, starts: pl.Expr, identity: list[pl.Expr], name: str) -> State:
    """Sessions counted from 1 in the order in which they start."""
    state = state.put({"": Value(Kind.BOOLEAN, starts)})
    started = state.columns[""].value().expr
    first = pl.when(started).then(started.cum_sum().cast(pl.Float64))
    state = state.put({"": Value(Kind.NUMBER, first)})
    running = state.columns[""].value().expr.forward_fill().over(identity)
    state = replace(state, columns={n: c for n, c in state.columns.items() if n})
    return state.put({name: Value(Kind.NUMBER, running)})


def addtotals(command: tree.Addtotals, state: State, around: Surroundings) -> State:
    """A total of each row, and with ``col=true`` a last row with the total of each column."""
    options = {option.name: option.value for option in command.options}
    total = options.get("fieldname", "Total")
    names = [name.text for name in command.names] or [
        name for name in state.names if _may_be_number(state.columns.get(name))
    ]
    compiler = _compiler(state, around)
    values = {name: compiler.field(tree.Name((name,))) for name in names}
    if options.get("row", "true") == "true":
        parts = [value.number() for value in values.values()]
        summed = pl.sum_horizontal(parts) if parts else pl.lit(0.0)
        state = _shows(state.put({total: number(summed)}), total)
    if options.get("col") == "true":
        state = _with_sums(state.limited(), [*names, *([total] if total in state.columns else [])])
    return state


def _may_be_number(column: Column | None) -> bool:
    """Every number counts, also where it was read from a text; what is none adds nothing."""
    return column is not None and column.kind in (Kind.NUMBER, Kind.TEXT)


def _with_sums(state: State, names: list[str]) -> State:
    """A last row with the sums; a column without any number stays absent in it."""
    columns = [state.columns[name] for name in dict.fromkeys(names) if name in state.columns]
    sums = []
    for column in columns:
        numbers = column.value().number()
        total = pl.when(numbers.count() > 0).then(numbers.sum())
        as_text = column.kind is Kind.TEXT
        sums.append((number_to_text(total) if as_text else total).alias(column.physical))
    bottom = state.frame.select(sums)
    return replace(state, frame=pl.concat([state.frame, bottom], how="diagonal"))


def appendcols(command: tree.Appendcols, state: State, around: Surroundings) -> State:
    """Puts the columns of row i of a subquery beside row i."""
    options = {option.name: option.value for option in command.options}
    override = options.get("override") == "true"
    most = int(float(options.get("max", "10000")))
    nested = around.subquery(command.query)
    columns = {name: c for name, c in nested.columns.items() if name in nested.shown}
    renamed = {c.physical: f"a{state.made}{c.physical}" for c in columns.values()}
    added = nested.frame.head(most).select(list(renamed)).rename(renamed)
    numbered = state.frame.with_row_index("row")
    beside = added.with_row_index("row").lazy()
    joined = numbered.join(beside, on="row", how="left", maintain_order="left").drop("row")
    state = replace(state, frame=joined)
    values: dict[str, Value] = {}
    for name, column in columns.items():
        new = Value(column.kind, pl.col(renamed[column.physical]), column.mixed)
        if override or name not in state.columns:
            values[name] = new
    return _shows(state.put(values), *values)
