"""How one recommended alarm of one resource stands: on, done by another alarm, off, impossible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.catalogue.advice import Advice, Fit
from app.model.alarms import AlarmDefinition, Choice, Origin, Switch
from app.model.ids import Place, SeriesKey
from app.model.states import Health
from app.model.watching import inputs
from app.read.alarm_book import AlarmNow

Signature = tuple[Place, frozenset[SeriesKey], str]
"""What an alarm watches, and in which direction."""


class Cover(StrEnum):
    """How a recommended alarm of a resource stands."""

    ON = "on"
    OTHER = "other"
    COMING = "coming"
    LEAVING = "leaving"
    OFF = "off"
    IMPOSSIBLE = "impossible"
    NOT_FOR_IT = "not_for_it"


GUARDED = frozenset({Cover.ON, Cover.OTHER, Cover.COMING})
POSSIBLE = GUARDED | {Cover.OFF, Cover.LEAVING}


@dataclass(frozen=True, slots=True)
class Guard:
    """One cell of the matrix; ``alarm`` is the id of the alarm that watches, if any does."""

    advice: Advice
    cover: Cover
    why: str
    alarm: str = ""
    health: Health | None = None
    switch: Switch | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """All alarms, so that it can be told which of them guard what."""

    by_id: Mapping[str, AlarmNow]
    by_signature: Mapping[Signature, AlarmNow]
    switches: Mapping[str, Switch]

    @classmethod
    def of(cls, alarms: Iterable[AlarmNow], switches: Mapping[str, Switch]) -> Watch:
        known = list(alarms)
        signatures: dict[Signature, AlarmNow] = {}
        for alarm in known:
            mark = signature(alarm.definition)
            if mark is not None and alarm.definition.origin is not Origin.RECOMMENDED:
                signatures.setdefault(mark, alarm)
        return cls({alarm.definition.id: alarm for alarm in known}, signatures, switches)

    def guard(self, advice: Advice) -> Guard:
        """How a recommended alarm of a resource stands."""
        if advice.fit is not Fit.FITS:
            cover = Cover.NOT_FOR_IT if advice.fit is Fit.NOT_FOR_IT else Cover.IMPOSSIBLE
            return Guard(advice, cover, advice.why)
        switch = self.switches.get(advice.id)
        own = self.by_id.get(advice.id)
        if own is not None and own.definition.origin is Origin.RECOMMENDED:
            return _on(advice, own, switch)
        other = own
        if other is None and self.by_signature:
            other = self.by_signature.get(_signature_of(advice))
        if other is not None:
            why = f"“{other.title}” watches the same series."
            return Guard(advice, Cover.OTHER, why, other.definition.id, other.health, switch)
        if switch is not None and switch.choice is Choice.ON:
            return Guard(advice, Cover.COMING, "On from the next evaluation.", switch=switch)
        return Guard(advice, Cover.OFF, _off(switch), switch=switch)


def signature(definition: AlarmDefinition) -> Signature | None:
    """What the alarm watches; None where it watches no metrics."""
    keys = frozenset(each.key for each in inputs(definition))
    return (definition.place, keys, _direction(definition)) if keys else None


def _signature_of(advice: Advice) -> Signature:
    mark = signature(AlarmDefinition(advice.resource.place, advice.put))
    return mark or (advice.resource.place, frozenset(), "")


def _direction(definition: AlarmDefinition) -> str:
    return str(definition.put.get("ComparisonOperator", "")).partition("Than")[0]


def _on(advice: Advice, own: AlarmNow, switch: Switch | None) -> Guard:
    if switch is not None and switch.choice is Choice.OFF:
        why = "Off from the next evaluation."
        return Guard(advice, Cover.LEAVING, why, own.definition.id, own.health, switch)
    by_hand = switch is not None and switch.choice is Choice.ON
    why = f"Switched on by {switch.author}." if by_hand and switch else "On, by config.yaml."
    return Guard(advice, Cover.ON, why, own.definition.id, own.health, switch)


def _off(switch: Switch | None) -> str:
    if switch is None or switch.choice is not Choice.OFF:
        return "Nothing watches this."
    because = f": {switch.comment}" if switch.comment else ""
    return f"Switched off by {switch.author}{because}."
