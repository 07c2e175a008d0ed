"""The defined composite alarms, in the order in which they can be judged.

One change below gives one change of each composite above it in the same tick. A composite
that names an unknown alarm, or itself by whatever way, is kept apart with its problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.links import alarm_arn
from alerts.validation import problems
from alerts.verdict import INITIAL, Verdict
from alerts.verdict.composite import Child, Standing, judge_composite
from app.model.alarms import AlarmDefinition, AlarmKind, AlarmStatus
from app.model.ids import Place
from app.query import alarm_rule

SUPPRESSOR = "ActionsSuppressor"
Statuses = Mapping[str, AlarmStatus]


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite with the ids of the alarms that its rule names, by name."""

    definition: AlarmDefinition
    rule: str
    children: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CompositeBook:
    """All composites, children before parents; ``broken`` maps an id to what is wrong."""

    ordered: tuple[Composite, ...]
    arns: Mapping[str, str]
    broken: Mapping[str, str]

    @classmethod
    def of(cls, definitions: Sequence[AlarmDefinition]) -> CompositeBook:
        """Compile the composites among ``definitions``, which are all alarms there are."""
        own = [each for each in definitions if each.kind is AlarmKind.COMPOSITE]
        if not own:
            return cls((), {}, {})
        ids = {each.id for each in definitions}
        composites: dict[str, Composite] = {}
        broken: dict[str, str] = {}
        for definition in own:
            try:
                composites[definition.id] = _compiled(definition, ids)
            except ValueError as problem:
                broken[definition.id] = str(problem)
        ordered, circular = _in_order(composites)
        broken |= {id_: f"the rule would depend on itself: {way}" for id_, way in circular.items()}
        named = {id_ for each in ordered for id_ in each.children.values()}
        wanted = named | {each.definition.id for each in ordered}
        arns = {each.id: alarm_arn(each) for each in definitions if each.id in wanted}
        return cls(tuple(ordered), arns, broken)

    def judged(self, statuses: Statuses, now: datetime) -> Iterator[tuple[str, Verdict]]:
        """The verdicts of the composites that change, by id.

        ``statuses`` are those of all alarms after this tick's own changes.
        """
        known = {id_: statuses[id_] for id_ in self.arns if id_ in statuses}
        current = {id_: (status.state, status.since) for id_, status in known.items()}
        for each in self.ordered:
            before = statuses[each.definition.id]
            children = {
                name: Child(self.arns[id_], *current[id_])
                for name, id_ in each.children.items()
                if id_ in current
            }
            judged = None if before.reason == INITIAL else before.since
            standing = Standing(self.arns[each.definition.id], before.state, judged)
            verdict = judge_composite(each.rule, children, standing, place=each.definition.place)
            if verdict.state is not before.state:
                current[each.definition.id] = (verdict.state, now)
                yield each.definition.id, verdict


def _compiled(definition: AlarmDefinition, known: set[str]) -> Composite:
    """Raises ValueError with what AWS would say when the alarm is saved."""
    found = problems(definition.put)
    if found:
        raise ValueError(f"AWS would refuse this alarm: {' '.join(found)}")
    rule = str(definition.put["AlarmRule"])
    place = definition.place
    names = {ref.name for ref in alarm_rule.refs(alarm_rule.parse(rule))}
    children = {name_of(ref, place): id_of(ref, place) for ref in names}
    missing = [id_ for id_ in children.values() if id_ not in known]
    suppressor = definition.put.get(SUPPRESSOR)
    if suppressor and id_of(str(suppressor), place) not in known:
        missing.append(id_of(str(suppressor), place))
    if missing:
        told = ", ".join(sorted(missing))
        raise ValueError(f"alarms [{told}] in the alarm rule do not exist")
    if definition.id in children.values():
        raise ValueError("the rule would depend on itself")
    return Composite(definition, rule, children)


def name_of(reference: str, place: Place) -> str:
    """The name of an alarm that a rule names by name or by ARN; ValueError for another place."""
    parts = reference.split(":", 6)
    if len(parts) != 7 or parts[0] != "arn" or parts[2] != "cloudwatch" or parts[5] != "alarm":
        return reference
    if parts[4] != place.account:
        raise ValueError(
            "A composite alarm cannot have a child relation with alarms from another AWS account"
        )
    if parts[3] != place.region:
        raise ValueError(
            f"Error in AlarmRule [Wrong ARN region, it was {parts[3]} but {place.region} was "
            "expected instead]"
        )
    return parts[6]


def id_of(reference: str, place: Place) -> str:
    """The id of an alarm that is named by name or by ARN."""
    return f"{place.account}/{place.region}/{name_of(reference, place)}"


def _in_order(composites: Mapping[str, Composite]) -> tuple[list[Composite], dict[str, str]]:
    """Children first; what stands on a cycle or above one is told with the way round."""
    ordered: list[Composite] = []
    left = dict(composites)
    while left:
        free = [
            id_ for id_, each in left.items() if not any(c in left for c in each.children.values())
        ]
        if not free:
            return ordered, {id_: _way(id_, left) for id_ in left}
        ordered += [left.pop(id_) for id_ in free]
    return ordered, {}


def _way(start: str, left: Mapping[str, Composite]) -> str:
    way = [start]
    while len(way) == len(set(way)):
        way.append(next(c for c in left[way[-1]].children.values() if c in left))
    return " -> ".join(id_.split("/", 2)[2] for id_ in way)


__all__ = ["Composite", "CompositeBook", "id_of", "name_of"]
