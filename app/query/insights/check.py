"""Mistakes that can be told without data: names, counts, constants, order of commands.

All mistakes are collected; what a command may use of the fields before it is
told while compiling, where the fields are known.

Source: Amazon CloudWatch Logs User Guide, pages of the commands.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.query.insights import tree
from app.query.insights.aggregates import aggregates
from app.query.insights.check_calls import Mistake, expressions
from app.query.insights.regex import group_names
from app.query.insights.regex import problem as regex_problem
from app.query.insights.walk import inner_queries, nodes
from app.query.lang import QueryError, QueryErrors, Span, did_you_mean

MOST_STATS = 10
LARGEST_LIMIT = 100_000
MOST_APPENDED = 100_000
_COMPARISONS = (tree.Diff, tree.Logcompare)


def check(query: tree.Query) -> None:
    """Raises QueryError, or QueryErrors with all of them, in the order of the text."""
    found = [*_commands(query, nested=False), *expressions(query)]
    errors = [QueryError(message, query.text, span) for message, span in found]
    errors.sort(key=lambda error: error.span)
    if errors:
        raise errors[0] if len(errors) == 1 else QueryErrors(errors)


def _commands(query: tree.Query, *, nested: bool) -> Iterator[Mistake]:
    yield from _order(query)
    yield from _ephemeral(query)
    for command in query.commands:
        yield from _command(command)
    for command in query.commands:
        for inner in inner_queries(command):
            if nested:
                yield "a subquery holds no further subquery", command.span
            else:
                yield from _commands(inner, nested=True)


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
    if any(isinstance(each, _COMPARISONS) for each in before):
        if isinstance(command, _COMPARISONS):
            yield "at most one diff or logcompare in a query", command.span
        if isinstance(command, tree.Estimate):
            yield "estimate tells of events; it cannot follow diff or logcompare", command.span


def _ephemeral(query: tree.Query) -> Iterator[Mistake]:
    """CloudWatch refuses a second definition of a name, and takes ``fields x`` for one."""
    defined: set[str] = set()
    named_before: set[str] = set()
    for command in query.commands:
        if isinstance(command, tree.Stats):
            named_before = set()
        for name, span in _definitions(command, named_before):
            if name in defined:
                start, end = span.start, span.end
                yield f"Ephemeral field is already defined: {name} ([{start},{end}])", span
            defined.add(name)
            if not isinstance(command, tree.Stats):
                named_before.add(name)


def _definitions(command: tree.Command, made: set[str]) -> Iterator[tuple[str, Span]]:
    """The names that a command gives; ``made`` are those that ``fields`` must not name again."""
    if isinstance(command, tree.Fields):
        for item in command.items:
            again = isinstance(item.expr, tree.Name) and item.expr.text in made
            if item.alias is not None or again:
                yield item.name, item.span
    elif isinstance(command, tree.Stats):
        for item in (*command.by, *command.items):
            if item.alias is not None:
                yield item.alias, item.span
    else:
        yield from _taken_out(command)


def _taken_out(command: tree.Command) -> Iterator[tuple[str, Span]]:
    match command:
        case tree.ParseRegex() if not command.names:
            if not regex_problem(command.pattern):
                yield from ((name, command.span) for name in group_names(command.pattern) if name)
        case tree.ParseGlob() | tree.ParseRegex() | tree.ParseCsv():
            yield from ((name.text, name.span) for name in command.names)
        case tree.ParseLogfmt() | tree.ParseJson():
            yield command.name.text, command.name.span
        case tree.Unnest() if not command.expand:
            yield command.into.text, command.into.span


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
