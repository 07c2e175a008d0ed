"""Mistakes inside expressions: names of functions, how many arguments, constants.

Source: Amazon CloudWatch Logs User Guide, "Supported operations and functions".
"""

from __future__ import annotations

from collections.abc import Iterator

from app.query.insights import tree
from app.query.insights.aggregates import aggregates
from app.query.insights.functions import functions
from app.query.insights.functions.dates import pattern_of, strftime_problem, zone_of
from app.query.insights.regex import problem as regex_problem
from app.query.insights.walk import nodes
from app.query.lang import Span, did_you_mean

MOST_TOPK = 10_000
MOST_BUCKETS = 1_000
Mistake = tuple[str, Span]


def expressions(query: tree.Query) -> Iterator[Mistake]:
    """What is wrong in the expressions of a query, those of nested queries too."""
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
    if name == "topk" and numbers and not _whole(numbers[0], MOST_TOPK):
        yield f"topk gives 1 to {MOST_TOPK:,} values", call.span
    if name == "histogram" and numbers and not _whole(numbers[-1], MOST_BUCKETS):
        yield f"histogram has 1 to {MOST_BUCKETS:,} buckets", call.span
    if (
        name == "rate"
        and len(call.arguments) > 1
        and not isinstance(call.arguments[1], tree.Period)
    ):
        yield "`rate` needs a period such as 1m", call.span


def _whole(number: float, most: int) -> bool:
    return number.is_integer() and 1 <= number <= most


def _special(call: tree.Call, name: str) -> Iterator[Mistake]:
    texts = [a.value if isinstance(a, tree.Text) else None for a in call.arguments]
    texts += [None] * (3 - len(texts))
    problem = ""
    if name == "regexReplace" and texts[1] is not None:
        problem = regex_problem(texts[1])
    if name == "parseDate" and texts[1] is not None and pattern_of(texts[1]) is None:
        problem = f"the date pattern '{texts[1]}' is not understood"
    if name == "formatDate" and texts[1] is not None:
        problem = strftime_problem(texts[1])
    if problem:
        yield problem, call.span
    dated = name in ("parseDate", "formatDate") and texts[2] is not None
    if dated and zone_of(str(texts[2])) is None:
        yield f"unknown time zone '{texts[2]}'", call.span
    rounds = name in ("bin", "datefloor", "dateceil") and bool(call.arguments)
    if rounds and not isinstance(call.arguments[-1], tree.Period):
        yield f"`{name}` needs a period such as 5m", call.span
