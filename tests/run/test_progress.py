"""When the demo says that it is ready, and what it says of its alarms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.model.alarms import AlarmDefinition, Origin
from app.model.states import AlarmState
from app.run import progress
from app.run.demo import announcements, firing_words
from app.run.progress import Progress
from app.run.status import STATUS_FILE
from tests.support.shelf import NOW, Shelf, errors_alarm, function

DAY = timedelta(hours=24)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    (tmp_path / STATUS_FILE).touch()
    yield made
    made.close()


@pytest.fixture
def looking(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Progress]:
    """Looks each time it is asked, and is not patient for long."""
    monkeypatch.setattr(progress, "LOOK_EVERY", 0.0)
    with Progress(shelf.settings) as made:
        yield made


def own(name: str) -> AlarmDefinition:
    return replace(errors_alarm(function(name)), origin=Origin.CONFIG)


def test_less_than_a_day_is_not_ready(shelf: Shelf, looking: Progress) -> None:
    shelf.cover("AWS/Lambda", timedelta(hours=20))
    shelf.alarm(own("broken"), AlarmState.ALARM, NOW)
    assert not looking.shows_a_day()
    shelf.cover("AWS/Lambda", DAY)
    assert looking.shows_a_day()


def test_what_is_made_here_has_no_past_to_wait_for(shelf: Shelf, looking: Progress) -> None:
    shelf.cover("AWS/Lambda", DAY)
    shelf.cover("Watchdeck/Spend", timedelta(hours=1))
    shelf.alarm(own("broken"), AlarmState.ALARM, NOW)
    assert looking.shows_a_day()


@pytest.mark.parametrize(
    ("states", "ready"),
    [
        pytest.param([AlarmState.ALARM, AlarmState.OK], True, id="all judged"),
        pytest.param([AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA], False, id="one without"),
        pytest.param([AlarmState.OK, AlarmState.OK], False, id="none fires"),
    ],
)
def test_a_day_is_shown_once_the_users_own_alarms_are_judged(
    shelf: Shelf, looking: Progress, states: Sequence[AlarmState], ready: bool
) -> None:
    shelf.cover("AWS/Lambda", DAY)
    for number, state in enumerate(states):
        shelf.alarm(own(f"function-{number}"), state, NOW)
    assert looking.shows_a_day() is ready


def test_patience_with_alarms_that_are_never_judged_ends(
    shelf: Shelf, looking: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.cover("AWS/Lambda", DAY)
    assert not looking.shows_a_day()
    monkeypatch.setattr(progress, "PATIENCE", timedelta())
    assert looking.shows_a_day()


def test_the_users_own_alarms_are_named_first(shelf: Shelf, looking: Progress) -> None:
    shelf.alarm(errors_alarm(function("a")), AlarmState.ALARM, NOW)
    shelf.alarm(own("z"), AlarmState.ALARM, NOW)
    shelf.alarm(own("fine"), AlarmState.OK, NOW)
    assert looking.firing() == ["z-errors", "a-errors"]


def test_what_fires_is_told_later_when_nothing_did_at_first(
    shelf: Shelf,
    looking: Progress,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", timedelta(days=-1))
    shelf.cover("AWS/Lambda", DAY)
    announced: list[str] = []
    ready, later = announcements(looking, lambda firing: announced.append(firing_words(firing)))
    assert ready()
    assert announced == ["nothing yet; the alarms are still being judged"]
    assert not later()
    shelf.alarm(own("broken"), AlarmState.ALARM, NOW)
    assert later()
    assert capsys.readouterr().out == "  Firing now:        1 alarm, broken-errors\n\n"


def test_what_fires_is_told_once(
    shelf: Shelf, looking: Progress, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.cover("AWS/Lambda", DAY)
    shelf.alarm(own("broken"), AlarmState.ALARM, NOW)
    shelf.alarm(own("worse"), AlarmState.ALARM, NOW)
    announced: list[str] = []
    ready, later = announcements(looking, lambda firing: announced.append(firing_words(firing)))
    assert ready()
    assert later()
    assert announced == ["2 alarms, such as broken-errors"]
    assert capsys.readouterr().out == ""
