"""Mistakes that can be told without data: names, counts, constants, order of commands.

All mistakes are collected; what a command may use of the fields before it is
told while compiling, where the fields are known.

Source: Amazon CloudWatch Logs User Guide, pages of the commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import polars as pl
from polars.exceptions import PolarsError

from app.query.insights import tree
from app.query.insights.aggregates import aggregates
from app.query.insights.functions import functions
from app.query.insights.functions.time import strptime_of, zone_of
from app.query.insights.stages.parsing import group_names
from app.query.insights.walk import nodes
from app.query.lang import QueryError, QueryErrors, Span, did_you_mean

MOST_STATS = 10
LARGEST_LIMIT = 100_000
MOST_TOPK = 10_000
MOST_APPENDED = 100_000
_ROW_SETS = (tree.Stats, tree.CountFrequent, tree.Pattern)
Mistake = tuple[str, Span]


def check(query: tree.Query) -> None:
    """Raises QueryError, or QueryErrors with all of them, in the order of the text."""
    found = [*_commands(query, nested=False), *_expressions(query)]
    errors = [QueryError(message, query.text, span) for message, span in found]
    errors.sort(key=lambda error: error.span)
    if errors:
        raise errors[0] if len(errors) == 1 else QueryErrors(errors)


def _commands(query: tree.Query, *, nested: bool) -> Iterator[Mistake]:
    yield from _order(query)
    yield from _ephemeral(query)
    for command in query.commands:
        yield from _command(command)
    for inner in _subqueries(query):
        if nested:
            yield (
                "a subquery holds no further subquery",
                inner.source.span if inner.source else _start,
            )
        elif inner.source is None:
            yield "a subquery starts with SOURCE", _start
        else:
            yield from _commands(inner, nested=True)


_start = Span(0, 1)


def _subqueries(query: tree.Query) -> Iterator[tree.Query]:
    for command in query.commands:
        for node in nodes(command):
            if isinstance(node, tree.Query):
                yield node
                break


# -- order of commands ---------------------------------------------------------


def _order(query: tree.Query) -> Iterator[Mistake]:
    commands = query.commands
    stats = [n for n, command in enumerate(commands) if isinstance(command, tree.Stats)]
    if len(stats) > MOST_STATS:
        yield f"at most {MOST_STATS} stats in a query", commands[stats[MOST_STATS]].span
    if sum(isinstance(command, tree.Join) for command in commands) > 1:
        joins = [command for command in commands if isinstance(command, tree.Join)]
        yield "at most one join in a query", joins[1].span
    for position, command in enumerate(commands):
        if isinstance(command, tree.Sort | tree.Limit) and len(stats) > 1 and position < stats[-1]:
            name = type(command).__name__.lower()
            yield f"with several stats, {name} stands behind the last one", command.span
        if isinstance(command, tree.Estimate) and position + 1 < len(commands):
            yield "estimate is the last command", command.span
        yield from _behind(command, commands[:position])


def _behind(command: tree.Command, before: tuple[tree.Command, ...]) -> Iterator[Mistake]:
    if any(isinstance(each, tree.Dedup) for each in before) and not isinstance(command, tree.Limit):
        yield "only limit may follow dedup", command.span
    if isinstance(command, tree.Pattern) and any(isinstance(each, tree.Sort) for each in before):
        yield "sort stands behind pattern, not before it", command.span


def _ephemeral(query: tree.Query) -> Iterator[Mistake]:
    """CloudWatch refuses a second definition of a name; a plain field may be named again."""
    defined: set[str] = set()
    for command in query.commands:
        for name, span in _definitions(command):
            if name in defined:
                start, end = span.start, span.end
                yield f"Ephemeral field is already defined: {name} ([{start},{end}])", span
            defined.add(name)


def _definitions(command: tree.Command) -> Iterator[tuple[str, Span]]:
    if isinstance(command, tree.Fields):
        for item in command.items:
            if item.alias is not None:
                yield item.alias, item.span
    elif isinstance(command, tree.Stats):
        for item in (*command.by, *command.items):
            if item.alias is not None:
                yield item.alias, item.span
    elif isinstance(command, tree.ParseGlob | tree.ParseRegex | tree.ParseCsv):
        for name in command.names:
            yield name.text, name.span


# -- single commands -------------------------------------------------------------


def _command(command: tree.Command) -> Iterator[Mistake]:
    match command:
        case tree.ParseGlob():
            yield from _glob(command)
        case tree.ParseRegex():
            yield from _parse_regex(command)
        case tree.Stats():
            yield from _stats(command)
        case tree.Join():
            yield from _join(command)
        case tree.Outlier() | tree.Addtotals() | tree.Appendcols():
            yield from _options(command)
        case _:
            yield from _range(command)


def _range(command: tree.Command) -> Iterator[Mistake]:
    if isinstance(command, tree.Limit) and not 1 <= command.count <= LARGEST_LIMIT:
        yield f"limit is 1 to {LARGEST_LIMIT:,}", command.span
    if isinstance(command, tree.Autoregress) and not 1 <= command.first <= command.last:
        yield "p is a lag from 1, or a range such as 1-3", command.span
    if (
        isinstance(command, tree.Filter)
        and command.index
        and not _is_index_condition(command.condition)
    ):
        yield "filterIndex takes a field with = or in", command.span


def _is_index_condition(condition: tree.Expr) -> bool:
    if isinstance(condition, tree.In):
        return isinstance(condition.left, tree.Name) and not condition.negated
    return (
        isinstance(condition, tree.Binary)
        and condition.operator == "="
        and isinstance(condition.left, tree.Name)
    )


def _glob(command: tree.ParseGlob) -> Iterator[Mistake]:
    stars, names = command.pattern.count("*"), len(command.names)
    if stars != names:
        yield f"the pattern has {stars} `*` and {names} names", command.span


def _parse_regex(command: tree.ParseRegex) -> Iterator[Mistake]:
    problem = regex_problem(command.pattern)
    if problem:
        yield problem, command.span
        return
    groups = group_names(command.pattern)
    if command.names and len(command.names) > len(groups):
        yield (
            f"the expression has {len(groups)} groups for {len(command.names)} names",
            command.span,
        )
    if not command.names and not any(groups):
        yield "the expression names no group; write (?<name>...) or as name", command.span


def regex_problem(pattern: str) -> str:
    """Why our engine cannot use a regular expression, or nothing."""
    try:
        pl.Series([""]).str.contains(pattern)
    except PolarsError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        reasons = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        return f"the regular expression is refused: {(reasons or lines)[0]}"
    return ""


def _stats(command: tree.Stats) -> Iterator[Mistake]:
    calls = [node for node in nodes(command.items) if isinstance(node, tree.Call)]
    for call in calls:
        entry = aggregates().get(call.function.lower())
        if entry is not None and entry.alone and (command.by or len(command.items) > 1):
            yield f"`{entry.name}` stands alone, without by", call.span
    for item in command.by:
        for node in nodes(item.expr):
            if isinstance(node, tree.Call) and node.function.lower() in aggregates():
                yield f"`{node.function}` is an aggregate and cannot be grouped by", node.span


def _join(command: tree.Join) -> Iterator[Mistake]:
    given = {option.name: option.value for option in command.options}
    for name in ("left", "right"):
        if name not in given:
            yield f"join needs {name}=name", command.span
    if given.get("type", "inner") not in ("inner", "left"):
        yield "the type of a join is inner or left", command.span
    for option in command.options:
        if option.name not in ("type", "left", "right"):
            near = did_you_mean(option.name, ("type", "left", "right"))
            yield f"join has no option `{option.name}`{near}", option.span


_OPTIONS: dict[type[tree.Command], dict[str, tuple[str, ...]]] = {
    tree.Outlier: {
        "action": ("remove", "transform"),
        "param": (),
        "uselower": ("true", "false"),
        "mark": ("true", "false"),
    },
    tree.Addtotals: {"fieldname": (), "row": ("true", "false"), "col": ("true", "false")},
    tree.Appendcols: {"override": ("true", "false"), "max": ()},
}


def _options(command: tree.Outlier | tree.Addtotals | tree.Appendcols) -> Iterator[Mistake]:
    known = _OPTIONS[type(command)]
    for option in command.options:
        if option.name not in known:
            near = did_you_mean(option.name, known)
            yield f"unknown option `{option.name}`{near}", option.span
        elif known[option.name] and option.value not in known[option.name]:
            yield f"{option.name} is {' or '.join(known[option.name])}", option.span
        elif option.name in ("param", "max") and not _number_in(option):
            yield f"{option.name} is no number in its range", option.span


def _number_in(option: tree.Option) -> bool:
    try:
        value = float(option.value)
    except ValueError:
        return False
    return value >= 0 if option.name == "param" else 1 <= value <= MOST_APPENDED


# -- expressions ---------------------------------------------------------------------


def _expressions(query: tree.Query) -> Iterator[Mistake]:
    in_stats = {
        id(node)
        for command in nodes(query)
        if isinstance(command, tree.Stats)
        for node in nodes(command.items)
    }
    for node in nodes(query):
        if isinstance(node, tree.Call):
            yield from _call(node, id(node) in in_stats)
        elif isinstance(node, tree.Like) and node.regex:
            problem = regex_problem(node.pattern)
            if problem:
                yield problem, node.span


def _call(call: tree.Call, in_stats: bool) -> Iterator[Mistake]:
    name = call.function.lower()
    if name in aggregates():
        yield from _aggregate(call, in_stats)
        return
    entry = functions().get(name)
    if entry is None:
        known = [each.name for each in functions().values()]
        known += [each.name for each in aggregates().values()]
        yield f"unknown function `{call.function}`{did_you_mean(call.function, known)}", call.span
        return
    yield from _arity(call, entry.name, entry.least, entry.most)
    for position in entry.literals:
        if position < len(call.arguments) and not isinstance(call.arguments[position], tree.Text):
            yield f"argument {position + 1} of `{entry.name}` is a text in quotes", call.span
    yield from _special(call, entry.name)


def _arity(call: tree.Call, name: str, least: int, most: int | None) -> Iterator[Mistake]:
    given = len(call.arguments)
    if call.star:
        yield f"`{name}` takes no `*`", call.span
    elif given < least or (most is not None and given > most):
        wanted = (
            str(least) if least == most else f"{least} to {most}" if most else f"{least} or more"
        )
        yield f"`{name}` takes {wanted} arguments, not {given}", call.span


def _aggregate(call: tree.Call, in_stats: bool) -> Iterator[Mistake]:
    entry = aggregates()[call.function.lower()]
    if not in_stats:
        yield f"`{entry.name}` stands only in stats", call.span
        return
    if not (call.star and entry.star):
        yield from _arity(call, entry.name, entry.least, entry.most)
    for node in nodes(call.arguments):
        if isinstance(node, tree.Call) and node.function.lower() in aggregates():
            yield "an aggregate cannot stand inside another", node.span
    for position in entry.constants:
        given = call.arguments[position : position + 1]
        if given and not isinstance(given[0], tree.Number):
            yield f"argument {position + 1} of `{entry.name}` is a number", call.span
    yield from _aggregate_range(call, entry.name)


def _aggregate_range(call: tree.Call, name: str) -> Iterator[Mistake]:
    numbers = [a.value for a in call.arguments if isinstance(a, tree.Number)]
    if name == "pct" and numbers and not 0 <= numbers[-1] <= 100:
        yield "a percentile lies between 0 and 100", call.span
    if name == "topk" and numbers and not 1 <= numbers[0] <= MOST_TOPK:
        yield f"topk gives 1 to {MOST_TOPK:,} values", call.span
    if (
        name == "rate"
        and len(call.arguments) > 1
        and not isinstance(call.arguments[1], tree.Period)
    ):
        yield "`rate` needs a period such as 1m", call.span


def _special(call: tree.Call, name: str) -> Iterator[Mistake]:
    texts = [a.value if isinstance(a, tree.Text) else None for a in call.arguments]
    if name == "regexReplace" and len(texts) > 1 and texts[1] is not None:
        problem = regex_problem(texts[1])
        if problem:
            yield problem, call.span
    if (
        name == "parseDate"
        and len(texts) > 1
        and texts[1] is not None
        and not strptime_of(texts[1])
    ):
        yield f"the date pattern '{texts[1]}' is not understood", call.span
    if name in ("parseDate", "formatDate") and len(texts) > 2 and texts[2] is not None:
        zone: ZoneInfo | None = zone_of(texts[2])
        if zone is None:
            yield f"unknown time zone '{texts[2]}'", call.span
    rounds = name in ("bin", "datefloor", "dateceil") and bool(call.arguments)
    if rounds and not isinstance(call.arguments[-1], tree.Period):
        yield f"`{name}` needs a period such as 5m", call.span
