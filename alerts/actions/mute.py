"""Mute windows: states go on changing, actions wait for the last window to end.

Then the action of the current state runs once, if a change was muted (S3: also the OK of
an alarm that came and went inside). What ran before a window is not repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.model.states import AlarmState

Action = tuple[float, AlarmState]
Span = tuple[float, float]


def mute_timeline(
    events: Sequence[tuple[float, str, AlarmState | str]],
    *,
    mutes: Sequence[Sequence[float]],
    alarm_initial: AlarmState | str = AlarmState.OK,
    end: float,
    actions: Iterable[AlarmState | str] | None = None,
) -> list[Action]:
    """When the actions of a muted alarm run, as (time, state).

    The keys of a sample of kind ``mute`` are the arguments. ``events`` are rows of time,
    ``alarm`` and the new state; ``mutes`` are windows of start (inside) and end (outside);
    ``actions`` names the states that have actions (all).
    """
    windows = joined(mutes)
    wanted = set(AlarmState) if actions is None else {AlarmState(state) for state in actions}
    state, pending = AlarmState(alarm_initial), None
    done: list[Action] = []
    for at, _, new in sorted(events, key=lambda event: event[0]):
        if pending is not None and pending <= at:
            done.append((pending, state))
            pending = None
        if AlarmState(new) is state:
            continue
        state = AlarmState(new)
        muted_until = next((stop for start, stop in windows if start <= at < stop), None)
        if muted_until is None:
            done.append((at, state))
        else:
            pending = muted_until
    if pending is not None and pending <= end:
        done.append((pending, state))
    return [(at, new) for at, new in done if new in wanted]


def joined(mutes: Iterable[Sequence[float]]) -> list[Span]:
    """Windows that overlap or touch become one: only the end of the last lets actions run."""
    windows: list[Span] = []
    for start, stop in sorted((float(each[0]), float(each[1])) for each in mutes):
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(windows[-1][1], stop))
        elif start < stop:
            windows.append((start, stop))
    return windows
