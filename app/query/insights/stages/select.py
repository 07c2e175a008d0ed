"""fields, display, filter, sort, limit, dedup, unmask.

Source: Amazon CloudWatch Logs User Guide, pages of the commands.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from app.query.insights import tree
from app.query.insights.expressions import Compiler
from app.query.insights.stages.stats import no_structure
from app.query.insights.state import State, Surroundings
from app.query.insights.values import sort_keys


def fields(command: tree.Fields | tree.Unmask, state: State, around: Surroundings) -> State:
    """Adds columns; several such commands add up. Nothing is masked here."""
    state, names = _made(command.items, state, around)
    new = tuple(name for name in dict.fromkeys(names) if name not in state.shown)
    return replace(state, shown=state.shown + new)


def display(command: tree.Display, state: State, around: Surroundings) -> State:
    """Sets the columns; the last one wins."""
    state, names = _made(command.items, state, around)
    return replace(state, displayed=tuple(dict.fromkeys(names)))


def _made(
    items: tuple[tree.Item, ...], state: State, around: Surroundings
) -> tuple[State, list[str]]:
    for item in items:
        compiler = Compiler(state.columns, around, strict=state.aggregated)
        if isinstance(item.expr, tree.Name) and item.name == item.expr.text:
            apart = not state.aggregated and not compiler.finds(item.expr)
            if item.name in state.columns or apart:
                continue  # a list or map that was taken apart stays within reach of its name
        value = compiler.value(item.expr)
        state = state.put({item.name: value})
    return state, [item.name for item in items]


def filter_(command: tree.Filter, state: State, around: Surroundings) -> State:
    """Keeps records for which the condition is true."""
    condition = Compiler(state.columns, around, strict=state.aggregated).value(command.condition)
    return replace(state, frame=state.frame.filter(condition.condition()))


def sort(command: tree.Sort, state: State, around: Surroundings) -> State:
    """Natural order; descending is the exact reverse. An unknown field changes nothing."""
    keys: list[pl.Expr] = []
    descending: list[bool] = []
    compiler = Compiler(state.columns, around)
    for key in command.keys:
        value = compiler.field(key.name)
        no_structure(value, "sort cannot order by", key.name.span, around)
        for part in sort_keys(value):
            keys.append(part)
            descending.append(key.descending)
    last = [not each for each in descending]
    ordered = state.frame.sort(keys, descending=descending, nulls_last=last, maintain_order=True)
    return replace(state, frame=ordered)


def limit(command: tree.Limit, state: State, around: Surroundings) -> State:
    """Waits until the end or the next stats; of two the smaller counts."""
    waiting = command.count if state.limit is None else min(command.count, state.limit)
    return replace(state, limit=waiting)


def dedup(command: tree.Dedup, state: State, around: Surroundings) -> State:
    """The first record of each combination; records without one of the fields are kept."""
    compiler = Compiler(state.columns, around, strict=state.aggregated)
    values = [compiler.field(name) for name in command.names]
    for name, value in zip(command.names, values, strict=True):
        no_structure(value, "dedup cannot compare", name.span, around)
    keys = [value.expr if value.nested is None else value.text() for value in values]
    absent = pl.any_horizontal([key.is_null() for key in keys])
    first = pl.struct([key.alias(f"k{n}") for n, key in enumerate(keys)]).is_first_distinct()
    return replace(state, frame=state.frame.filter(absent | first))
