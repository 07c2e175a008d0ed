"""unnest, expand, lookup, cidrlookup, join.

Source: Amazon CloudWatch Logs User Guide, pages of the commands.
"""

from __future__ import annotations

from dataclasses import replace

import orjson
import polars as pl

from app.query.insights import tree
from app.query.insights.expressions import Compiler
from app.query.insights.functions.ip import address, network
from app.query.insights.functions.rowwise import each_text
from app.query.insights.state import Column, State, Surroundings
from app.query.insights.values import Kind, Value, number_to_text, text
from app.query.lang import did_you_mean

MOST_RIGHT_KEYS = 50_000
_LIST = pl.List(pl.String())
_NESTED = "\x00"
"""Stands before the JSON of a map or list among elements, where texts have none."""


def unnest(command: tree.Unnest, state: State, around: Surroundings) -> State:
    """One record for each element; what is no list counts as a list of one.

    ``expand`` also takes a list that is written in a text.
    """
    compiler = Compiler(state.columns, around, strict=state.aggregated)
    value = compiler.structured(command.expr)
    whole = value.expr if _may_nest(value) else value.text()
    listed = whole if command.expand else value.json()
    found = pl.coalesce(each_text(listed, _elements, _LIST), pl.concat_list([whole]))
    physical = f"c{state.made}"
    frame = state.frame.with_columns(found.alias(physical))
    frame = frame.filter(pl.col(physical).is_null() | (pl.col(physical).list.len() > 0))
    state = replace(state, frame=frame.explode(physical), made=state.made + 1)
    state = state.put({command.into.text: _element(pl.col(physical), value)})
    name = command.into.text
    return state if command.expand or name in state.shown else _implied(state, name)


def _may_nest(value: Value) -> bool:
    return value.kind is Kind.STRUCTURE or value.nested is not None


def _element(marked: pl.Expr, value: Value) -> Value:
    """An element whose first character tells whether it is a map or list."""
    nested = marked.str.starts_with(_NESTED)
    return Value(Kind.TEXT, marked.str.strip_prefix(_NESTED), mixed=True, nested=nested)


def _implied(state: State, *names: str) -> State:
    new = tuple(name for name in names if name not in state.implied and name not in state.shown)
    return replace(state, implied=state.implied + new)


def _elements(json: str) -> list[str | None] | None:
    """The elements of a JSON list; None for anything else."""
    try:
        value = orjson.loads(json)
    except orjson.JSONDecodeError:
        return None
    if isinstance(value, dict):
        return [_NESTED + json]
    return [_spelled(element) for element in value] if isinstance(value, list) else None


def _spelled(element: object) -> str | None:
    if element is None or isinstance(element, str):
        return element
    if isinstance(element, float) and element.is_integer():
        return str(int(element))
    plain = orjson.dumps(element).decode()
    return _NESTED + plain if isinstance(element, dict | list) else plain


def lookup(command: tree.Lookup, state: State, around: Surroundings) -> State:
    """Columns of the first row of a table whose keys equal the fields."""
    if command.cidr:
        return _cidrlookup(command, state, around)
    table = _table(command, around)
    wanted = [pair.name.text for pair in command.keys]
    _need(command, table, [*wanted, *(pair.name.text for pair in command.outputs)], around)
    compiler = Compiler(state.columns, around, strict=state.aggregated)
    keys = {
        f"k{n}": text(compiler.field(pair.renamed or pair.name).text())
        for n, pair in enumerate(command.keys)
    }
    right = table.select(
        *(pl.col(name).alias(f"right{n}") for n, name in enumerate(wanted)),
        *(pl.col(p.name.text).alias(f"out{n}") for n, p in enumerate(command.outputs)),
    ).unique([f"right{n}" for n in range(len(wanted))], keep="first", maintain_order=True)
    state = state.put({f" {name}": value for name, value in keys.items()})
    left = [state.columns[f" {name}"].physical for name in keys]
    return _joined(command, state, right.lazy(), left, around)


def _joined(
    command: tree.Lookup,
    state: State,
    right: pl.LazyFrame,
    left_on: list[str],
    around: Surroundings,
) -> State:
    right_on = [name for name in right.collect_schema().names() if name.startswith("right")]
    frame = state.frame.join(
        right, left_on=left_on, right_on=right_on, how="left", maintain_order="left"
    )
    columns = {name: column for name, column in state.columns.items() if not name.startswith(" ")}
    state = replace(state, frame=frame, columns=columns)
    values: dict[str, Value] = {}
    for n, pair in enumerate(command.outputs):
        name, found = (pair.renamed or pair.name).text, text(pl.col(f"out{n}"))
        old = columns.get(name)
        if command.only_new and old is not None:
            kept = pl.coalesce(old.value().text(), found.expr)
            found = Value(Kind.TEXT, kept, mixed=old.kind is Kind.NUMBER)
        values[name] = found
    state = state.put(values)
    drop = [f"out{n}" for n in range(len(command.outputs))]
    return _implied(replace(state, frame=state.frame.drop(drop)), *values)


