"""Coverage pages, as values: numbers, gaps, the matrix, and the switch beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from plotly.utils import PlotlyJSONEncoder

from app.model.alarms import Choice, Origin
from app.model.readings import Look, Reading
from app.model.states import AlarmState
from app.read import Matrix
from dashboards.pages import alarm_tabs, coverage, coverage_service, covering
from dashboards.parts import Seen
from dashboards.routes import Routes
from tests.support.shelf import HOME, NOW, Shelf, errors_alarm, function, of

HOUR = timedelta(hours=1)


def said(found: Any) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


def id_of(alarm: str, resource: str) -> str:
    return f"{HOME.account}/{HOME.region}/watchdeck/{alarm}/{resource}"


def matrix(shelf: Shelf, kind: str = "function") -> Reading[Matrix | None]:
    found = shelf.reads.coverage.matrices("lambda", shelf.scope()).value
    return Reading(next(each for each in found if each.kind == kind), Look.DATA)


def test_services_and_gaps_are_told_in_numbers(shelf: Shelf, seen: Seen) -> None:
    answer = coverage.answer(shelf.reads, shelf.scope(), seen)
    services, detail, gaps = answer[0], answer[1], answer[5]
    lambda_ = next(row for row in services if row["id"] == "lambda")
    assert (lambda_["resources"], lambda_["guarded"], lambda_["name_href"]) == (
        2,
        0,
        "/alarms/coverage/lambda",
    )
    assert detail == f"0 of {sum(row['possible'] for row in services)} recommended alarms, by gaps"
    assert len(gaps) == sum(row["gaps"] for row in services)
    assert [row["severity"] for row in gaps] == sorted(row["severity"] for row in gaps)
    errors = next(row for row in gaps if row["id"] == id_of("lambda/errors", "failing"))
    assert (errors["alarm"], errors["resource"], errors["place"]) == (
        "Errors",
        "failing",
        "prod eu-central-1",
    )


def test_no_resource_is_no_gap(empty: Shelf, seen: Seen) -> None:
    words = said(coverage.answer(empty.reads, empty.scope(), seen))
    assert "Every resource has every alarm" not in words


def test_a_row_of_the_matrix_says_how_each_alarm_stands(shelf: Shelf, seen: Seen) -> None:
    own = replace(errors_alarm(function("failing")), origin=Origin.CONFIG)
    put = {**own.put, "AlarmName": "mine"}
    shelf.alarm(replace(own, put=put), AlarmState.ALARM, NOW - HOUR)
    rows = coverage_service.answer(shelf.reads, matrix(shelf), ("", False), seen)[0]
    failing, well = rows
    assert (failing["errors"], failing["errors_state"]) == ("other", "critical")
    assert (well["errors"], well["errors_why"]) == ("off", "Nothing watches this.")
    assert well["reserved-concurrency"] == "not_for_it"
    assert failing["share"].startswith("1 of ")


def test_rows_are_found_by_tag_and_by_gap(shelf: Shelf, seen: Seen) -> None:
    found = coverage_service.answer(shelf.reads, matrix(shelf), ("project=blog", False), seen)
    assert [row["name"] for row in found[0]] == ["failing"]
    coverage_service.switched_on(shelf.reads, "lambda/function", shelf.scope())
    found = coverage_service.answer(shelf.reads, matrix(shelf), ("", True), seen)
    assert found[0] == []
    assert "No resource matches." in said(found)


def test_one_click_switches_on_every_gap_of_a_kind(shelf: Shelf) -> None:
    gaps = len(matrix(shelf).value.gaps)
    told = coverage_service.switched_on(shelf.reads, "lambda/function", shelf.scope())
    assert told == f"Switched on {gaps} alarms. They hold from the next evaluation on."
    assert len(shelf.store.switches.standing()) == gaps
    assert {each.author for each in shelf.store.switches.history()} == {"dashboard"}
    told = coverage_service.switched_on(shelf.reads, "lambda/function", shelf.scope())
    assert told == "There are no gaps."


def test_the_panel_offers_what_makes_sense(shelf: Shelf, seen: Seen) -> None:
    shelf.put(of(function("failing"), "IteratorAge"), "10x1999 400x20")
    id_ = id_of("lambda/iterator-age", "failing")
    words = said(covering.beside(shelf.reads, id_, shelf.scope(), seen))
    assert "Nothing watches this." in words
    assert "Switch on at 60\u00a0s" in words or "Switch on at 1\u00a0min" in words
    assert "the highest was 400" in words
    assert '"children": "Switch off", "hidden": true' in _buttons(words)
    assert "suggested" in words


def _buttons(words: str) -> str:
    """Property order is not ours to say."""
    found = json.loads(words)
    flat: list[str] = []

    def walk(each: Any) -> None:
        if isinstance(each, dict):
            if each.get("type") == "Button":
                props = each["props"]
                flat.append(json.dumps({"children": props["children"], "hidden": props["hidden"]}))
            for value in each.values():
                walk(value)
        elif isinstance(each, list):
            for value in each:
                walk(value)

    walk(found)
    return "\n".join(flat)


@pytest.mark.parametrize(
    ("pressed", "choice", "threshold", "told"),
    [
        ("on", Choice.ON, None, "Switched on."),
        ("suggested", Choice.ON, 12.5, "Switched on."),
        ("off", Choice.OFF, None, "Switched off."),
        ("back", Choice.CONFIGURED, None, "Left to config.yaml."),
    ],
)
def test_a_button_writes_the_choice_down(
    shelf: Shelf, seen: Seen, pressed: str, choice: Choice, threshold: float | None, told: str
) -> None:
    id_ = id_of("lambda/errors", "failing")
    answer = covering.switched(shelf.reads, id_, pressed, (" because ", threshold), NOW)
    assert answer == f"{told} It holds from the next evaluation on."
    kept = shelf.store.switches.standing()[id_]
    assert (kept.choice, kept.threshold, kept.comment, kept.author) == (
        choice,
        threshold,
        "because",
        "dashboard",
    )
    assert "by dashboard: because" in said(covering.beside(shelf.reads, id_, shelf.scope(), seen))


def test_a_service_has_its_own_address(shelf: Shelf) -> None:
    routes = Routes([coverage, coverage_service], shelf.reads)
    assert routes.title("/alarms/coverage/lambda") == "Coverage of Lambda"
    assert "Switch on all gaps of functions" in said(routes.open("/alarms/coverage/lambda")[0])
    assert "no service “teapot”" in said(routes.open("/alarms/coverage/teapot")[0])


def test_tabs_tell_where_one_is() -> None:
    words = said(alarm_tabs.tabs("/alarms/coverage"))
    assert words.count("aria-current") == 1
