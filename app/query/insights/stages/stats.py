"""stats: groups and aggregates.

Source: Amazon CloudWatch Logs User Guide, "stats".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from app.query.insights import periods, tree
from app.query.insights.aggregates import Aggregate, Grouping, aggregates, period_value
from app.query.insights.expressions import Compiler
from app.query.insights.state import Bins, Column, State, Surroundings
from app.query.insights.values import Kind, Value, sort_keys, time
from app.query.insights.walk import nodes
from app.query.lang import Span


def stats(command: tree.Stats, state: State, around: Surroundings) -> State:
    """Groups and aggregates; only keys and aggregates remain, keys first, sorted by key."""
    state = state.limited()
    keyed, keys, bins = _keys(command, state, around)
    grouped = _Grouped(keyed, around)
    grouped.collect(command.items)
    frame = grouped.aggregate([column.physical for column in keys.values()])
    result = State(frame, keys, tuple(keys), aggregated=True, made=grouped.made, bins=bins)
    for item in command.items:
        result = result.put({item.name: grouped.finished(item, result)})
        column = result.columns[item.name]
        shown = replace(column, rounded=column.kind is Kind.NUMBER)
        result = replace(
            result,
            columns={**result.columns, item.name: shown},
            shown=(*(name for name in result.shown if name != item.name), item.name),
        )
    return _in_order(result, keys)


def _keys(
    command: tree.Stats, state: State, around: Surroundings
) -> tuple[State, dict[str, Column], Bins | None]:
    values: dict[str, Value] = {}
    bins = None
    compiler = Compiler(state.columns, around, strict=state.aggregated)
    for item in command.by:
        value = compiler.value(item.expr)
        no_structure(value, "stats cannot group by", item.span, around)
        period = _bin_period(item.expr)
        if period is not None:
            bins = Bins(item.name, period, _length(command.offset))
            value = time(value.expr + bins.shift_ms) if bins.shift_ms else value
        values[item.name] = value
    keyed = state.put(values)
    keys = {name: replace(keyed.columns[name], nested=None) for name in values}
    if bins is not None:
        bins = replace(bins, others=tuple(name for name in keys if name != bins.name))
    return keyed, keys, bins


def no_structure(value: Value, doing: str, span: Span, around: Surroundings) -> None:
    """Refuses a map or list, which CloudWatch takes in no grouping or ordering command."""
    if value.kind is Kind.STRUCTURE:
        raise around.error(f"{doing} a map or list; name a value inside it", span)


def _bin_period(expr: tree.Expr) -> tree.Period | None:
    if not isinstance(expr, tree.Call) or expr.function.lower() not in ("bin", "datefloor"):
        return None
    last = expr.arguments[-1] if expr.arguments else None
    return last if isinstance(last, tree.Period) else None


def _length(period: tree.Period | None) -> int:
    return 0 if period is None else periods.length_ms(period.count, period.unit)


class _Grouped:
    """Collects the aggregates of a stats and then finishes each item over their results."""

    def __init__(self, state: State, around: Surroundings) -> None:
        self._state, self._around = state, around
        self.made = state.made
        self._found: dict[int, Column] = {}
        self._exprs: dict[str, pl.Expr] = {}
        self._same: dict[tree.Call, Column] = {}
        self._finishers: list[pl.Expr] = []
        at = state.columns.get("@timestamp")
        events = pl.col(state.events) if state.events else None
        self._grouping = Grouping(at.value().milliseconds() if at else None, events)

    def collect(self, items: Sequence[tree.Item]) -> None:
        for item in items:
            for call in aggregate_calls(item.expr):
                self._found[id(call)] = self._same.get(call) or self._added(call)

    def _added(self, call: tree.Call) -> Column:
        entry = aggregates()[call.function.lower()]
        if entry.needs_time and self._grouping.at is None:
            raise self._around.error(f"`{entry.name}` needs @timestamp", call.span)
        compiler = Compiler(self._state.columns, self._around, strict=self._state.aggregated)
        arguments = [self._argument(entry, n, a, compiler) for n, a in enumerate(call.arguments)]
        for value in arguments:
            no_structure(value, f"`{entry.name}` cannot take", call.span, self._around)
        value = entry.build(arguments, self._grouping)
        column = Column(f"c{self.made}", value.kind, value.mixed)
        self.made += 1
        self._exprs[column.physical] = value.expr
        if entry.finish is not None:
            whole = entry.finish(arguments, pl.col(column.physical))
            self._finishers.append(whole.alias(column.physical))
        self._same[call] = column
        return column

    def _argument(
        self, entry: Aggregate, position: int, expr: tree.Expr, compiler: Compiler
    ) -> Value:
        if position == entry.period and isinstance(expr, tree.Period):
            return period_value(expr)
        return compiler.value(expr)

    def aggregate(self, keys: list[str]) -> pl.LazyFrame:
        frame = self._state.frame
        exprs = [expr.alias(physical) for physical, expr in self._exprs.items()]
        found = frame.group_by(keys).agg(exprs) if keys else frame.select(exprs or [pl.lit(1)])
        return found.with_columns(self._finishers) if self._finishers else found

    def finished(self, item: tree.Item, result: State) -> Value:
        compiler = Compiler(result.columns, self._around, strict=True, aggregated=self._result)
        return compiler.value(item.expr)

    def _result(self, call: tree.Call) -> Value:
        return self._found[id(call)].value()


def aggregate_calls(expr: tree.Expr) -> list[tree.Call]:
    """Every aggregate in an expression, left to right, none inside another."""
    if isinstance(expr, tree.Call):
        if expr.function.lower() in aggregates():
            return [expr]
        return [call for argument in expr.arguments for call in aggregate_calls(argument)]
    return [call for child in _children(expr) for call in aggregate_calls(child)]


def _children(expr: tree.Expr) -> list[tree.Expr]:
    """The expressions directly inside one."""
    match expr:
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
    return replace(state, frame=state.frame.sort(by, nulls_last=True))


# -- filters on fields that stats drops ------------------------------------------


def filters_first(commands: list[tree.Command], state: State) -> list[tree.Command]:
    """Filters behind the first stats that ask for fields from before it, put before it.

    AWS's own sample queries for AppSync are written so. Such a filter names a
    field that is there before the stats and not behind it, and beside that
    nothing but keys of the grouping, which are the same on both sides.
    """
    if state.aggregated or not commands or not isinstance(commands[0], tree.Stats):
        return commands
    grouped, rest = commands[0], commands[1:]
    early: list[tree.Command] = []
    while rest and isinstance(rest[0], tree.Filter) and _asks_before(rest[0], grouped, state):
        early.append(rest.pop(0))
    return [*early, grouped, *rest]


def _asks_before(command: tree.Filter, grouped: tree.Stats, state: State) -> bool:
    keys = {item.name for item in grouped.by if isinstance(item.expr, tree.Name) and not item.alias}
    made = {item.name for item in (*grouped.by, *grouped.items)} - keys
    names = {node.text for node in nodes(command.condition) if isinstance(node, tree.Name)}
    return bool((names - keys) & state.columns.keys()) and not names & made
