"""What was written in a rule, with its places; printing it gives a rule that means the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.model.states import AlarmState
from app.query.lang import Span

_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Ref:
    """A name or an ARN of another alarm."""

    name: str
    span: Span = field(default=_NOWHERE, compare=False)

    def __str__(self) -> str:
        escaped = self.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class Condition:
    """``ALARM(name)``: the alarm is in that state."""

    state: AlarmState
    ref: Ref

    def __str__(self) -> str:
        return f"{self.state}({self.ref})"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """``AT_LEAST(2, NOT OK, (a, b, c))``: so many of the listed alarms, or percent of them."""

    threshold: int
    percent: bool
    negated: bool
    state: AlarmState
    refs: tuple[Ref, ...]
    span: Span = field(default=_NOWHERE, compare=False)

    def __str__(self) -> str:
        refs = ", ".join(map(str, self.refs))
        state = f"{'NOT ' if self.negated else ''}{self.state}"
        return f"AT_LEAST({self.threshold}{'%' if self.percent else ''}, {state}, ({refs}))"


@dataclass(frozen=True, slots=True)
class Constant:
    """``TRUE`` or ``FALSE``."""

    value: bool

    def __str__(self) -> str:
        return "TRUE" if self.value else "FALSE"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    inner: Rule

    def __str__(self) -> str:
        return f"NOT {self.inner}"


@dataclass(frozen=True, slots=True)
class Group:
    """What stands in round brackets."""

    inner: Rule

    def __str__(self) -> str:
        return f"({self.inner})"


@dataclass(frozen=True, slots=True)
class All:
    """Parts joined by AND."""

    parts: tuple[Rule, ...]

    def __str__(self) -> str:
        return " AND ".join(map(str, self.parts))


@dataclass(frozen=True, slots=True)
class Any:
    """Parts joined by OR."""

    parts: tuple[Rule, ...]

    def __str__(self) -> str:
        return " OR ".join(map(str, self.parts))


Rule = Condition | AtLeast | Constant | Not | Group | All | Any


def walk(rule: Rule) -> Iterator[Rule]:
    """Every node of a rule, without recursion."""
    waiting: list[Rule] = [rule]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Not | Group):
            waiting.append(node.inner)
        elif isinstance(node, All | Any):
            waiting.extend(reversed(node.parts))


def refs(rule: Rule) -> list[Ref]:
    """Every alarm that a rule names, in order, as often as it is named."""
    found: list[Ref] = []
    for node in walk(rule):
        if isinstance(node, Condition):
            found.append(node.ref)
        elif isinstance(node, AtLeast):
            found.extend(node.refs)
    return found


def elements(rule: Rule) -> int:
    """How many elements CloudWatch counts in a rule: references, constants and pairs of brackets.

    Source: PutCompositeAlarm, AlarmRule: a rule has at most 500 elements. Whether the brackets
    count one by one is not documented; a pair counts once here.
    """
    return len(refs(rule)) + sum(isinstance(node, Constant | Group) for node in walk(rule))
