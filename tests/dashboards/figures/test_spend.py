"""Money by the days and months of a bill: stacks, lines, running totals, a month's outlook."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.model.time import Window
from dashboards.figures import Band, Calendar, Fan, Threshold, outlook, spend_bars, spend_lines
from tests.support.figures import size, unpacked, valid

DAY = timedelta(days=1)
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = Calendar.days(Window(FIRST, FIRST + 3 * DAY))
MONTHS = Calendar(
    (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
    datetime(2026, 3, 1, tzinfo=UTC),
    "month",
)
FIRST_MS, DAY_MS = 1_793_491_200_000, 86_400_000


def test_credits_hang_below_zero_and_the_axis_holds_them():
    bands = [Band("EC2", [10, 20, 30]), Band("Credits", [-4, -4, -40])]
    layout = valid(spend_bars(bands, DAYS))["layout"]
    assert layout["barmode"] == "relative"
    assert layout["yaxis"]["range"] == [-50, 50]


def test_what_is_not_named_is_grey_and_takes_no_colour():
    bands = [Band("a", [1, 1, 1]), Band("Other", [1, 1, 1], rest=True), Band("b", [1, 1, 1])]
    data = valid(spend_bars(bands, DAYS))["data"]
    assert [t["marker"]["color"] for t in data] == ["--series-1", "--series-other", "--series-2"]


def test_slots_that_still_grow_are_paler():
    bands = [Band("a", [1, 2, 3])]
    trace = valid(spend_bars(bands, DAYS, unsettled_from=FIRST + DAY))["data"][0]
    assert unpacked(trace["marker"]["opacity"]) == pytest.approx([1.0, 0.45, 0.45])


def test_a_bar_fills_its_own_day():
    trace = valid(spend_bars([Band("a", [1, 2, 3])], DAYS))["data"][0]
    middle = trace["x0"] + trace["offset"] + trace["width"] / 2
    assert (trace["dx"], middle) == (DAY_MS, FIRST_MS + DAY_MS / 2)


def test_months_are_as_long_as_they_are():
    trace = valid(spend_bars([Band("a", [1, 2])], MONTHS))["data"][0]
    assert [w / DAY_MS for w in unpacked(trace["width"])] == pytest.approx([31 * 0.8, 28 * 0.8])
    meta = spend_bars([Band("a", [1, 2])], MONTHS)["layout"]["meta"]["calendar"]
    assert (meta["grain"], len(meta["starts"])) == ("month", 2)


def test_a_period_before_is_a_dashed_line_within_the_axis():
    figure = valid(spend_bars([Band("a", [1, 2, 3])], DAYS, before=[50, None, 2]))
    line = figure["data"][-1]
    assert (line["name"], line["line"]["dash"]) == ("period before", "dash")
    assert unpacked(line["y"]) == [50, None, 2]
    assert figure["layout"]["yaxis"]["range"][1] >= 50


def test_a_running_total_ends_at_the_sum_and_keeps_its_gaps():
    data = valid(spend_lines([Band("a", [1, None, 3])], DAYS, before=[2, 2, 2], running=True))[
        "data"
    ]
    assert [unpacked(trace["y"]) for trace in data] == [[1, None, 4], [2, 4, 6]]


def test_fourteen_months_of_days_by_nine_names_stay_under_60_kb():
    days = Calendar.days(Window(FIRST - 420 * DAY, FIRST))
    bands = [Band(f"name {n}", list(np.random.default_rng(n).random(420))) for n in range(9)]
    assert size(valid(spend_bars(bands, days, unsettled_from=FIRST - DAY))) < 60_000


FAN = Fan([None, 8, 12], [None, 8, 11], [None, 8, 13], [None, 8, 10], [None, 8, 15])


def test_the_fan_opens_from_what_is_spent_and_its_edges_stay_out_of_the_legend():
    data = valid(outlook(DAYS, [4, 8, None], FAN))["data"]
    assert [(t["name"], t["meta"].get("quiet", False)) for t in data] == [
        ("95 %, least", True),
        ("95 %, most", True),
        ("80 %, least", True),
        ("80 %, most", True),
        ("forecast", False),
        ("spent", False),
    ]
    assert [t.get("fill") for t in data[:2]] == [None, "tonexty"]


@pytest.mark.parametrize(("passed", "role"), [(False, "--line-strong"), (True, "--critical")])
def test_a_budget_is_an_alarm_only_when_it_will_be_passed(passed, role):
    figure = outlook(DAYS, [4, 8, None], FAN, budget=Threshold(40, "budget $40"), passed=passed)
    assert valid(figure)["layout"]["shapes"][0]["line"]["color"] == role
    assert figure["layout"]["yaxis"]["range"][1] >= 40


def test_a_month_without_a_forecast_still_shows_what_was_spent():
    data = valid(outlook(DAYS, [4, 8, None], None))["data"]
    assert [trace["name"] for trace in data] == ["spent"]
