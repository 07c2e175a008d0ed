"""Traps in the expressions of alarms on metric math."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alerts.lint.case import Case, Finding, Weight
from alerts.verdict.rule import is_select
from app.query.lang import QueryError
from app.query.metric_math.parse import parse
from app.query.metric_math.tree import Array, Binary, Call, Expr, Id, Negative

REDUCERS = frozenset({"AVG", "MAX", "MIN", "SUM", "STDDEV", "DATAPOINT_COUNT", "METRIC_COUNT"})
OF_THE_RANGE = frozenset({"RUNNING_SUM", "REMOVE_EMPTY", "FIRST", "LAST", "RATE", "DIFF"})


def fill(case: Case) -> Iterator[Finding]:
    """FILL leaves no missing data for TreatMissingData to treat."""
    for query, tree in _expressions(case):
        if not any(call.function == "FILL" for call in _calls(tree)):
            continue
        name = query.get("Id") or "expression"
        said = (
            f"FILL in {name} leaves nothing missing, so TreatMissingData is never used, and while "
            "data is late the newest slot holds the fill value."
        )
        stuck = case.rule is not None and case.rule.m == case.rule.n
        fix = "Leave FILL out and set TreatMissingData"
        fix += "; if it must stay, ask for fewer points than N." if stuck else "."
        yield Finding("fill", Weight.WARNING, said, fix)


def over_the_range(case: Case) -> Iterator[Finding]:
    """Numbers over the whole range change with the number of slots that are fetched."""
    for query, tree in _expressions(case):
        found = sorted({_odd(call) for call in _calls(tree)} - {""})
        if found:
            yield Finding(
                "over-the-range", Weight.WARNING,
                f"{', '.join(found)} in {query.get('Id') or 'expression'} is computed over the "
                "slots that are fetched for an evaluation, not over all time: its value depends on "
                "EvaluationPeriods, and a single number is compared with every slot.",
                "Use point-by-point arithmetic, or a statistic with a longer period.",
            )  # fmt: skip


def divided(case: Case) -> Iterator[Finding]:
    """A ratio over few requests jumps: one failure of one request is 100 %."""
    for _, tree in _expressions(case):
        if any(isinstance(each, Binary) and each.operator == "/" for each in _nodes(tree)):
            guarded = any(call.function == "IF" for call in _calls(tree))
            few = case.rule is not None and case.rule.n == 1
            if few and not guarded:
                yield Finding(
                    "ratio-of-few", Weight.HINT,
                    "One point of a ratio decides; in quiet times one failed request is 100 %.",
                    "Ask for several points, or guard it: IF(requests > 20, errors / requests, 0).",
                )  # fmt: skip


def _expressions(case: Case) -> Iterator[tuple[Mapping[str, Any], Expr]]:
    for query in case.put.get("Metrics") or ():
        text = query.get("Expression")
        if not text or is_select(query):
            continue
        try:
            yield query, parse(str(text))
        except QueryError:  # told by what AWS would refuse
            continue


def _odd(call: Call) -> str:
    """The name of a call whose value hangs on the whole range."""
    if call.function in OF_THE_RANGE:
        return call.function
    one = len(call.arguments) == 1 and isinstance(call.arguments[0], Id)
    if call.function in REDUCERS and one:
        return call.function
    return ""


def _calls(tree: Expr) -> Iterator[Call]:
    return (each for each in _nodes(tree) if isinstance(each, Call))


def _nodes(tree: Expr) -> Iterator[Expr]:
    waiting: list[Expr] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Negative):
            waiting.append(node.operand)
        elif isinstance(node, Binary):
            waiting += [node.left, node.right]
        elif isinstance(node, Call):
            waiting += node.arguments
        elif isinstance(node, Array):
            waiting += node.elements


TRAPS = (fill, over_the_range, divided)
