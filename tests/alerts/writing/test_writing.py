"""The form of an alarm: what it makes, what it would do, and how it is saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.writing import Draft, Writer, put_of
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition, Origin, Severity
from app.model.time import Window
from tests.support.alarm_yard import NAMESPACE, NOON, PLACE, Yard, alarm

HOUR = timedelta(hours=1)
WINDOW = Window(NOON - HOUR, NOON)
LATE = Draft(
    place="blog-prod/eu-central-1", name="late", namespace=NAMESPACE, metric="Signal",
    statistic="Maximum", periods="1", needed="1", threshold="80", channels="ops",
)  # fmt: skip
SAID = ("ada", "they were late")


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    made.points("1x29 90 1x28", NOON)
    made.answered(NOON - 2 * HOUR, NOON)
    yield made
    made.close()


@pytest.fixture
def writer(yard: Yard) -> Writer:
    places = {str(PLACE): PLACE, "blog-prod/eu-central-1": PLACE}
    return Writer(yard.store, Catalogue({}), places, ["ops", "team"])


def test_the_form_makes_parameters() -> None:
    put, wrong = put_of(replace(LATE, dimensions="Queue=orders, Stage = prod ", threshold="1,5"))
    assert wrong == []
    assert put["Dimensions"] == [
        {"Name": "Queue", "Value": "orders"}, {"Name": "Stage", "Value": "prod"},
    ]  # fmt: skip
    assert (put["Threshold"], put["Statistic"], put["DatapointsToAlarm"]) == (1.5, "Maximum", 1)
    assert put_of(replace(LATE, statistic="p99"))[0]["ExtendedStatistic"] == "p99"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"threshold": "much"}, "The threshold must be a number.", id="threshold"),
        pytest.param({"period": ""}, "The period must be a whole number.", id="period"),
        pytest.param({"dimensions": "orders"}, "“orders” is no dimension", id="dimension"),
        pytest.param({"period": "61"}, "Period must be 10, 20, 30", id="what AWS refuses"),
        pytest.param({"parameters": "{}"}, "holds no alarms", id="parameters"),
    ],
)
def test_what_is_wrong_with_the_form_is_said(fields: dict[str, str], message: str) -> None:
    _, wrong = put_of(replace(LATE, **fields))
    assert message in " ".join(wrong)


@pytest.mark.parametrize(
    "put",
    [
        pytest.param(alarm("a", Dimensions=[{"Name": "Q", "Value": "o"}]).put(), id="one metric"),
        pytest.param({**alarm("a").put(), "Unit": "Count"}, id="a field beyond the form"),
        pytest.param({"AlarmName": "a", "AlarmRule": "TRUE"}, id="composite"),
    ],
)
def test_an_alarm_fills_the_form_and_comes_back(put: dict[str, Any]) -> None:
    draft = Draft.of(AlarmDefinition(PLACE, put, Severity.WARNING, channels=("ops", "team")))
    back, wrong = put_of(draft)
    given = {k: v for k, v in put.items() if v is not True and v != []}
    assert (wrong, {**back, "TreatMissingData": None} | {"TreatMissingData": None}) == (
        [], given | {"TreatMissingData": None},
    )  # fmt: skip
    assert (draft.severity, draft.told) == ("warning", ("ops", "team"))


def test_inputs_may_be_numbers_or_empty() -> None:
    draft = Draft.from_form({"threshold": 5, "metric": None, "unknown": 1})
    assert (draft.threshold, draft.metric) == ("5", "")


def test_the_preview_rehearses_and_lints(yard: Yard, writer: Writer) -> None:
    found = writer.preview(replace(LATE, channels=""), WINDOW, NOON)
    assert found.problems == ()
    assert found.rehearsal is not None
    assert (found.rehearsal.pages, found.before) == (1, None)
    assert [each.trap for each in found.findings] == ["no-action"]


def test_the_preview_stands_beside_the_alarm_as_it_is(yard: Yard, writer: Writer) -> None:
    writer.save(LATE, "", SAID, NOON)
    found = writer.preview(replace(LATE, threshold="95"), WINDOW, NOON)
    assert found.before is not None
    assert found.beside is not None
    assert (found.before.pages, len(found.beside.only_first)) == (1, 1)
    assert writer.preview(LATE, WINDOW, NOON).before is None


def test_a_form_with_problems_has_no_preview(writer: Writer) -> None:
    found = writer.preview(replace(LATE, place="nowhere", channels="opps"), WINDOW, NOON)
    assert found.rehearsal is None
    assert found.problems == (
        "Say where it belongs: blog-prod/eu-central-1.",
        "There is no channel opps; known are ops, team.",
    )


def test_what_is_saved_is_judged_and_on_record(yard: Yard, writer: Writer) -> None:
    saved = writer.save(LATE, "", SAID, NOON)
    yard.engine().tick(NOON)
    [found] = yard.store.ledger.definitions()
    assert (found.id, found.origin, found.channels) == (saved.alarm, Origin.PAGE, ("ops",))
    assert [(each.author, each.comment) for each in writer.history(saved.alarm)] == [SAID]
    writer.save(replace(LATE, threshold="95"), saved.alarm, ("bob", "too loud"), NOON + HOUR)
    existing = writer.existing(saved.alarm)
    assert existing is not None
    assert existing.put["Threshold"] == 95.0
    assert len(writer.history(saved.alarm)) == 2


def test_a_removed_alarm_is_judged_no_more(yard: Yard, writer: Writer) -> None:
    saved = writer.save(LATE, "", SAID, NOON)
    with pytest.raises(ValueError, match="Write a reason first"):
        writer.remove(saved.alarm, ("ada", " "), NOON)
    writer.remove(saved.alarm, SAID, NOON)
    yard.engine().tick(NOON)
    assert yard.store.ledger.definitions() == []
    with pytest.raises(ValueError, match="Only alarms that were written here"):
        writer.remove(saved.alarm, SAID, NOON)


@pytest.mark.parametrize(
    ("draft", "said", "message"),
    [
        pytest.param(LATE, ("ada", ""), "Write a reason first.", id="no reason"),
        pytest.param(replace(LATE, name="orders"), SAID, "stands in config.yaml", id="settings"),
        pytest.param(replace(LATE, name=""), SAID, "AlarmName must have a length", id="no name"),
        pytest.param(
            replace(LATE, parameters=json.dumps({"AlarmName": "x", "AlarmRule": "ALARM(nobody)"})),
            SAID, "do not exist", id="a composite of nobody",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_saved_says_why(
    yard: Yard, writer: Writer, draft: Draft, said: tuple[str, str], message: str
) -> None:
    yard.engine(alarm("orders")).tick(NOON)
    with pytest.raises(ValueError, match=message):
        writer.save(draft, "", said, NOON)
    assert yard.store.own_alarms.standing() == []


def test_a_new_alarm_takes_no_name_that_is_taken(writer: Writer) -> None:
    writer.save(LATE, "", SAID, NOON)
    with pytest.raises(ValueError, match="There is an alarm of this name already"):
        writer.save(LATE, "", SAID, NOON)
