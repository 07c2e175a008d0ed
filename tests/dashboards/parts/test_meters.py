"""Meters as values: how long their parts are, and what they say aloud."""

from __future__ import annotations

import pytest

from app.model.states import Health
from dashboards.parts import meter
from tests.support.components import with_class


def style(component, name):
    return with_class(component, name)[0].style


@pytest.mark.parametrize(
    ("used", "forecast", "expected"),
    [
        pytest.param(34.8, 44.92, ("34.8%", {"left": "34.8%", "width": "10.1%"}), id="within"),
        pytest.param(50, 200, ("25.0%", {"left": "25.0%", "width": "75.0%"}), id="will be passed"),
        pytest.param(125, None, ("100.0%", {"left": "100.0%", "width": "0.0%"}), id="passed"),
        pytest.param(80, 60, ("80.0%", {"left": "80.0%", "width": "0.0%"}), id="no more to come"),
    ],
)
def test_a_meter_is_as_long_as_what_is_largest(used, forecast, expected):
    made = meter(used, forecast=forecast)
    assert (style(made, "meter-used")["width"], style(made, "meter-forecast")) == expected


def test_a_meter_says_its_numbers_and_carries_its_state():
    made = meter(34.8, forecast=44.92, health=Health.WARNING, label="monthly")
    said = "monthly: 35\u00a0%, forecast 45\u00a0%"
    assert (made.title, made.className) == (said, "meter state-warning")


def test_no_use_is_no_meter():
    assert not with_class(meter(None), "meter")
