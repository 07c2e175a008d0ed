"""Names and limits of a rule, every mistake at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.query.alarm_rule.tree import (
    AtLeast,
    Condition,
    Constant,
    Group,
    Ref,
    Rule,
    refs,
    walk,
)
from app.query.lang import QueryError, QueryErrors, Span, did_you_mean

MOST_CHILDREN, MOST_ELEMENTS = 100, 500


def check(
    rule: Rule, text: str, known: Callable[[], set[str]], resolve: Callable[[Ref], str | None]
) -> None:
    """QueryErrors unless every name is known and every limit is kept.

    ``resolve`` gives the name that a reference stands for, None for one that is unknown.
    """
    mistakes = [*_thresholds(rule, text), *_names(rule, text, known, resolve), *_sizes(rule, text)]
    if mistakes:
        raise QueryErrors(mistakes)


def _thresholds(rule: Rule, text: str) -> Iterator[QueryError]:
    for node in walk(rule):
        if not isinstance(node, AtLeast):
            continue
        most = 100 if node.percent else len(node.refs)
        if not 1 <= node.threshold <= most:
            kind = "percentage" if node.percent else "absolute"
            end = "100" if node.percent else f"number of alarms ({most})"
            told = f"AT_LEAST {kind} threshold must be between 1 and {end}"
            yield QueryError(f"Error in AlarmRule [{told}]", text, node.span)


def _names(
    rule: Rule, text: str, known: Callable[[], set[str]], resolve: Callable[[Ref], str | None]
) -> Iterator[QueryError]:
    for ref in refs(rule):
        if not ref.name:
            yield QueryError("the name of an alarm is empty", text, ref.span)
        elif resolve(ref) is None:
            hint = did_you_mean(ref.name, known())
            yield QueryError(f"there is no alarm `{ref.name}`{hint}", text, ref.span)


def _sizes(rule: Rule, text: str) -> Iterator[QueryError]:
    children = {ref.name for ref in refs(rule)}
    if len(children) > MOST_CHILDREN:
        message = f"the rule names {len(children)} alarms, at most {MOST_CHILDREN} are allowed"
        yield QueryError(message, text, Span(0, len(text)))
    counted = sum(isinstance(node, Condition | Constant | Group) for node in walk(rule))
    counted += sum(len(node.refs) for node in walk(rule) if isinstance(node, AtLeast))
    if counted > MOST_ELEMENTS:
        message = f"the rule has {counted} elements, at most {MOST_ELEMENTS} are allowed"
        yield QueryError(message, text, Span(0, len(text)))
