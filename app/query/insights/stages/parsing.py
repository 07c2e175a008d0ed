"""parse in its four forms, and json.

Source: Amazon CloudWatch Logs User Guide, "parse", "json".
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace

import orjson
import polars as pl

from app.query.insights import tree
from app.query.insights.expressions import Compiler, member
from app.query.insights.functions.json import parsed
from app.query.insights.functions.rowwise import each_text
from app.query.insights.state import State, Surroundings
from app.query.insights.values import Kind, Value, structure, text

_LOGFMT = re.compile(r'([^\s="]+)(?:=(?:"((?:\\.|[^"\\])*)"|(\S*)))?')
_GROUP = re.compile(r"(?<!\\)\((?:\?P?<([A-Za-z_][A-Za-z0-9_]*)>|(?!\?))")


def source_text(source: tree.Name | None, state: State, around: Surroundings) -> pl.Expr:
    """The text that is parsed: a field, or @message without its last line break."""
    name = source or tree.Name(("@message",))
    value = Compiler(state.columns, around, strict=state.aggregated).field(name)
    plain = value.expr if value.kind is Kind.STRUCTURE else value.text()
    return plain.str.strip_suffix("\n") if name.text == "@message" else plain


def _with(state: State, values: dict[str, Value]) -> State:
    state = state.put(values)
    new = tuple(name for name in values if name not in state.implied)
    return replace(state, implied=state.implied + new)


def glob_regex(pattern: str) -> str:
    """A glob as a regular expression: each ``*`` the shortest text, the last one the rest."""
    pieces = [re.escape(piece) for piece in pattern.split("*")]
    closing = "(.*)" if pattern.endswith("*") else "(.*?)"
    *front, last = pieces
    if not front:
        return f"(?s){last}"
    return "(?s)" + "(.*?)".join(front) + closing + last


def group_names(pattern: str) -> list[str | None]:
    """The capture groups of a regular expression in order; None for an unnamed one."""
    outside = re.sub(r"\[\^?\]?(?:\\.|[^\]\\])*\]", lambda m: "." * len(m[0]), pattern)
    return [match[1] for match in _GROUP.finditer(outside)]


def parse_glob(command: tree.ParseGlob, state: State, around: Surroundings) -> State:
    """Each ``*`` becomes a field; a record that does not match stays without them."""
    whole = source_text(command.source, state, around)
    pattern = glob_regex(command.pattern)
    values = {
        name.text: text(whole.str.extract(pattern, number))
        for number, name in enumerate(command.names, 1)
    }
    return _with(state, values)


def parse_regex(command: tree.ParseRegex, state: State, around: Surroundings) -> State:
    """Groups become fields; with ``multi`` every match gives a record."""
    whole = source_text(command.source, state, around)
    named = group_names(command.pattern)
    if command.names:
        names = {name.text: number for number, name in enumerate(command.names, 1)}
    else:
        names = {name: number for number, name in enumerate(named, 1) if name}
    if command.multi:
        state = state.put({"": text(whole)})
        physical = state.columns[""].physical
        found = pl.col(physical).str.extract_all(command.pattern)
        several = pl.when(found.list.len() > 0).then(found)
        state = replace(state, frame=state.frame.with_columns(several.alias(physical)))
        state = replace(state, frame=state.frame.explode(physical))
        whole = pl.col(physical)
        columns = {name: column for name, column in state.columns.items() if name}
        state = replace(state, columns=columns)
    values = {name: text(whole.str.extract(command.pattern, n)) for name, n in names.items()}
    return _with(state, values)


def parse_logfmt(command: tree.ParseLogfmt, state: State, around: Surroundings) -> State:
    """``key=value`` pairs as a map."""
    whole = source_text(command.source, state, around)
    return _with(state, {command.name.text: structure(each_text(whole, _logfmt, pl.String()))})


def _logfmt(line: str) -> str | None:
    pairs = {
        key: (quoted.replace('\\"', '"') if quoted is not None else plain)
        for key, quoted, plain in (match.groups() for match in _LOGFMT.finditer(line))
        if quoted is not None or plain is not None
    }
    return orjson.dumps(pairs).decode() if pairs else None


def parse_csv(command: tree.ParseCsv, state: State, around: Surroundings) -> State:
    """Fields by position, quoting as in RFC 4180."""
    whole = each_text(source_text(command.source, state, around), _csv, pl.String())
    state = state.put({"": text(whole)})
    cells = state.columns[""].value().expr
    state = replace(state, columns={n: c for n, c in state.columns.items() if n})
    values = {
        name.text: text(cells.str.json_path_match(f"$[{position}]"))
        for position, name in enumerate(command.names)
    }
    return _with(state, values)


def _csv(line: str) -> str:
    return orjson.dumps(next(csv.reader([line]), [])).decode()


def parse_json(command: tree.ParseJson, state: State, around: Surroundings) -> State:
    """A nested value of a structure or of JSON text."""
    value = Compiler(state.columns, around, strict=state.aggregated).field(command.source)
    json = value.expr
    if value.kind is not Kind.STRUCTURE:
        json = each_text(value.text(), parsed, pl.String())
    return _with(state, {command.name.text: member(json, tuple(command.path.split(".")))})
