"""Keywords, operators, values and places: every mistake of a parsed expression at once."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

from app.query.lang import QueryError, QueryErrors, Span, did_you_mean
from app.query.trace_filter import tree
from app.query.trace_filter.keywords import OPERATORS, TEXT, Kind, Scope, keywords

ARGUMENTS = ("name", "type", "account.id")
KINDS, PARTS = ("fault", "error", "responsetime"), ("service", "entity", "exception")
_CAUSE_SCOPES = {
    "service": Scope.CAUSE_SERVICE,
    "entity": Scope.CAUSE_ENTITY,
    "exception": Scope.CAUSE_EXCEPTION,
}
_KEY = re.compile(r"\w+", re.A)
_BOTH_SIDES = 2
_JOINING = ("and", "or", "contains", "beginswith", "endswith")


def check(expression: tree.Expression, text: str) -> None:
    """QueryErrors unless every condition may stand where it does and compares what it can."""
    mistakes = [
        QueryError(message, text, span) for message, span in _checked(expression, Scope.TRACE)
    ]
    if mistakes:
        raise QueryErrors(mistakes)


Mistakes = Iterator[tuple[str, Span]]


def _checked(expression: tree.Expression, scope: Scope) -> Mistakes:
    if isinstance(expression, tree.Not):
        yield from _checked(expression.inner, scope)
    elif isinstance(expression, tree.All | tree.Any):
        for part in expression.parts:
            yield from _checked(part, scope)
    elif isinstance(expression, tree.Simple):
        yield from _simple(expression, scope)
    elif isinstance(expression, tree.Annotation):
        yield from _annotation(expression, scope)
    else:
        yield from _complex(expression, scope)


def _simple(condition: tree.Simple, scope: Scope) -> Mistakes:
    name = condition.keyword
    entry = keywords().get(name)
    if entry is None:
        yield _unknown(name), condition.span
        return
    if scope not in entry.scopes:
        places = " and in ".join(dict.fromkeys(str(each) for each in entry.scopes))
        yield f"`{name}` cannot stand in {scope}; it stands in {places}", condition.span
        return
    if condition.comparison is not None:
        yield from _comparison(name, entry.kind, condition.comparison)
    elif entry.kind is Kind.GROUP:
        yield f'`{name}` needs the name to compare with: `{name} = "…"`', condition.span


def _unknown(name: str) -> str:
    if name == "annotation":
        return "an annotation needs its key: `annotation.key` or `annotation[key]`"
    if name in _JOINING:
        return f"`{name}` needs a condition on both sides"
    known = [*keywords(), "service", "edge", "annotation", "rootcause.json"]
    return f"unknown keyword `{name}`{did_you_mean(name, known)}"


def _comparison(name: str, kind: Kind, comparison: tree.Comparison) -> Mistakes:
    operator, value = comparison.operator, comparison.value
    if operator not in OPERATORS[kind]:
        told = ", ".join(f"`{each}`" for each in OPERATORS[kind])
        yield f"`{name}` is {kind}, which takes {told}, not `{operator}`", comparison.span
    elif not _fits(kind, value):
        wanted = {Kind.BOOLEAN: "true or false", Kind.NUMBER: "a number without quotes"}
        told = wanted.get(kind, "a text in double quotes")
        yield f"`{name}` is compared with {told}", comparison.span
    elif isinstance(value, float) and not math.isfinite(value):
        yield "the number is too large", comparison.span


def _fits(kind: Kind, value: tree.Value) -> bool:
    if kind is Kind.BOOLEAN:
        return isinstance(value, bool) or value in ("true", "false")
    if kind is Kind.NUMBER:
        return isinstance(value, float)
    return isinstance(value, str)


def _annotation(condition: tree.Annotation, scope: Scope) -> Mistakes:
    key, span = condition.key, condition.span
    if condition.side and scope is not Scope.EDGE:
        message = f"`{condition.side}.annotation` stands only in {Scope.EDGE}"
        yield message, span
    elif scope not in (Scope.TRACE, Scope.SERVICE, Scope.EDGE):
        yield f"annotations cannot stand in {scope}", span
    if not key:
        yield "an annotation needs its key: `annotation.key` or `annotation[key]`", span
    elif condition.dotted and not _KEY.fullmatch(key):
        yield f"the key `{key}` needs brackets: `annotation[{key}]`", span
    comparison = condition.comparison
    if comparison is None:
        return
    if comparison.operator in TEXT[2:] and not isinstance(comparison.value, str):
        yield f"`{comparison.operator}` needs a text in double quotes", comparison.span
    elif isinstance(comparison.value, bool) and comparison.operator not in ("=", "!="):
        told = f"true and false take `=` and `!=`, not `{comparison.operator}`"
        yield told, comparison.span
    elif isinstance(comparison.value, float) and not math.isfinite(comparison.value):
        yield "the number is too large", comparison.span


def _complex(
    condition: tree.Service | tree.Edge | tree.Cause | tree.CauseJson, scope: Scope
) -> Mistakes:
    if scope is not Scope.TRACE:
        name = type(condition).__name__.lower().replace("cause", "rootcause")
        yield f"`{name.removesuffix('json')}` cannot stand in {scope}", condition.span
    if isinstance(condition, tree.Service | tree.Edge):
        yield from _called(condition)
    elif isinstance(condition, tree.Cause):
        yield from _cause(condition)
    else:
        yield from _cause_json(condition)


def _called(condition: tree.Service | tree.Edge) -> Mistakes:
    count = len(condition.selectors)
    if isinstance(condition, tree.Service) and count > 1:
        yield "`service()` takes one service", condition.selectors[1].span
    if isinstance(condition, tree.Edge) and count not in (0, _BOTH_SIDES):
        told = '`edge()` takes the caller and the called: `edge("api", "db")`'
        yield told, condition.span if count == 1 else condition.selectors[-1].span
    for selector in condition.selectors:
        yield from _selector(selector)
    if condition.inner is not None:
        inside = Scope.SERVICE if isinstance(condition, tree.Service) else Scope.EDGE
        yield from _checked(condition.inner, inside)


def _selector(selector: tree.Selector) -> Mistakes:
    for name, value in selector.arguments:
        if name not in ARGUMENTS:
            hint = did_you_mean(name, ARGUMENTS) or f"; it takes {', '.join(ARGUMENTS)}"
            yield f"`id()` has no argument `{name}`{hint}", selector.span
        elif not isinstance(value, str):
            yield f"`{name}` in `id()` is a text in double quotes", selector.span


def _cause(condition: tree.Cause) -> Mistakes:
    kind, part = condition.kind, condition.part
    known = [f"rootcause.{k}.{p}" for k in KINDS for p in PARTS]
    known.remove("rootcause.responsetime.exception")
    name = f"rootcause.{kind}.{part}"
    if (kind, part) == ("responsetime", "exception"):
        yield "root causes of response time have no exceptions", condition.span
    elif name not in known:
        yield f"unknown root cause `{name}`{did_you_mean(name, known)}", condition.span
    elif condition.inner is not None:
        covered = (kind, part) == ("responsetime", "entity")
        scope = Scope.CAUSE_COVERED if covered else _CAUSE_SCOPES[part]
        yield from _checked(condition.inner, scope)


def _cause_json(condition: tree.CauseJson) -> Mistakes:
    if condition.operator != "=":
        yield f"`rootcause.json` takes `=`, not `{condition.operator}`", condition.span
    try:
        json.dumps(condition.shape, allow_nan=False)
    except ValueError as error:
        yield f"this is no JSON: {error}", condition.span
