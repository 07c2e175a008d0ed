"""Days and months of a bill keep their dates in a browser far from UTC."""

from __future__ import annotations

import pytest

from dashboards.theme import ASSETS

pytestmark = pytest.mark.browser

NOVEMBER = """{start: Date.parse("2026-11-01Z"), end: Date.parse("2026-12-01Z"),
    calendar: {grain: "day", starts: null}}"""
MONTHS = """{start: Date.parse("2026-11-01Z"), end: Date.parse("2027-02-01Z"),
    calendar: {grain: "month",
        starts: ["2026-11-01Z", "2026-12-01Z", "2027-01-01Z"].map(Date.parse)}}"""


@pytest.fixture(scope="module")
def scripts(browser):
    page = browser.new_page(timezone_id="America/Los_Angeles")
    for name in ("05-core.js", "11-format.js", "39-calendar.js"):
        page.add_script_tag(path=str(ASSETS / name))
    yield page
    page.close()


def test_a_moment_belongs_to_its_day_in_utc(scripts):
    asked = f"""() => {{
        const c = watchdeck.calendar, all = c.slots({NOVEMBER});
        return ["2026-11-24T00:00Z", "2026-11-24T23:59Z", "2026-12-01T00:00Z", "2026-10-31T23:00Z"]
            .map((at) => c.index(all, Date.parse(at)))
            .map((n) => n < 0 ? null : c.label(all, all.starts[n]));
    }}"""
    assert scripts.evaluate(asked) == ["Tue 24 Nov", "Tue 24 Nov", None, None]


def test_labels_stand_under_the_middle_of_as_many_days_as_fit(scripts):
    asked = f"() => watchdeck.calendar.ticks({NOVEMBER}, 300)"
    found = scripts.evaluate(asked)
    assert found["text"] == ["2 Nov", "9 Nov", "16 Nov", "23 Nov", "30 Nov"]
    assert found["at"][0] == scripts.evaluate("Date.parse('2026-11-02T12:00Z')")


def test_months_are_named_and_the_year_where_it_changes(scripts):
    found = scripts.evaluate(f"() => watchdeck.calendar.ticks({MONTHS}, 600)")
    assert found["text"] == ["Nov 2026", "Dec", "Jan 2027"]
    slots = f"watchdeck.calendar.slots({MONTHS})"
    label = f"() => watchdeck.calendar.label({slots}, {slots}.starts[1])"
    assert scripts.evaluate(label) == "Dec 2026"


def test_dragging_over_parts_of_days_asks_for_the_whole_ones(scripts):
    asked = """() => watchdeck.calendar.whole(
        Date.parse("2026-11-03T05:00Z"), Date.parse("2026-11-05T01:00Z"))
        .map((ms) => new Date(ms).toISOString().slice(0, 16))"""
    assert scripts.evaluate(asked) == ["2026-11-03T00:00", "2026-11-06T00:00"]
