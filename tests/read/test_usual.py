"""The chart of an alarm on a band shows the bounds that it is held against."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from app.model.alarms import AlarmDefinition, Origin
from app.model.lines import Line
from app.model.states import AlarmState
from app.model.time import Window
from app.query.metric_math.band import band
from app.query.metric_math.values import Grid
from app.read.slots import Slots
from app.read.usual import LOWER, UPPER, usual_lines
from tests.support.shelf import HOME, NOW, Shelf, function, of

CHECKOUT = function("checkout")
MINUTES = 2 * 1440
VALUES = [round(float(v), 2) for v in 100 + np.random.default_rng(1).normal(0, 1, MINUTES)]


def definition(expression: str = "ANOMALY_DETECTION_BAND(m1, 3)") -> AlarmDefinition:
    dimensions = [{"Name": n, "Value": v} for n, v in CHECKOUT.dimensions.items()]
    described = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": dimensions}
    metric = {"Id": "m1", "MetricStat": {"Metric": described, "Period": 60, "Stat": "Sum"}}
    put: dict[str, Any] = {
        "AlarmName": "band", "Metrics": [metric, {"Id": "b", "Expression": expression}],
        "EvaluationPeriods": 1, "ThresholdMetricId": "b",
        "ComparisonOperator": "GreaterThanUpperThreshold",
    }  # fmt: skip
    return AlarmDefinition(HOME, put, origin=Origin.CONFIG)


def lines(shelf: Shelf, period: int = 60, hours: int = 6, **more: Any) -> tuple[Line, ...]:
    shelf.put(of(CHECKOUT, "Errors"), " ".join(map(str, VALUES)))
    slots = Slots.over(Window(NOW - timedelta(hours=hours), NOW), period)
    return usual_lines(shelf.store, more.get("of", definition()), slots, more.get("unusual", ()))


def expected(first: int) -> tuple[Any, Any]:
    grid = Grid(int(NOW.timestamp()) - 60 * MINUTES, 60, MINUTES)
    return band(np.array(VALUES), grid, 3.0, first)


def test_bounds_are_those_of_the_model(shelf: Shelf) -> None:
    upper, lower = lines(shelf)
    assert (upper.name, lower.name) == (UPPER, LOWER)
    low, high = expected(MINUTES - 360)
    assert upper.values == pytest.approx(high)
    assert lower.values == pytest.approx(low)


def test_bounds_are_pooled_to_the_period_of_the_chart(shelf: Shelf) -> None:
    upper, _ = lines(shelf, period=300)
    assert upper.values == pytest.approx(expected(MINUTES - 360)[1].reshape(-1, 5).mean(axis=1))


def test_a_band_around_an_expression_is_that_of_the_expression(shelf: Shelf) -> None:
    upper, _ = lines(shelf, of=definition("ANOMALY_DETECTION_BAND(m1 * 2, 3)"))
    assert upper.values == pytest.approx(2 * expected(MINUTES - 360)[1])


def test_what_is_unusual_is_left_out(shelf: Shelf) -> None:
    everything = (NOW.timestamp() - 60 * MINUTES, NOW.timestamp())
    upper, _ = lines(shelf, unusual=[everything])
    assert upper.empty


def test_a_long_range_and_an_alarm_without_a_band_have_no_bounds(shelf: Shelf) -> None:
    assert lines(shelf, period=900, hours=96) == ()
    put = {**definition().put, "ThresholdMetricId": None}
    assert lines(shelf, of=AlarmDefinition(HOME, put, origin=Origin.CONFIG)) == ()


def test_the_page_of_an_alarm_gets_them(shelf: Shelf) -> None:
    shelf.put(of(CHECKOUT, "Errors"), " ".join(map(str, VALUES)))
    shelf.resources(CHECKOUT)
    shelf.alarm(definition(), AlarmState.OK, NOW - timedelta(hours=1))
    detail = shelf.reads.alarms.one(definition().id, shelf.scope()).value
    assert detail is not None
    assert [line.name for line in detail.usual] == [UPPER, LOWER]
    assert not detail.usual[0].empty