def _table(command: tree.Lookup, around: Surroundings) -> pl.DataFrame:
    name = command.table.text
    if name not in around.tables:
        near = did_you_mean(name, around.tables)
        raise around.error(f"unknown lookup table `{name}`{near}", command.table.span)
    table = around.tables[name]
    floats = pl.selectors.float()
    return table.with_columns(number_to_text(floats)).cast(pl.String)


def _need(
    command: tree.Lookup, table: pl.DataFrame, names: list[str], around: Surroundings
) -> None:
    for name in names:
        if name not in table.columns:
            near = did_you_mean(name, table.columns)
            raise around.error(
                f"the lookup table `{command.table.text}` has no column `{name}`{near}",
                command.table.span,
            )


def _cidrlookup(command: tree.Lookup, state: State, around: Surroundings) -> State:
    """The row of the most specific range that holds the address."""
    table = _table(command, around)
    (pair,) = command.keys
    cidr = pair.renamed.text if pair.renamed else _range_column(table, pair.name.text)
    _need(command, table, [cidr, *(p.name.text for p in command.outputs)], around)
    ranges = [(network(written), n) for n, written in enumerate(table[cidr].to_list()) if written]
    known = sorted(
        ((among, n) for among, n in ranges if among is not None),
        key=lambda pair: -pair[0].prefixlen,
    )

    def row_of(written: str) -> int | None:
        found = address(written)
        if found is None:
            return None
        return next((n for r, n in known if r.version == found.version and found in r), None)

    compiler = Compiler(state.columns, around, strict=state.aggregated)
    place = each_text(compiler.field(pair.name).text(), row_of, pl.Int64())
    state = state.put({" row": Value(Kind.TIME, place)})
    right = table.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("right0"),
        *(pl.col(p.name.text).alias(f"out{n}") for n, p in enumerate(command.outputs)),
    )
    return _joined(command, state, right.lazy(), [state.columns[" row"].physical], around)


def _range_column(table: pl.DataFrame, field: str) -> str:
    """The column of ranges where none is named: of the field's name, ``cidr``, or the first."""
    for name in (field, "cidr"):
        if name in table.columns:
            return name
    for name in table.columns:
        written = table[name].drop_nulls().to_list()
        if written and all(network(each) is not None for each in written):
            return name
    return "cidr"


def join(command: tree.Join, state: State, around: Surroundings) -> State:
    """Rows of both sides whose keys are equal; fields are ``a.x`` and ``b.x`` afterwards."""
    options = {option.name: option.value for option in command.options}
    kind, left, right = options.get("type", "inner"), options["left"], options["right"]
    keys = _sides(command, left, right, around)
    nested = around.subquery(command.query)
    columns = nested.columns
    compiler = Compiler(state.columns, around)
    state = state.put({" key": text(compiler.field(tree.Name(keys[0])).text())})
    other = Compiler(columns, around).field(tree.Name(keys[1])).text()
    renamed = {column.physical: f"j{column.physical}" for column in columns.values()}
    matched = nested.frame.lazy().with_columns(other.alias("jkey")).rename(renamed)
    _bounded(matched, command, around)
    joined = state.frame.join(
        matched,
        left_on=state.columns[" key"].physical,
        right_on="jkey",
        how="left" if kind == "left" else "inner",
        maintain_order="left",
    )
    mine = {f"{left}.{name}": c for name, c in state.columns.items() if not name.startswith(" ")}
    theirs = {
        f"{right}.{name}": Column(renamed[c.physical], c.kind, c.mixed)
        for name, c in columns.items()
    }
    at = {"@timestamp": mine[f"{left}.@timestamp"]} if f"{left}.@timestamp" in mine else {}
    shown = tuple(f"{left}.{name}" for name in state.names if f"{left}.{name}" in mine)
    shown += tuple(f"{right}.{name}" for name in nested.shown)
    return replace(
        state,
        frame=joined,
        columns={**at, **mine, **theirs},
        shown=shown if state.shown or state.displayed else (),
        default=shown,
        implied=(),
        displayed=None,
    )


def _sides(
    command: tree.Join, left: str, right: str, around: Surroundings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in (command.left, command.right):
        found[name.segments[0]] = name.segments[1:]
    if set(found) != {left, right} or not all(found.values()):
        raise around.error(
            f"join compares a field of each side: where {left}.key={right}.key", command.span
        )
    return found[left], found[right]


def _bounded(matched: pl.LazyFrame, command: tree.Join, around: Surroundings) -> None:
    distinct = matched.select(pl.col("jkey").n_unique()).collect().item()
    if distinct > MOST_RIGHT_KEYS:
        raise around.error(
            f"the right side of a join has at most {MOST_RIGHT_KEYS:,} distinct keys, "
            f"this one {distinct:,}",
            command.span,
        )
