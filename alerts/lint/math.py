"""Traps in the expressions of alarms on metric math."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alerts.lint.case import Case, Finding, Weight
from alerts.verdict.rule import is_select
from app.query.lang import QueryError
from app.query.metric_math.parse import parse
from app.query.metric_math.tree import (
    Array,
    Binary,
    Call,
    Expr,
    Id,
    Negative,
    Number,
    Text,
    Word,
    children,
    parts,
)

REDUCERS = frozenset({"AVG", "MAX", "MIN", "SUM", "STDDEV", "DATAPOINT_COUNT", "METRIC_COUNT"})
OF_THE_RANGE = frozenset({"RUNNING_SUM", "REMOVE_EMPTY", "FIRST", "LAST", "RATE", "DIFF"})


def fill(case: Case) -> Iterator[Finding]:
    """FILL leaves no missing data for TreatMissingData to treat.

    Where another series has to be there too, its gaps stay gaps, and nothing is said.
    """
    known = {str(query.get("Id")): (query, tree) for query, tree in _expressions(case)}
    trees = {id_: tree for id_, (_, tree) in known.items()}
    for id_, (query, tree) in known.items():
        if query.get("ReturnData") is False or not _is_filled(tree, trees):
            continue
        said = (
            f"FILL in {id_} leaves nothing missing, so TreatMissingData is never used, and while "
            "data is late the newest slot holds the fill value."
        )
        stuck = case.rule is not None and case.rule.m == case.rule.n
        fix = "Leave FILL out and set TreatMissingData"
        fix += "; if it must stay, ask for fewer points than N." if stuck else "."
        yield Finding("fill", Weight.WARNING, said, fix)


def _is_filled(tree: Expr, known: Mapping[str, Expr]) -> bool:
    """Whether every slot has a value, whatever is missing; ``known`` are expressions by Id."""
    match tree:
        case Id():
            later = {id_: each for id_, each in known.items() if id_ != tree.name}
            return tree.name in known and _is_filled(known[tree.name], later)
        case Call(function="FILL", arguments=(_, Word() as by)):
            return by.value == "REPEAT"
        case Call(function="FILL", arguments=(_, by)):
            return isinstance(by, Number) or _is_filled(by, known)
        case Array():
            return any(_is_filled(each, known) for each in tree.elements)
        case Negative() | Binary() | Call():
            inner = [each for each in children(tree) if not isinstance(each, Number | Text | Word)]
            return bool(inner) and all(_is_filled(each, known) for each in inner)
    return False


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
        if any(isinstance(each, Binary) and each.operator == "/" for each in parts(tree)):
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
    return (each for each in parts(tree) if isinstance(each, Call))


TRAPS = (fill, over_the_range, divided)
