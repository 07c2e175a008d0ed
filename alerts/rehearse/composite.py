"""What a composite alarm would have done: its rule over the recorded states of its children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from alerts.rehearse.outcome import Change, Rehearsal
from app.model.alarms import AlarmDefinition, Transition
from app.model.lines import Line
from app.model.states import AlarmState
from app.model.time import Window
from app.query.alarm_rule import explain
from app.store import Ledger

MOST = 20_000
LONG_AGO = timedelta(days=4_000)
TICK = timedelta(minutes=1)


def rehearsed(definition: AlarmDefinition, ledger: Ledger, window: Window) -> Rehearsal:
    """The composite over ``window``; QueryError for a rule that cannot be judged."""
    siblings = [d for d in ledger.definitions() if d.place == definition.place]
    names = {d.id: d.name for d in siblings if d.id != definition.id}
    states = {name: _before(ledger, id_, window) for id_, name in names.items()}
    moved = [
        t for t in ledger.transitions(window=window, limit=MOST, brief=True) if t.alarm in names
    ]
    changes = tuple(_changes(definition, states, moved[::-1], names, window))
    nothing = Line(definition.name, window.start, TICK, np.full(1, np.nan))
    state = changes[-1].new if changes else AlarmState.INSUFFICIENT_DATA
    return Rehearsal(definition.put, window, TICK, state, changes, nothing)


def _before(ledger: Ledger, alarm: str, window: Window) -> AlarmState:
    """The state of a child when the window begins."""
    past = Window(window.start - LONG_AGO, window.start)
    newest = ledger.transitions(alarm=alarm, window=past, limit=1, brief=True)
    return newest[0].new if newest else AlarmState.INSUFFICIENT_DATA


def _changes(
    definition: AlarmDefinition,
    states: dict[str, AlarmState],
    moved: Sequence[Transition],
    names: Mapping[str, str],
    window: Window,
) -> list[Change]:
    rule = str(definition.put.get("AlarmRule"))
    found: list[Change] = []
    state = AlarmState.INSUFFICIENT_DATA
    steps = [(window.start, None), *((t.at, t) for t in moved)]
    for at, transition in steps:
        if transition is not None:
            states[names[transition.alarm]] = transition.new
        outcome = explain(rule, states, name=definition.name, place=definition.place)
        new = AlarmState.ALARM if outcome.holds else AlarmState.OK
        if new is not state:
            deciding = ", ".join(outcome.deciding) or "the rule alone"
            found.append(Change(at, state, new, f"The rule is {outcome.holds}: {deciding}."))
            state = new
    return found
