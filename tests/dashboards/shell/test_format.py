"""Both formatters, Python's and the browser's, are held to one table of cases."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.model import written

CASES = json.loads(
    (Path(__file__).parents[2] / "cases" / "format.json").read_text(encoding="utf-8")
)


def name(case):
    return f"{case['kind']} {case['text']}"


def by_python(case):
    match case["kind"]:
        case "value":
            return written.value(case["number"], case["unit"])
        case "change":
            return written.change(case["new"], case["old"])
        case "quota":
            return written.quota(case["used"], case["limit"])
        case "ago":
            return written.ago(timedelta(seconds=case["seconds"]))
        case _:
            when, now = (datetime.fromisoformat(case[key]) for key in ("when", "now"))
            return written.at(when, ZoneInfo(case["zone"]), now)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_python_writes_it_as_the_table_says(case):
    assert by_python(case) == case["text"]


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (1431, "count", ("1.4", "\u00a0k")),
        (249, "per_second", ("249", "/s")),
        (72_000, "milliseconds", ("1\u00a0min 12\u00a0s", "")),
        (12.4, "usd", ("$12.40", "")),
        (None, "percent", ("–", "")),
    ],
)
def test_a_tile_gets_number_and_unit_apart(number, unit, expected):
    assert written.parted(number, unit) == expected


def test_a_value_that_is_not_finite_is_no_value():
    assert written.value(float("nan"), "count") == "–"


def test_hovering_a_time_gives_the_offset_and_utc():
    when = datetime.fromisoformat("2026-11-24T13:08:31Z")
    expected = "2026-11-24 14:08:31+01:00 (13:08:31 UTC)"
    assert written.exact(when, ZoneInfo("Europe/Berlin")) == expected
