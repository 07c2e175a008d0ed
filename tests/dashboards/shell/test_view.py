"""What the URL says becomes a window of time and a choice of places."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.model.ids import Place
from app.model.time import Window
from dashboards.view import View, parse_range

RANGES = json.loads((Path(__file__).parents[2] / "cases" / "range.json").read_text())["parse"]
NOW = datetime(2026, 11, 24, 14, 30, 20, tzinfo=UTC)


@pytest.mark.parametrize("case", [c for c in RANGES if c["start"]], ids=lambda c: c["text"])
def test_a_range_means_what_the_table_says(case):
    at = datetime.fromisoformat
    expected = Window(at(case["start"]), at(case["end"]))
    assert parse_range(case["text"], at(case["now"]), ZoneInfo(case["zone"])) == expected


@pytest.mark.parametrize("case", [c for c in RANGES if not c["start"]], ids=lambda c: c["text"])
def test_what_is_no_range_is_refused(case):
    with pytest.raises(ValueError, match=r"is not a time|does not end|is longer"):
        parse_range(case["text"], NOW, UTC)


def test_a_view_without_anything_shows_the_last_three_hours_of_all_places():
    view = View.of(None)
    assert view.window(NOW) == Window(NOW - timedelta(hours=3), NOW)
    assert view.shows(Place("1", "eu-central-1"))


def test_a_broken_range_falls_back_and_does_not_break_the_page():
    view = View.of({"range": "9999999w9999w", "zone": "Mars/Olympus"})
    assert view.window(NOW).length == timedelta(hours=3)
    assert view.zone is UTC


def test_filters_leave_the_places_that_match_both():
    view = View.of({"accounts": ["1"], "regions": ["eu-central-1", "us-east-1"]})
    known = [Place("1", "eu-central-1"), Place("1", "eu-west-1"), Place("2", "us-east-1")]
    assert view.places(known) == (Place("1", "eu-central-1"),)


def test_a_relative_range_follows_the_clock():
    view = View.of({"range": "now-1d/d..now/d", "zone": "Europe/Berlin"})
    later = NOW + timedelta(days=1)
    assert view.window(later).start - view.window(NOW).start == timedelta(days=1)
