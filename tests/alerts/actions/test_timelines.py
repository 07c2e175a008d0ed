"""The documented timelines of the user guide, and recorded details."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.actions import Suppression, mute_timeline, suppressor_timeline
from app.model.states import AlarmState

C, S = "composite", "suppressor"


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([(2, C, "ALARM")], [(4, "ALARM")], id="after the wait"),
        pytest.param([(2, C, "ALARM"), (3, S, "ALARM")], [], id="stopped in the wait"),
        pytest.param([(2, C, "ALARM"), (3, C, "OK")], [(5, "OK")], id="the current state counts"),
        pytest.param(
            [(2, C, "ALARM"), (3, S, "ALARM"), (6, S, "OK")], [(9, "ALARM")], id="after extension"
        ),
        pytest.param(
            [(2, C, "ALARM"), (3, S, "ALARM"), (6, S, "OK"), (7, C, "OK")],
            [(9, "OK")],
            id="a change in the extension starts a wait",
        ),
        pytest.param(
            [(2, C, "ALARM"), (5, S, "ALARM"), (6, S, "OK")],
            [(4, "ALARM")],
            id="a suppressor that comes too late changes nothing",
        ),
        pytest.param(
            [(2, C, "ALARM"), (3, S, "INSUFFICIENT_DATA")],
            [(4, "ALARM")],
            id="only ALARM suppresses",
        ),
        pytest.param(
            [(2, C, "ALARM"), (3, S, "ALARM"), (6, S, "OK"), (8, S, "ALARM")],
            [],
            id="suppressed again in the extension",
        ),
    ],
)
def test_a_suppressor_holds_actions_back(events: list[Any], expected: list[Any]) -> None:
    assert suppressor_timeline(events, wait=2, extension=3, end=30) == expected


def test_a_suppressor_that_is_in_alarm_from_the_start_suppresses() -> None:
    found = suppressor_timeline(
        [(2, C, "ALARM"), (6, S, "OK")],
        wait=2, extension=3, suppressor_initial="ALARM", end=30,
    )  # fmt: skip
    assert found == [(9, "ALARM")]


def test_without_wait_and_extension_actions_run_at_once() -> None:
    events = [(2, C, "ALARM"), (3, S, "ALARM"), (4, C, "OK"), (5, S, "OK")]
    found = suppressor_timeline(events, wait=0, extension=0, end=30)
    assert found == [(2, "ALARM"), (5, "OK")]


def test_states_without_actions_run_nothing() -> None:
    events = [(2, C, "ALARM"), (10, C, "OK")]
    found = suppressor_timeline(events, wait=2, extension=3, end=30, actions=["OK"])
    assert found == [(12, "OK")]


A = "alarm"


@pytest.mark.parametrize(
    ("events", "mutes", "expected"),
    [
        pytest.param([(12, A, "ALARM")], [[10, 20]], [(20, "ALARM")], id="told at the end"),
        pytest.param([(5, A, "ALARM")], [[10, 20]], [(5, "ALARM")], id="not repeated"),
        pytest.param(
            [(12, A, "ALARM"), (15, A, "OK")], [[10, 20]], [(20, "OK")], id="only what is current"
        ),
        pytest.param(
            [(12, A, "ALARM")], [[10, 20], [18, 25]], [(25, "ALARM")], id="overlapping windows"
        ),
        pytest.param(
            [(12, A, "ALARM")], [[10, 20], [20, 25]], [(25, "ALARM")], id="touching windows"
        ),
        pytest.param([(20, A, "ALARM")], [[10, 20]], [(20, "ALARM")], id="the end is outside"),
        pytest.param([(10, A, "ALARM")], [[10, 20]], [(20, "ALARM")], id="the start is inside"),
        pytest.param([(12, A, "ALARM")], [[10, 40]], [], id="still muted at the end"),
    ],
)
def test_a_mute_window_holds_actions_back(
    events: list[Any], mutes: list[list[float]], expected: list[Any]
) -> None:
    assert mute_timeline(events, mutes=mutes, end=30) == expected


def test_a_muted_ok_without_action_is_not_told() -> None:
    events = [(12, A, "ALARM"), (15, A, "OK")]
    assert mute_timeline(events, mutes=[[10, 20]], end=30, actions=["ALARM"]) == []


steps = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.sampled_from(["composite", "suppressor"]),
        st.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA"]),
    ),
    max_size=8,
)


@given(steps, st.integers(0, 6), st.integers(0, 6), st.sets(st.integers(0, 40), max_size=10))
def test_looking_more_often_changes_no_action(
    events: list[tuple[int, str, str]], wait: int, extension: int, looks: set[int]
) -> None:
    """A process that ticks, or is taken over, sees the same actions at the same times."""
    whole = suppressor_timeline(events, wait=wait, extension=extension, end=40)
    now = Suppression(wait, extension)
    done: list[tuple[float, AlarmState]] = []
    at_time = sorted(events, key=lambda event: event[0])
    for at in sorted({*looks, *(event[0] for event in events), 40}):
        now, acted = now.time_passes(at)
        done += acted
        for _, who, state in (event for event in at_time if event[0] == at):
            now, acted = now.time_passes(at)
            done += acted
            current = now.composite if who == "composite" else now.suppressor
            if AlarmState(state) is not current:
                change = now.composite_changes if who == "composite" else now.suppressor_changes
                now, acted = change(at, AlarmState(state))
                done += acted
    now, acted = now.time_passes(40)
    assert [*done, *acted] == whole


@given(steps, st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4))
def test_nothing_is_told_inside_a_mute(
    events: list[tuple[int, str, str]], mutes: list[tuple[int, int]]
) -> None:
    rows = [(at, "alarm", state) for at, _, state in events]
    told = mute_timeline(rows, mutes=mutes, end=40)
    assert all(not any(start <= at < end for start, end in mutes) for at, _ in told)
