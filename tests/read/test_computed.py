"""Alarms on expressions and bands: their values, their words, what they are called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.model.alarms import AlarmDefinition, Origin
from app.model.ids import Resource
from app.model.states import AlarmState
from app.read import AlarmRow
from tests.support.shelf import HOME, NOW, Shelf, function, of

CHECKOUT = function("checkout")


def stat(id_: str, metric: str, resource: Resource = CHECKOUT, shown: bool = False) -> Any:
    dimensions = [{"Name": n, "Value": v} for n, v in resource.dimensions.items()]
    described = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions}
    return {
        "Id": id_,
        "MetricStat": {"Metric": described, "Period": 60, "Stat": "Sum"},
        "ReturnData": shown,
    }


def row(shelf: Shelf, *metrics: Any, **fields: Any) -> AlarmRow:
    put = {
        "AlarmName": "rate", "Metrics": list(metrics), "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2, "ComparisonOperator": "GreaterThanThreshold", **fields,
    }  # fmt: skip
    shelf.resources(CHECKOUT)
    definition = AlarmDefinition(HOME, put, origin=Origin.CONFIG)
    shelf.alarm(definition, AlarmState.OK, NOW - timedelta(hours=1))
    (found,) = shelf.reads.alarms.current(shelf.scope()).value
    return found


def test_an_expression_is_worked_out_from_stored_series(shelf: Shelf) -> None:
    shelf.put(of(CHECKOUT, "Errors"), "1 _ 3")
    shelf.put(of(CHECKOUT, "Invocations"), "100 50 30")
    rate = {"Id": "rate", "Expression": "100 * FILL(errors, 0) / calls", "Label": "error rate"}
    found = row(shelf, stat("errors", "Errors"), stat("calls", "Invocations"), rate, Threshold=5.0)
    assert found.line.values[-3:].tolist() == [1.0, 0.0, 10.0]
    assert (found.value, found.threshold) == (10.0, 5.0)
    assert found.condition.startswith("error rate above 5 in 2 of 3 periods of 1")
    assert found.brief.startswith("error rate > 5, 2 of 3")


def test_an_expression_over_an_expression(shelf: Shelf) -> None:
    shelf.put(of(CHECKOUT, "Errors"), "1 2 3")
    double = {"Id": "double", "Expression": "errors * 2", "ReturnData": False}
    more = {"Id": "more", "Expression": "double + 1"}
    found = row(shelf, stat("errors", "Errors"), double, more, Threshold=5.0)
    assert found.line.values[-3:].tolist() == [3.0, 5.0, 7.0]


def test_a_metric_against_its_band_shows_the_metric(shelf: Shelf) -> None:
    shelf.put(of(CHECKOUT, "Errors"), "1 2 3")
    band = {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)"}
    found = row(
        shelf, stat("m1", "Errors", shown=True), band,
        ThresholdMetricId="band", ComparisonOperator="GreaterThanUpperThreshold",
    )  # fmt: skip
    assert (found.value, found.threshold, found.unit) == (3.0, None, "count")
    assert found.condition.startswith("Errors (Sum) above what is usual in 2 of 3")


def test_what_cannot_be_worked_out_here_has_no_values(shelf: Shelf) -> None:
    query = {"Id": "q1", "Expression": 'SELECT SUM(Errors) FROM "AWS/Lambda"', "Period": 60}
    assert row(shelf, query, Threshold=5.0).value is None
