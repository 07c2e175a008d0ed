"""Traps in composite alarms: rules that can never hold, or always do.

Which states a child can have follows from its own definition: with notBreaching a metric
alarm never goes back to INSUFFICIENT_DATA, and a composite never has that state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alerts.lint.case import Case, Finding, Weight
from alerts.verdict import Rule as Decision
from alerts.verdict.rule import Treatment
from app.model.states import AlarmState
from app.query.alarm_rule import parse, refs
from app.query.alarm_rule.tree import (
    All,
    AtLeast,
    Condition,
    Constant,
    Group,
    Not,
    Rule,
)
from app.query.alarm_rule.tree import Any as Some
from app.query.lang import QueryError

MOST_STEPS = 50_000
"""Assignments that are tried before the question is left open."""

_BOTH = frozenset({AlarmState.OK, AlarmState.ALARM})
States = dict[str, AlarmState]


def broken(case: Case) -> Iterator[Finding]:
    """A rule that cannot be read, or that names what is not there."""
    text = case.put.get("AlarmRule")
    if text is None:
        return
    try:
        tree = parse(str(text))
    except QueryError as error:
        yield Finding("rule-broken", Weight.ERROR, f"{error.message}.", "Correct the rule.")
        return
    missing = [name for name in _names(tree) if name not in case.others and name != case.name]
    if missing:
        yield Finding(
            "unknown-child", Weight.ERROR,
            f"It names alarms that do not exist: {', '.join(missing)}.",
            "Create them, or take them out of the rule.",
        )  # fmt: skip
    elif case.name in {name_of(ref.name) for ref in refs(tree)}:
        yield Finding(
            "own-child", Weight.ERROR, "It depends on itself.", "Take it out of its own rule."
        )


def constant(case: Case) -> Iterator[Finding]:
    """No combination of the children's states makes a difference."""
    tree = _tree(case)
    if tree is None:
        return
    domains = {name: _possible(case.others.get(name)) for name in _names(tree)}
    if _reachable(tree, domains, True) is False:
        narrow = _narrow(tree, domains)
        yield Finding(
            "never-fires", Weight.ERROR,
            "No combination of its children's states makes the rule true, so it can never fire"
            f"{narrow}.",
            "Look for conditions that exclude each other, and for OR that should be AND or the "
            "other way round.",
        )  # fmt: skip
    elif _reachable(tree, domains, False) is False:
        yield Finding(
            "always-fires", Weight.ERROR,
            "The rule is true whatever its children's states are, so it never ends.",
            "Look for OR over all states of one alarm, and for a NOT too many.",
        )  # fmt: skip


def _narrow(tree: Rule, domains: Mapping[str, frozenset[AlarmState]]) -> str:
    """Which child cannot have the state that the rule asks of it."""
    for node in _conditions(tree):
        name = name_of(node.ref.name)
        if node.state not in domains[name]:
            return f"; {name} never goes to {node.state}"
    return ""


def _possible(put: Mapping[str, Any] | None) -> frozenset[AlarmState]:
    """The states that an alarm can have once it has been judged for the first time."""
    if put is None:
        return frozenset(AlarmState)
    if put.get("AlarmRule") is not None:
        return _BOTH
    try:
        treatment = Decision.of(put).treatment
    except (KeyError, ValueError):
        return frozenset(AlarmState)
    decided = treatment in (Treatment.BREACHING, Treatment.NOT_BREACHING)
    return _BOTH if decided else frozenset(AlarmState)


def _reachable(
    tree: Rule, domains: Mapping[str, frozenset[AlarmState]], wanted: bool
) -> bool | None:
    """Whether some states make the rule ``wanted``; None where that took too long to find out."""
    names = list(domains)
    steps = [0]

    def search(position: int, states: States) -> bool | None:
        steps[0] += 1
        value = _value(tree, states)
        if value is not None or position == len(names):
            return value is wanted
        if steps[0] > MOST_STEPS:
            return None
        found: bool | None = False
        for state in sorted(domains[names[position]]):
            way = search(position + 1, {**states, names[position]: state})
            if way:
                return True
            found = None if way is None else found
        return found

    return search(0, {})


def _value(rule: Rule, states: States) -> bool | None:
    """The rule's value as far as the states tell; None is: it depends on the others."""
    if isinstance(rule, Condition):
        state = states.get(name_of(rule.ref.name))
        return None if state is None else state is rule.state
    if isinstance(rule, Constant):
        return rule.value
    if isinstance(rule, Group):
        return _value(rule.inner, states)
    if isinstance(rule, Not):
        inner = _value(rule.inner, states)
        return None if inner is None else not inner
    if isinstance(rule, AtLeast):
        return _at_least(rule, states)
    decides = isinstance(rule, Some)
    parts = [_value(part, states) for part in rule.parts]
    if decides in parts:
        return decides
    return None if None in parts else not decides


def _at_least(rule: AtLeast, states: States) -> bool | None:
    known = [states.get(name_of(ref.name)) for ref in rule.refs]
    yes = sum(s is not None and (s is rule.state) != rule.negated for s in known)
    open_ = sum(s is None for s in known)
    scale, needed = (100, rule.threshold * len(rule.refs)) if rule.percent else (1, rule.threshold)
    if yes * scale >= needed:
        return True
    return None if (yes + open_) * scale >= needed else False


def _tree(case: Case) -> Rule | None:
    text = case.put.get("AlarmRule")
    if text is None:
        return None
    try:
        return parse(str(text))
    except QueryError:
        return None


def _names(tree: Rule) -> list[str]:
    return list(dict.fromkeys(name_of(ref.name) for ref in refs(tree)))


def _conditions(tree: Rule) -> Iterator[Condition]:
    if isinstance(tree, Condition):
        yield tree
    elif isinstance(tree, Not | Group):
        yield from _conditions(tree.inner)
    elif isinstance(tree, All | Some):
        for part in tree.parts:
            yield from _conditions(part)


def name_of(text: str) -> str:
    """The name of an alarm, also where a rule gives its ARN."""
    return text.split(":", 6)[6] if text.startswith("arn:") and text.count(":") >= 6 else text


TRAPS = (broken, constant)
