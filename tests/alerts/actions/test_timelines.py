"""The documented timelines of the user guide, and recorded details."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.actions import mute_timeline, suppressor_timeline

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
