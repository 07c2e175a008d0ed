"""The actions suppressor of a composite alarm, with its wait and its extension.

A change of the composite waits, so that a suppressor that is about to raise can still
stop it; when the suppressor is over, an extension gives the composite time to recover.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from app.model.states import AlarmState

Action = tuple[float, AlarmState]
Event = tuple[float, Literal["composite", "suppressor"] | str, AlarmState | str]


class By(StrEnum):
    """ActionsSuppressedBy: what holds the actions back."""

    ALARM = "Alarm"
    WAIT = "WaitPeriod"
    EXTENSION = "ExtensionPeriod"


@dataclass(frozen=True, slots=True)
class Suppression:
    """What is known at a moment. ``until`` is set while a wait or an extension runs.

    ``pending`` is true for any change whose action has not run (S1); without it the
    end of a wait or an extension runs nothing.
    """

    wait: float
    extension: float
    composite: AlarmState = AlarmState.OK
    suppressor: AlarmState = AlarmState.OK
    pending: bool = False
    by: By | None = None
    until: float | None = None

    def composite_changes(self, at: float, state: AlarmState) -> tuple[Suppression, list[Action]]:
        """The composite comes into another state."""
        changed = replace(self, composite=state, pending=True)
        if self._is_suppressed:
            return replace(changed, by=By.ALARM, until=None), []
        return changed._rest(at, By.WAIT, self.wait)

    def suppressor_changes(self, at: float, state: AlarmState) -> tuple[Suppression, list[Action]]:
        """The suppressor changes; only ALARM suppresses (S2).

        With nothing pending it changes nothing; recorded.
        """
        was, changed = self._is_suppressed, replace(self, suppressor=state)
        if changed._is_suppressed and not was:
            return replace(changed, by=By.ALARM if self.pending else None, until=None), []
        if was and not changed._is_suppressed and self.pending:
            return changed._rest(at, By.EXTENSION, self.extension)
        return changed, []

    def time_passes(self, now: float) -> tuple[Suppression, list[Action]]:
        """A wait or an extension that has ended by ``now`` runs the action of the current state."""
        if self.until is None or self.until > now:
            return self, []
        return self._acted(self.until)

    @property
    def _is_suppressed(self) -> bool:
        return self.suppressor is AlarmState.ALARM

    def _rest(self, at: float, by: By, length: float) -> tuple[Suppression, list[Action]]:
        if not length:
            return self._acted(at)
        return replace(self, by=by, until=at + length), []

    def _acted(self, at: float) -> tuple[Suppression, list[Action]]:
        actions = [(at, self.composite)] if self.pending else []
        return replace(self, pending=False, by=None, until=None), actions


def suppressor_timeline(
    events: Sequence[Event],
    *,
    wait: float,
    extension: float,
    composite_initial: AlarmState | str = AlarmState.OK,
    suppressor_initial: AlarmState | str = AlarmState.OK,
    end: float,
    actions: Iterable[AlarmState | str] | None = None,
) -> list[Action]:
    """When the actions of a composite run, as (time, state).

    The keys of a sample of kind ``suppressor`` are the arguments. ``events`` are rows of
    time, ``composite`` or ``suppressor``, and the new state; ``actions`` names the states
    that have actions (all). What is due at the moment of an event comes before it.
    """
    now = Suppression(
        wait, extension, AlarmState(composite_initial), AlarmState(suppressor_initial)
    )
    done: list[Action] = []
    for at, who, state in sorted(events, key=lambda event: event[0]):
        now, acted = now.time_passes(at)
        done += acted
        change = now.composite_changes if who == "composite" else now.suppressor_changes
        current = now.composite if who == "composite" else now.suppressor
        if AlarmState(state) is not current:
            now, acted = change(at, AlarmState(state))
            done += acted
    _, acted = now.time_passes(end)
    return _with_actions([*done, *acted], actions)


def _with_actions(
    done: Iterable[Action], actions: Iterable[AlarmState | str] | None
) -> list[Action]:
    wanted = set(AlarmState) if actions is None else {AlarmState(state) for state in actions}
    return [(at, state) for at, state in done if state in wanted]
