"""parse in its four forms, and json.

Source: Amazon CloudWatch Logs User Guide, "parse", "json".
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import orjson
import polars as pl

from app.query.insights import tree
from app.query.insights.captures import captured
from app.query.insights.expressions import Compiler, member
from app.query.insights.functions.json import parsed
from app.query.insights.functions.rowwise import each_text
from app.query.insights.regex import group_names, translated
from app.query.insights.state import State, Surroundings
from app.query.insights.values import Kind, Value, structure, text

_LOGFMT = re.compile(r'([^\s="]+)(?:=(?:"((?:\\.|[^"\\])*)"|(\S*)))?')
_ESCAPED = re.compile(r"\\(.)")
_MESSAGE = tree.Name(("@message",))
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}


def _source_text(source: tree.Name | None, state: State, around: Surroundings) -> pl.Expr:
    """The text that is parsed: a field, or @message without its last line break."""
    return _meant(source, _stored_text(source, state, around))


def _stored_text(source: tree.Name | None, state: State, around: Surroundings) -> pl.Expr:
    compiler = Compiler(state.columns, around, strict=state.aggregated)
    value = compiler.field(source or _MESSAGE)
    return value.expr if value.kind is Kind.STRUCTURE or value.nested is not None else value.text()


def _meant(source: tree.Name | None, stored: pl.Expr) -> pl.Expr:
    name = source or _MESSAGE
    return stored.str.strip_suffix("\n") if name.text == _MESSAGE.text else stored


def _with(state: State, values: dict[str, Value]) -> State:
    state = state.put(values)
    new = tuple(name for name in values if name not in state.implied)
    return replace(state, implied=state.implied + new)


def parse_glob(command: tree.ParseGlob, state: State, around: Surroundings) -> State:
    """Each ``*`` becomes a field; a record that does not match stays without them.

    ``*`` takes the shortest text up to the next literal, so the first place of
    each literal behind the one before decides, and no expression is needed.
    """
    state, rest = state.step(_source_text(command.source, state, around))
    first, *literals = command.pattern.split("*")
    open_end = not literals[-1]
    if first:
        state, cut = state.step(rest.str.splitn(first, 2))
        rest = cut.struct.field("field_1")
    taken: list[pl.Expr] = []
    for literal in literals[:-1] if open_end else literals:
        if not literal:
            taken.append(pl.when(rest.is_not_null()).then(pl.lit("")))
            continue
        state, cut = state.step(rest.str.splitn(literal, 2))
        taken.append(cut.struct.field("field_0"))
        rest = cut.struct.field("field_1")
    if open_end:
        taken.append(rest)
    matched = rest.is_not_null()
    found = {
        name.text: text(pl.when(matched).then(value))
        for name, value in zip(command.names, taken, strict=True)
    }
    return _with(state, found)


def parse_regex(command: tree.ParseRegex, state: State, around: Surroundings) -> State:
    """Groups become fields; with ``multi`` every match gives a record."""
    state, raw = state.step(_stored_text(command.source, state, around))
    whole = _meant(command.source, raw)
    named = group_names(command.pattern)
    if command.names:
        names = {name.text: number for number, name in enumerate(command.names)}
    else:
        names = {name: number for number, name in enumerate(named) if name}
    if command.multi:
        state, whole = _exploded(state, whole.str.extract_all(translated(command.pattern)))
        raw = whole
    state, groups = captured(state, raw, whole, command.pattern)
    return _with(state, {name: text(groups[number]) for name, number in names.items()})


def _exploded(state: State, lists: pl.Expr) -> tuple[State, pl.Expr]:
    """One row for each element; a row without any stays."""
    state, found = state.step(pl.when(lists.list.len() > 0).then(lists))
    return replace(state, frame=state.frame.explode(found.meta.output_name())), found


def parse_logfmt(command: tree.ParseLogfmt, state: State, around: Surroundings) -> State:
    """``key=value`` pairs as a map."""
    whole = _source_text(command.source, state, around)
    return _with(state, {command.name.text: structure(each_text(whole, _logfmt, pl.String()))})


def _logfmt(line: str) -> str | None:
    pairs: dict[str, object] = {}
    any_value = False
    for key, quoted, plain in (match.groups() for match in _LOGFMT.finditer(line)):
        any_value = any_value or quoted is not None or plain is not None
        if quoted is not None:
            pairs[key] = _ESCAPED.sub(lambda m: _CONTROLS.get(m[1], m[1]), quoted)
        else:
            pairs[key] = True if plain is None else plain
    return orjson.dumps(pairs).decode() if any_value else None


def parse_csv(command: tree.ParseCsv, state: State, around: Surroundings) -> State:
    """Fields by position, quoting as in RFC 4180."""
    whole = _source_text(command.source, state, around)
    state, cells = state.step(each_text(whole, _csv, pl.List(pl.String())))
    found = {
        name.text: text(cells.list.get(position, null_on_oob=True))
        for position, name in enumerate(command.names)
    }
    return _with(state, found)


def _csv(line: str) -> list[str] | None:
    try:
        return next(csv.reader(io.StringIO(line)), None)
    except csv.Error:
        return None


def parse_json(command: tree.ParseJson, state: State, around: Surroundings) -> State:
    """A nested value of a structure or of JSON text."""
    compiler = Compiler(state.columns, around, strict=state.aggregated)
    value = compiler.structured(command.source)
    structured = value.kind is Kind.STRUCTURE or value.nested is not None
    json = value.expr if structured else parsed(value.text())
    return _with(state, {command.name.text: member(json, tuple(command.path.split(".")))})
