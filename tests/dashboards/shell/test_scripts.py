"""The scripts of the browser agree with Python, by the same tables of cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboards.theme import ASSETS

pytestmark = pytest.mark.browser

CASES = Path(__file__).parents[2] / "cases"
FORMATS = json.loads((CASES / "format.json").read_text(encoding="utf-8"))
RANGES = json.loads((CASES / "range.json").read_text(encoding="utf-8"))

FORMATTED = """cases => cases.map(c => {
  const f = watchdeck.format;
  switch (c.kind) {
    case "value": return f.value(c.number, c.unit);
    case "change": return f.change(c.new, c.old);
    case "quota": return f.quota(c.used, c.limit);
    case "ago": return f.ago(c.seconds);
    default: return f.at(Date.parse(c.when), c.zone, Date.parse(c.now));
  }
})"""
PARSED = """cases => cases.map(c => {
  const found = watchdeck.range.parse(c.text, Date.parse(c.now), c.zone);
  return found ? [found.start, found.end] : null;
})"""
EXPECTED = "cases => cases.map(c => c.start ? [Date.parse(c.start), Date.parse(c.end)] : null)"


@pytest.fixture(scope="module")
def scripts(browser):
    page = browser.new_page()
    for name in ("05-core.js", "11-format.js", "12-range.js"):
        page.add_script_tag(path=str(ASSETS / name))
    yield page
    page.close()


def test_numbers_and_times_are_written_as_the_table_says(scripts):
    assert scripts.evaluate(FORMATTED, FORMATS) == [case["text"] for case in FORMATS]


def test_ranges_mean_what_the_table_says(scripts):
    cases = RANGES["parse"]
    assert scripts.evaluate(PARSED, cases) == scripts.evaluate(EXPECTED, cases)


def test_typed_ranges_are_understood(scripts):
    asked = "cases => cases.map(c => watchdeck.range.typed(c.text, Date.parse(c.now), c.zone))"
    cases = RANGES["typed"]
    assert scripts.evaluate(asked, cases) == [case["range"] for case in cases]


def test_ranges_are_named_in_words(scripts):
    asked = "cases => cases.map(c => watchdeck.range.label(c.text, Date.parse(c.now), c.zone))"
    cases = RANGES["label"]
    assert scripts.evaluate(asked, cases) == [case["label"] for case in cases]


def test_a_range_never_moves_into_the_future(scripts):
    asked = """() => watchdeck.range.moved("1h", 1, Date.parse("2026-11-24T14:30:00Z"), "UTC")"""
    assert scripts.evaluate(asked) == "1h"


def test_a_range_moves_back_by_half_of_itself(scripts):
    asked = """() => watchdeck.range.moved("1h", -1, Date.parse("2026-11-24T14:30:00Z"), "UTC")"""
    assert scripts.evaluate(asked) == "2026-11-24T13:00Z..2026-11-24T14:00Z"
