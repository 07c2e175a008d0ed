"""The page that writes alarms: what the form holds, what the preview tells, what saving says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from plotly.utils import PlotlyJSONEncoder

from alerts.writing import Draft
from app.model.lines import Line
from app.model.time import Window
from dashboards.figures.rehearsal import reduced
from dashboards.pages import alarm_edit, alarm_preview
from dashboards.parts import Seen
from tests.support.components import every, text
from tests.support.figures import size, valid
from tests.support.shelf import NOW, Shelf, errors_alarm, function

ERRORS = Draft(
    place="prod/eu-central-1", name="too many", namespace="AWS/Lambda", metric="Errors",
    dimensions="FunctionName=failing", statistic="Sum", periods="3", threshold="50",
)  # fmt: skip
SAID = ("ada", "they fail")


def values(shelf: Shelf, **query: str) -> dict[str, Any]:
    """What stands in each field of the form."""
    content = alarm_edit.layout(shelf.reads, **query)
    found = (one for one in every(content) if isinstance(getattr(one, "id", None), dict))
    return {
        one.id["key"]: getattr(one, "value", None) for one in found if one.id["part"] == "field"
    }


def said(answer: Any) -> str:
    return json.dumps(answer, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_a_new_form_takes_what_the_address_says(shelf: Shelf) -> None:
    found = values(shelf, namespace="AWS/SQS", metric="Age", odd="x")
    assert (found["namespace"], found["metric"], found["operator"]) == (
        "AWS/SQS", "Age", "GreaterThanThreshold",
    )  # fmt: skip


def test_an_alarm_that_is_changed_fills_the_form(shelf: Shelf) -> None:
    found = values(shelf, alarm=errors_alarm(function("failing")).id)
    assert found["place"] == "prod/eu-central-1"
    assert (found["name"], found["dimensions"]) == ("failing-errors", "FunctionName=failing")
    assert (found["needed"], found["periods"], found["threshold"]) == ("3", "3", "0")


def test_the_preview_draws_what_would_have_happened(shelf: Shelf, seen: Seen) -> None:
    answer = alarm_preview.answer(shelf.reads, ERRORS, shelf.scope(), seen)
    figure = valid(answer[0])
    assert size(answer[0]) < 60_000
    assert figure["data"][0]["name"] == "Errors"
    words = said(answer)
    assert "Pages a week" in words
    assert "It tells nobody, and no composite alarm looks at it." in words


def test_what_is_missing_stands_instead_of_the_preview(shelf: Shelf, seen: Seen) -> None:
    answer = alarm_preview.answer(shelf.reads, replace(ERRORS, threshold=""), shelf.scope(), seen)
    words = said(answer)
    assert "The threshold must be a number." in words
    assert "Fill in the form." in words


def test_a_changed_alarm_stands_beside_the_one_that_is(shelf: Shelf, seen: Seen) -> None:
    draft = replace(ERRORS, name="failing-errors", threshold="100")
    words = said(alarm_preview.answer(shelf.reads, draft, shelf.scope(), seen))
    assert "(as it is: 1)" in words
    assert "Only as it is" in words


def test_saving_says_so_and_stays_on_record(shelf: Shelf, seen: Seen) -> None:
    refused = alarm_edit.saved(shelf.reads, ERRORS, "", ("ada", ""), seen)
    assert refused == ("Write a reason first.", "")
    words, alarm = alarm_edit.saved(shelf.reads, ERRORS, "", SAID, seen)
    assert text(words) == "Saved; it holds from the next evaluation on. Open it"
    [version] = shelf.store.own_alarms.standing()
    assert alarm == version.alarm
    record = text(alarm_edit.recorded(shelf.reads, version.alarm, seen)[0])
    assert record == "12:00 written with threshold 50, by ada: they fail"
    assert alarm_edit.removed(shelf.reads, version.alarm, SAID, seen) == (
        "Removed; it ends with the next evaluation."
    )
    assert shelf.store.own_alarms.standing() == []


def test_what_was_just_saved_can_be_changed_once_more(shelf: Shelf, seen: Seen) -> None:
    _, alarm = alarm_edit.saved(shelf.reads, ERRORS, "", SAID, seen)
    words, again = alarm_edit.saved(shelf.reads, replace(ERRORS, threshold="9"), alarm, SAID, seen)
    assert (text(words)[:6], again) == ("Saved;", alarm)


def test_what_was_not_written_here_is_not_removed_here(shelf: Shelf, seen: Seen) -> None:
    alarm = errors_alarm(function("failing")).id
    assert alarm_edit.removed(shelf.reads, alarm, SAID, seen) == (
        "Only alarms that were written here can be removed here."
    )


@pytest.mark.parametrize(("falling", "expected"), [(False, 9.0), (True, -9.0)])
def test_a_long_line_keeps_what_matters_of_each_run(falling: bool, expected: float) -> None:
    line = Line("x", NOW - timedelta(days=7), timedelta(minutes=1), np.zeros(10_080))
    line.values[5_000], line.values[5_001] = 9.0, -9.0
    short = reduced(line, Window(NOW - timedelta(days=7), NOW), falling=falling)
    assert len(short.values) <= 600
    assert expected in short.values
    assert short.start == line.start


def test_a_line_is_cut_to_the_window() -> None:
    line = Line("x", NOW - timedelta(hours=2), timedelta(minutes=1), np.arange(120.0))
    short = reduced(line, Window(NOW - timedelta(minutes=30), NOW - timedelta(minutes=10)))
    assert (short.start, short.values.tolist()) == (
        NOW - timedelta(minutes=30), list(map(float, range(90, 110))),
    )  # fmt: skip
