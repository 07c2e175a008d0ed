"""The noise page, as values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.model.states import AlarmState
from dashboards.pages import noise
from dashboards.parts import Seen
from tests.support.shelf import NOW, Shelf, errors_alarm, function


def test_the_table_says_what_is_wrong_why_and_what_to_do(shelf: Shelf, seen: Seen) -> None:
    silent = replace(errors_alarm(function("silent")), channels=())
    shelf.alarm(silent, AlarmState.ALARM, NOW - timedelta(days=3))
    rows, detail = noise.answer(shelf.reads, "", shelf.scope(), seen)[:2]
    (row,) = rows
    assert (row["name"], row["noise"]) == ("silent-errors", "Always firing")
    assert row["why"] == "In ALARM for 3\u00a0d. Nobody is told. Typically for 3\u00a0d."
    assert row["remedy"].startswith("Mend what it watches")
    assert row["name_href"] == "/alarm/111111111111/eu-central-1/silent-errors"
    assert detail == "1 always firing · 1 no action · 3 alarms in all · 0.47 fired a week"


def test_one_kind_of_trouble_can_be_asked_for(shelf: Shelf, seen: Seen) -> None:
    silent = replace(errors_alarm(function("silent")), channels=())
    shelf.alarm(silent, AlarmState.OK, NOW - timedelta(days=3))
    assert len(noise.answer(shelf.reads, "no_action", shelf.scope(), seen)[0]) == 1
    answer = noise.answer(shelf.reads, "flapping", shelf.scope(), seen)
    assert answer[0] == []
    assert "Nothing of the kind among 3 alarms." in str(answer)


def test_no_alarm_is_no_noise(empty: Shelf, seen: Seen) -> None:
    assert "No alarm is defined." in str(noise.answer(empty.reads, "", empty.scope(), seen))
