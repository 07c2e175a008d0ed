"""A rule held against the states of alarms, and which of them decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.model.ids import Place
from app.model.states import AlarmState
from app.query.alarm_rule.check import check
from app.query.alarm_rule.parse import parse
from app.query.alarm_rule.tree import Any, AtLeast, Condition, Constant, Group, Not, Ref, Rule, refs
from app.query.lang import QueryError, Span


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a rule holds, and the alarms that make it so: while they stay, so does it."""

    holds: bool
    deciding: tuple[str, ...] = ()


def evaluate(
    rule: str,
    states: Mapping[str, AlarmState | str],
    *,
    name: str | None = None,
    composites: Mapping[str, str] | None = None,
    place: Place | None = None,
) -> bool:
    """Whether the rule of a composite alarm holds: True means ALARM, False means OK.

    ``states`` maps names of alarms to their states. ``name`` (``self`` in the samples) is the
    composite's own, which its rule must not reach; ``composites`` maps names to rules whose
    states are derived. An ARN stands for the name in it; with ``place`` only one of that account
    and Region does. Raises QueryError (``error`` in the samples) for a rule that CloudWatch
    refuses, an unknown name, and a cycle.
    """
    return explain(rule, states, name=name, composites=composites, place=place).holds


def explain(
    rule: str,
    states: Mapping[str, AlarmState | str],
    *,
    name: str | None = None,
    composites: Mapping[str, str] | None = None,
    place: Place | None = None,
) -> Outcome:
    """The same with the deciding alarms; all names are checked, also where they cannot matter."""
    known = {each: AlarmState(state) for each, state in states.items()}
    return _Evaluation(known, dict(composites or {}), place).of(rule, name)


@lru_cache(maxsize=4096)
def _tree(text: str) -> Rule:
    """A rule is evaluated at every tick and changes rarely."""
    return parse(text)


class _Evaluation:
    """Derives the states of composites while it goes, each once."""

    def __init__(
        self, states: dict[str, AlarmState], composites: dict[str, str], place: Place | None
    ) -> None:
        self._states, self._composites, self._place = states, composites, place
        self._derived: dict[str, AlarmState] = {}
        self._open: list[str] = []

    def of(self, text: str, name: str | None) -> Outcome:
        tree = _tree(text)
        if name is not None:
            self._open.append(name)
        check(tree, text, self._known, self._name_of)
        self._refuse_cycles(tree, text)
        outcome = self._outcome(tree)
        if name is not None:
            self._open.pop()
        return outcome

    def _known(self) -> set[str]:
        return {*self._states, *self._composites}

    def _name_of(self, ref: Ref) -> str | None:
        known = self._known() | set(self._open)
        if ref.name in known:
            return ref.name
        name = _name_in_arn(ref.name, self._place)
        return name if name in known else None

    def _refuse_cycles(self, tree: Rule, text: str) -> None:
        """Derive every composite that the rule names; one that is being derived is a cycle."""
        for ref in refs(tree):
            name = self._name_of(ref) or ref.name
            if name in self._open:
                way = " -> ".join([*self._open[self._open.index(name) :], name])
                what = "itself" if len(self._open) == 1 else f"itself: {way}"
                raise QueryError(f"the alarm `{name}` would depend on {what}", text, ref.span)
            if name in self._composites and name not in self._derived:
                holds = self._derive(name, text, ref.span)
                self._derived[name] = AlarmState.ALARM if holds else AlarmState.OK

    def _derive(self, name: str, text: str, span: Span) -> bool:
        try:
            return self.of(self._composites[name], name).holds
        except QueryError as error:
            raise QueryError(f"in the rule of `{name}`: {error.message}", text, span) from error

    def _state(self, ref: Ref) -> AlarmState:
        name = self._name_of(ref) or ref.name
        return self._derived[name] if name in self._derived else self._states[name]

    def _outcome(self, rule: Rule) -> Outcome:
        """One frame a level, so that deep rules do not exhaust the stack."""
        if isinstance(rule, Condition):
            return Outcome(self._state(rule.ref) is rule.state, (rule.ref.name,))
        if isinstance(rule, AtLeast):
            return self._at_least(rule)
        if isinstance(rule, Constant):
            return Outcome(rule.value)
        if isinstance(rule, Group):
            return self._outcome(rule.inner)
        if isinstance(rule, Not):
            inner = self._outcome(rule.inner)
            return Outcome(not inner.holds, inner.deciding)
        outcomes = [self._outcome(part) for part in rule.parts]
        return _joined(outcomes, decides=isinstance(rule, Any))

    def _at_least(self, rule: AtLeast) -> Outcome:
        matching = [r for r in rule.refs if (self._state(r) is rule.state) != rule.negated]
        count = len(matching)
        scale = 100 if rule.percent else 1
        wanted = rule.threshold * (len(rule.refs) if rule.percent else 1)
        holds = count * scale >= wanted
        deciding = matching if holds else [r for r in rule.refs if r not in matching]
        return Outcome(holds, _once([ref.name for ref in deciding]))


def _joined(outcomes: list[Outcome], *, decides: bool) -> Outcome:
    """OR is decided by what holds, AND by what does not; otherwise all parts decide together."""
    deciding = [outcome for outcome in outcomes if outcome.holds is decides]
    holds = decides if deciding else not decides
    parts = deciding or outcomes
    return Outcome(holds, _once([name for outcome in parts for name in outcome.deciding]))


def _once(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _name_in_arn(text: str, place: Place | None) -> str | None:
    """The name at the end of an alarm's ARN, None for other texts and other places."""
    parts = text.split(":", 6)
    if len(parts) != 7 or parts[0] != "arn" or parts[2] != "cloudwatch" or parts[5] != "alarm":
        return None
    if place is not None and (parts[3], parts[4]) != (place.region, place.account):
        return None
    return parts[6]
