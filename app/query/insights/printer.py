"""A tree as text that parses to an equal tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from app.query.insights import tree

_PLAIN = re.compile(r"@{0,2}[A-Za-z_][A-Za-z0-9_]*\Z")
_WILD = re.compile(r"@?[\w.]*\*[\w.*]*")
_PLAIN_SEGMENT = re.compile(r"[A-Za-z0-9_]+\Z")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_KEYWORDS = frozenset(
    (
        "and",
        "or",
        "not",
        "like",
        "in",
        "as",
        "by",
        "asc",
        "desc",
        "any",
        "multi",
        "logfmt",
        "csv",
        "where",
    )
)


def printed(query: tree.Query) -> str:
    """The text of a query, one command after the other."""
    parts = [_source(query.source)] if query.source else []
    return " | ".join([*parts, *(command(each) for each in query.commands)])


def quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


def name(field: tree.Name) -> str:
    """A field name, in backticks where it needs them."""
    first, *rest = field.segments
    if not _PLAIN.match(first) or first.lower() in _KEYWORDS:
        bare = first.lstrip("@")
        first = first[: len(first) - len(bare)] + f"`{bare}`"
    return ".".join([first, *(s if _PLAIN_SEGMENT.match(s) else f"`{s}`" for s in rest)])


def expression(expr: tree.Expr) -> str:
    """An expression, in parentheses wherever two operators meet."""
    match expr:
        case tree.Number():
            return _number(expr.value)
        case tree.Text():
            return quoted(expr.value)
        case tree.Period():
            return f"{expr.count}{expr.unit}"
        case tree.Name():
            return name(expr)
        case tree.Call():
            inside = "*" if expr.star else ", ".join(map(expression, expr.arguments))
            return f"{expr.function}({inside})"
        case tree.Index():
            return f"{_operand(expr.base)}[{expr.position}]"
        case tree.Member():
            key = expr.key if _PLAIN_SEGMENT.match(expr.key) else f"`{expr.key}`"
            return f"{_operand(expr.base)}.{key}"
        case _:
            return _operation(expr)


def _operation(expr: tree.Expr) -> str:
    match expr:
        case tree.Unary():
            return f"{'-' if expr.operator == '-' else 'not '}{_operand(expr.operand)}"
        case tree.Binary():
            return f"{_operand(expr.left)} {expr.operator} {_operand(expr.right)}"
        case tree.Like():
            pattern = f"/{_slashed(expr.pattern)}/" if expr.regex else quoted(expr.pattern)
            return f"{_operand(expr.left)} {_not(expr.negated)}like {pattern}"
        case tree.In():
            items = ", ".join(map(expression, expr.items))
            return f"{_operand(expr.left)} {_not(expr.negated)}in [{items}]"
        case tree.InQuery():
            return f"{_operand(expr.left)} {_not(expr.negated)}in ({printed(expr.query)})"
    raise TypeError(f"no way to print {expr!r}")


def _operand(expr: tree.Expr) -> str:
    simple = (tree.Number, tree.Text, tree.Name, tree.Call, tree.Period, tree.Index, tree.Member)
    return expression(expr) if isinstance(expr, simple) else f"({expression(expr)})"


def _not(negated: bool) -> str:
    return "not " if negated else ""


def _slashed(pattern: str) -> str:
    return pattern.replace("/", "\\/")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _items(items: Iterable[tree.Item]) -> str:
    return ", ".join(
        expression(i.expr) + (f" as {name(tree.Name((i.alias,)))}" if i.alias is not None else "")
        for i in items
    )


def _names(names: Iterable[tree.Name]) -> str:
    return ", ".join(map(name, names))


def _options(options: Iterable[tree.Option]) -> str:
    return "".join(f" {name(tree.Name((o.name,)))}={quoted(o.value)}" for o in options)


def _pairs(pairs: Iterable[tree.Pair]) -> str:
    return ", ".join(
        name(pair.name) + (f" as {name(pair.renamed)}" if pair.renamed else "") for pair in pairs
    )


def _from(source: tree.Name | None) -> str:
    return f" {name(source)}" if source else ""


def _stats(c: tree.Stats) -> str:
    by = f" by {_items(c.by)}" if c.by else ""
    offset = f" offset {expression(c.offset)}" if c.offset else ""
    return f"stats {_items(c.items)}{by}{offset}"


def _sort(c: tree.Sort) -> str:
    return "sort " + ", ".join(name(k.name) + (" desc" if k.descending else "") for k in c.keys)


def _parse_regex(c: tree.ParseRegex) -> str:
    names = f" as {_names(c.names)}" if c.names else ""
    multi = " multi" if c.multi else ""
    return f"parse{_from(c.source)} /{_slashed(c.pattern)}/{names}{multi}"


def _lookup(c: tree.Lookup) -> str:
    command, output = "cidrlookup" if c.cidr else "lookup", "OUTPUTNEW" if c.only_new else "OUTPUT"
    return f"{command} {name(c.table)} {_pairs(c.keys)} {output} {_pairs(c.outputs)}"


def _autoregress(c: tree.Autoregress) -> str:
    into = f" as {name(c.into)}" if c.into else ""
    return f"autoregress {name(c.name)}{into} p={c.first}-{c.last}"


def _fillmissing(c: tree.Fillmissing) -> str:
    fills = (
        name(field)
        if value is None
        else f"with {quoted(value) if isinstance(value, str) else _number(value)} for {name(field)}"
        for value, field in c.values
    )
    return f"fillmissing {', '.join(fills)}".rstrip()


def _sessionize(c: tree.Sessionize) -> str:
    span = f" maxspan {expression(c.maxspan)}" if c.maxspan else ""
    into = f" as {name(c.into)}" if c.into else ""
    return f"sessionize {_names(c.names)}{span}{into}"


def _unnest(c: tree.Unnest) -> str:
    if c.expand:
        return f"expand {name(c.into)}"
    return f"unnest {expression(c.expr)} into {name(c.into)}"


def _relevant(c: tree.Relevantfields) -> str:
    names = f" {_names(c.names)}" if c.names else ""
    return f"relevantfields{names} where {expression(c.condition)}"


def _filldown(c: tree.Filldown) -> str:
    written = (
        p if _WILD.fullmatch(p) else name(tree.Name(tuple(p.split(".")))) for p in c.patterns
    )
    return " ".join(["filldown", *written])


_BY_COMMAND: dict[type, Callable[[Any], str]] = {
    tree.Fields: lambda c: f"fields {_items(c.items)}",
    tree.Display: lambda c: f"display {_items(c.items)}",
    tree.Unmask: lambda c: f"unmask {_items(c.items)}",
    tree.Filter: lambda c: f"{'filterIndex' if c.index else 'filter'} {expression(c.condition)}",
    tree.Stats: _stats,
    tree.Sort: _sort,
    tree.Limit: lambda c: f"limit {'any ' if c.any else ''}{c.count}",
    tree.ParseGlob: lambda c: f"parse{_from(c.source)} {quoted(c.pattern)} as {_names(c.names)}",
    tree.ParseRegex: _parse_regex,
    tree.ParseLogfmt: lambda c: f"parse{_from(c.source)} logfmt as {name(c.name)}",
    tree.ParseCsv: lambda c: f"parse{_from(c.source)} csv as {_names(c.names)}",
    tree.ParseJson: lambda c: f"json field={name(c.source)} {quoted(c.path)} as {name(c.name)}",
    tree.Dedup: lambda c: f"dedup {_names(c.names)}",
    tree.Unnest: _unnest,
    tree.Lookup: _lookup,
    tree.Accum: lambda c: f"accum {name(c.name)}" + (f" as {name(c.into)}" if c.into else ""),
    tree.Autoregress: _autoregress,
    tree.Filldown: _filldown,
    tree.Fillmissing: _fillmissing,
    tree.Outlier: lambda c: f"outlier{_options(c.options)} {' '.join(map(name, c.names))}",
    tree.Sessionize: _sessionize,
    tree.Addtotals: lambda c: f"addtotals{_options(c.options)} {_names(c.names)}".rstrip(),
    tree.Appendcols: lambda c: f"appendcols{_options(c.options)} ({printed(c.query)})",
    tree.CountFrequent: lambda c: f"countFrequent {_names(c.names)}",
    tree.Pattern: lambda c: f"pattern {name(c.name)}",
    tree.Diff: lambda c: f"diff {c.back}".rstrip(),
    tree.Logcompare: lambda c: f"logcompare timeshift {expression(c.timeshift)}",
    tree.Relevantfields: _relevant,
    tree.Anomaly: lambda c: "anomaly",
    tree.Estimate: lambda c: "estimate",
    tree.Join: lambda c: (
        f"join{_options(c.options)} where {name(c.left)}={name(c.right)} ({printed(c.query)})"
    ),
}


def command(each: tree.Command) -> str:
    """One command."""
    return _BY_COMMAND[type(each)](each)


def _source(source: tree.Source) -> str:
    window = "".join(f" {key}={value}" for key, value in source.window)
    if source.name is not None:
        return f"SOURCE {quoted(source.name)}{window}"
    return f"SOURCE {' '.join(map(_selector, source.selectors))}{window}"


def _selector(selector: tree.Selector) -> str:
    arguments = ", ".join(
        f"{key}: {_json(value)}" if key else _json(value) for key, value in selector.arguments
    )
    return f"{selector.kind}({arguments})"


def _json(value: tree.Json) -> str:
    """Lists, maps and texts, the texts with the escapes of this language."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_json, value))}]"
    return "{" + ", ".join(f"{quoted(key)}: {_json(one)}" for key, one in value.items()) + "}"
