"""The rule of a composite alarm as a tree, each branch with its truth as of now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.model.ids import Place
from app.model.states import AlarmState, Health
from app.query.alarm_rule import parse
from app.query.alarm_rule.tree import Any, AtLeast, Condition, Constant, Group, Not, Ref, Rule
from app.query.lang import QueryError
from app.read.alarm_book import AlarmNow

_DEEPEST = 10
_STATES = {
    AlarmState.ALARM: "in ALARM",
    AlarmState.OK: "OK",
    AlarmState.INSUFFICIENT_DATA: "without data",
}


@dataclass(frozen=True, slots=True)
class Branch:
    """One node: ``holds`` is None where an alarm is not known.

    ``decides`` says that this branch makes the whole what it is. A leaf names its alarm;
    if that is a composite, its own rule stands in ``parts``.
    """

    says: str
    holds: bool | None
    decides: bool = False
    parts: tuple[Branch, ...] = ()
    alarm: str = ""
    title: str = ""
    health: Health | None = None
    since: datetime | None = None


Titled = Callable[[AlarmNow], str]


def tree(alarm: AlarmNow, alarms: Mapping[str, AlarmNow], titled: Titled) -> Branch | None:
    """The tree of a composite; None for any other alarm and for a rule that is broken.

    ``alarms`` are all of its account and Region, by id; ``titled`` says what to call one.
    """
    return _of_alarm(alarm, _Growing(alarms, titled, alarm.definition.place, ()))


def _of_alarm(alarm: AlarmNow, growing: _Growing) -> Branch | None:
    above = growing.above
    text = alarm.definition.put.get("AlarmRule")
    if not text or len(above) > _DEEPEST or alarm.definition.id in above:
        return None
    try:
        rule = parse(str(text))
    except QueryError:
        return None
    return _marked(replace(growing, above=(*above, alarm.definition.id)).branch(rule))


@dataclass(frozen=True, slots=True)
class _Growing:
    """Grows branches from a rule, with the alarms that its names stand for."""

    alarms: Mapping[str, AlarmNow]
    titled: Titled
    place: Place
    above: tuple[str, ...]

    def branch(self, rule: Rule) -> Branch:
        if isinstance(rule, Group):
            return self.branch(rule.inner)
        if isinstance(rule, Condition):
            return self._leaf(rule.ref, rule.state, negated=False)
        if isinstance(rule, Constant):
            return Branch("always true" if rule.value else "never true", rule.value)
        if isinstance(rule, AtLeast):
            return self._at_least(rule)
        if isinstance(rule, Not):
            inner = self.branch(rule.inner)
            holds = None if inner.holds is None else not inner.holds
            return Branch("not", holds, parts=(inner,))
        parts = tuple(self.branch(part) for part in rule.parts)
        if isinstance(rule, Any):
            return Branch("any of", _any([p.holds for p in parts]), parts=parts)
        return Branch("all of", _all([p.holds for p in parts]), parts=parts)

    def _leaf(self, ref: Ref, state: AlarmState, *, negated: bool) -> Branch:
        found = self.alarms.get(self._id(ref))
        wanted = f"is {'not ' if negated else ''}{_STATES[state]}"
        if found is None:
            return Branch(f"{wanted}: there is no such alarm", None, title=ref.name)
        inner = _of_alarm(found, self)
        return Branch(
            wanted,
            (found.state is state) != negated,
            parts=(inner,) if inner else (),
            alarm=found.definition.id,
            title=self.titled(found),
            health=found.health,
            since=found.status.since if found.status else None,
        )

    def _at_least(self, rule: AtLeast) -> Branch:
        parts = tuple(self._leaf(ref, rule.state, negated=rule.negated) for ref in rule.refs)
        known = [part.holds for part in parts]
        scale, wanted = 1, rule.threshold
        if rule.percent:
            scale, wanted = 100, rule.threshold * len(parts)
        sure = sum(each is True for each in known) * scale >= wanted
        maybe = sum(each is not False for each in known) * scale >= wanted
        amount = f"{rule.threshold} %" if rule.percent else str(rule.threshold)
        holds = True if sure else None if maybe else False
        return Branch(f"at least {amount} of {len(parts)}", holds, parts=parts)

    def _id(self, ref: Ref) -> str:
        """By name, or by the name at the end of an ARN."""
        parts = ref.name.split(":", 6)
        named = parts[6] if len(parts) == 7 and parts[0] == "arn" else ref.name
        return f"{self.place.account}/{self.place.region}/{named}"


def _all(truths: Sequence[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def _any(truths: Sequence[bool | None]) -> bool | None:
    if True in truths:
        return True
    return None if None in truths else False


def _marked(branch: Branch, decides: bool = True) -> Branch:
    """The branch with its deciding parts marked: those that, staying, keep it as it is."""
    if branch.alarm or branch.title:
        return replace(branch, decides=decides)
    truth = {"any of": True, "all of": False}.get(branch.says, branch.holds)
    same = [part for part in branch.parts if part.holds is truth]
    told = same if branch.says in ("any of", "all of") and same else list(branch.parts)
    if branch.holds is None or branch.says.startswith("at least"):
        told = [part for part in branch.parts if part.holds is branch.holds]
    parts = tuple(_marked(part, decides and part in told) for part in branch.parts)
    return replace(branch, decides=decides, parts=parts)
