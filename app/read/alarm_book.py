"""All alarms with their state and silence, read once for whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.model.alarms import AlarmDefinition, AlarmStatus, Silence, Transition
from app.model.ids import Place
from app.model.silences import silenced_by
from app.model.states import AlarmState, Health
from app.model.time import Window
from app.read.alarm_words import Defined
from app.store import Store


@dataclass(frozen=True, slots=True)
class AlarmNow:
    """One alarm as it stands; ``status`` is None until it has been evaluated once."""

    defined: Defined
    status: AlarmStatus | None
    silence: Silence | None

    @property
    def definition(self) -> AlarmDefinition:
        return self.defined.definition

    @property
    def title(self) -> str:
        return self.defined.title

    @property
    def state(self) -> AlarmState:
        return self.status.state if self.status else AlarmState.INSUFFICIENT_DATA

    @property
    def is_firing(self) -> bool:
        return self.state is AlarmState.ALARM

    @property
    def health(self) -> Health:
        """What the alarm says of the thing that it watches."""
        if self.is_firing:
            return Health.SILENCED if self.silence else Health(self.definition.severity.value)
        if self.status is not None and self.status.problem:
            return Health.COULD_NOT_ASK
        return Health.OK if self.state is AlarmState.OK else Health.NO_DATA


def alarms_now(
    store: Store,
    definitions: Mapping[str, Defined],
    places: Iterable[Place],
    now: datetime,
) -> list[AlarmNow]:
    """Every alarm of the places, in the order of ``definitions``, which are named by id."""
    wanted = set(places)
    statuses = store.ledger.statuses()
    silences = store.ledger.silences(now)
    return [
        AlarmNow(each, statuses.get(id_), silenced_by(each.definition, silences, now))
        for id_, each in definitions.items()
        if each.definition.place in wanted
    ]


def by_alarm(transitions: Iterable[Transition]) -> dict[str, list[Transition]]:
    """The transitions of each alarm, by its id."""
    found: dict[str, list[Transition]] = {}
    for transition in transitions:
        found.setdefault(transition.alarm, []).append(transition)
    return found


def firing_windows(
    alarm: AlarmNow, transitions: Sequence[Transition], window: Window
) -> list[Window]:
    """When the alarm stood in ALARM; ``transitions`` are its own within the window, any order."""
    told = sorted(transitions, key=lambda t: t.at)
    state = told[0].old if told else alarm.state
    begun = window.start
    if not told and alarm.status is not None:
        begun = max(begun, min(alarm.status.since, window.end))
    found = []
    for transition in told:
        if state is AlarmState.ALARM and begun < transition.at:
            found.append(Window(begun, min(transition.at, window.end)))
        state, begun = transition.new, max(transition.at, window.start)
    if state is AlarmState.ALARM and begun < window.end:
        found.append(Window(begun, window.end))
    return found
