"""The value axis: round numbers, few lines, the unit once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.figures.axis import axis


@pytest.mark.parametrize(
    ("low", "high", "unit", "expected"),
    [
        pytest.param(0, 4.4, "percent", ("0", "2", "4", "6 %"), id="percent"),
        pytest.param(100, 2300, "per_second", ("0", "1,000", "2,000", "3,000/s"), id="rate"),
        pytest.param(0, 2400, "milliseconds", ("0", "1", "2", "3 s"), id="seconds from 2 s on"),
        pytest.param(0, 840, "milliseconds", ("0", "500", "1,000 ms"), id="milliseconds"),
        pytest.param(0, 300_000, "milliseconds", ("0", "2", "4", "6 min"), id="minutes"),
        pytest.param(0, 9e9, "bytes", ("0", "5", "10 GiB"), id="bytes by 1,024"),
        pytest.param(0, 45_000, "count", ("0", "20", "40", "60 k"), id="thousands"),
        pytest.param(-3, 5, "count", ("−5", "0", "5"), id="below zero"),
        pytest.param(0, 0, "count", ("0", "0.5", "1"), id="nothing but zeros"),
        pytest.param(0, 1.7, "usd", ("0", "1", "$2"), id="money"),
        pytest.param(0, 0.09, "usd", ("0", "0.05", "$0.10"), id="cents"),
        pytest.param(0, 1_650_000, "count", ("0", "1", "2 M"), id="a million and a half"),
        pytest.param(0, 6_100_000, "usd", ("0", "2.5", "5", "$7.5 M"), id="millions"),
        pytest.param(0, 25_000, "usd", ("0", "10", "20", "$30 k"), id="much money"),
        pytest.param(0, 0.02, "percent", ("0", "0.01", "0.02 %"), id="small"),
    ],
)
def test_lines_stand_at_round_numbers_with_the_unit_on_the_top_one(low, high, unit, expected):
    assert axis(low, high, unit).text == tuple(t.replace(" ", "\u00a0") for t in expected)


def test_a_level_far_from_zero_may_leave_zero_out():
    found = axis(99.2, 99.9, "availability", from_zero=False)
    assert (found.low, found.high) == (99.0, 100.0)


@given(
    low=st.floats(-1e12, 1e12),
    high=st.floats(-1e12, 1e12),
    unit=st.sampled_from(["count", "milliseconds", "bytes", "percent", "seconds"]),
)
def test_an_axis_holds_its_values_with_five_lines_at_most(low, high, unit):
    found = axis(min(low, high), max(low, high), unit)
    slack = (found.high - found.low) * 1e-6
    assert found.low - slack <= min(low, high)
    assert max(low, high) <= found.high + slack
    assert len(found.at) <= 5
