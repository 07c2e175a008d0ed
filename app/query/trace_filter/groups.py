"""Conditions on groups, put in the place of which stand the groups' own expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.query.lang import QueryError
from app.query.trace_filter import tree
from app.query.trace_filter.parse import parse

_NOTHING = tree.Any(())
"""What no trace satisfies."""


def expanded(expression: tree.Expression, groups: Mapping[str, Any]) -> tree.Expression:
    """The expression without groups. Unknown and broken ones, and those in a circle, hold nothing.

    ``groups`` maps names to expressions.
    """
    return _expanded(expression, groups, frozenset())


def _expanded(
    expression: tree.Expression, groups: Mapping[str, Any], open_: frozenset[str]
) -> tree.Expression:
    if isinstance(expression, tree.Not):
        return tree.Not(_expanded(expression.inner, groups, open_))
    if isinstance(expression, tree.All):
        return tree.All(tuple(_expanded(part, groups, open_) for part in expression.parts))
    if isinstance(expression, tree.Any):
        return tree.Any(tuple(_expanded(part, groups, open_) for part in expression.parts))
    if not isinstance(expression, tree.Simple) or not expression.keyword.startswith("group."):
        return expression
    comparison = expression.comparison
    if comparison is None:
        return _NOTHING
    group = _group(str(comparison.value), groups, open_)
    return group if comparison.operator == "=" else tree.Not(group)


def _group(wanted: str, groups: Mapping[str, Any], open_: frozenset[str]) -> tree.Expression:
    name = wanted if wanted in groups else _name_in_arn(wanted)
    if name in open_ or name not in groups:
        return _NOTHING
    try:
        expression = parse(str(groups[name] or ""))
    except QueryError:
        return _NOTHING
    return _expanded(expression, groups, open_ | {name})


def _name_in_arn(arn: str) -> str:
    """``arn:aws:xray:eu-west-1:111122223333:group/checkout/ABC`` gives ``checkout``."""
    _, found, rest = arn.partition(":group/")
    return rest.split("/", 1)[0] if found else arn
