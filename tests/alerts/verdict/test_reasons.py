"""Reasons and reason data, held against transitions recorded from CloudWatch.

Alarms of 10 seconds, three periods, threshold 50 above; times are seconds after 05:42:00.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.verdict import evaluate

START = datetime(2026, 9, 14, 5, 42, tzinfo=UTC).timestamp()
DENSE = {20: 100.0, 30: 0.0, 40: 100.0}


def stamp(second: int) -> str:
    at = datetime.fromtimestamp(START + second, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.000+0000"


def judged(
    m: int, treatment: str, points: dict[int, float], second: float, previous: str = "OK"
) -> Any:
    alarm = {
        "Namespace": "App", "MetricName": "Signal", "Statistic": "Average", "Unit": "Count",
        "Period": 10, "EvaluationPeriods": 3, "DatapointsToAlarm": m, "Threshold": 50.0,
        "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": treatment,
    }  # fmt: skip
    rows = [(START + at, value, 1) for at, value in points.items()]
    return evaluate(alarm, rows, previous, START + second)


def point(second: int, value: float) -> dict[str, Any]:
    return {"timestamp": stamp(second), "sampleCount": 1.0, "value": value}


def gap(second: int) -> dict[str, Any]:
    return {"timestamp": stamp(second)}


@pytest.mark.parametrize(
    ("m", "treatment", "points", "second", "state", "reason", "recent", "evaluated"),
    [
        pytest.param(
            2, "missing", DENSE, 67.551, "ALARM",
            "Threshold Crossed: 2 out of the last 3 datapoints [100.0 (14/09/26 05:42:40), "
            "100.0 (14/09/26 05:42:20)] were greater than the threshold (50.0) "
            "(minimum 2 datapoints for OK -> ALARM transition).",
            [100.0, 0.0, 100.0], [point(40, 100.0), point(20, 100.0)],
            id="two of three",
        ),
        pytest.param(
            3, "breaching", DENSE, 64.472, "OK",
            "Threshold Crossed: 1 out of the last 3 datapoints [0.0 (14/09/26 05:42:30)] was not "
            "greater than the threshold (50.0) (minimum 1 datapoint for ALARM -> OK transition).",
            [100.0, 0.0, 100.0], [point(30, 0.0)],
            id="one good of three",
        ),
        pytest.param(
            2, "missing", DENSE, 137.553, "OK",
            "Threshold Crossed: 1 out of the last 3 datapoints [0.0 (14/09/26 05:42:30)] was not "
            "greater than the threshold (50.0) (minimum 2 datapoints for ALARM -> OK transition).",
            [0.0, 100.0], [gap(110), point(30, 0.0)],
            id="a gap stands in for a good point",
        ),
        pytest.param(
            2, "missing", DENSE, 147.550, "ALARM",
            "Threshold Crossed: 1 out of the last 3 datapoints [100.0 (14/09/26 05:42:40)] was "
            "greater than the threshold (50.0) (minimum 2 datapoints for OK -> ALARM transition).",
            [100.0], [gap(120), point(40, 100.0)],
            id="premature",
        ),
        pytest.param(
            3, "missing", DENSE, 158.775, "INSUFFICIENT_DATA",
            "Insufficient Data: 3 datapoints were unknown.",
            [], [gap(130), gap(120), gap(110)],
            id="everything has left the range",
        ),
        pytest.param(
            3, "breaching", {550: 100.0, 570: 100.0}, 644.472, "ALARM",
            "Threshold Crossed: 2 out of the last 3 datapoints [100.0 (14/09/26 05:51:30), "
            "100.0 (14/09/26 05:51:10)] were greater than the threshold (50.0) and 1 missing "
            "datapoint was treated as [Breaching] "
            "(minimum 3 datapoints for OK -> ALARM transition).",
            [100.0, None, 100.0], [gap(620), point(570, 100.0), point(550, 100.0)],
            id="data and a fill",
        ),
        pytest.param(
            3, "breaching", {730: 0.0}, 754.473, "OK",
            "Threshold Crossed: 1 out of the last 3 datapoints [0.0 (14/09/26 05:54:10)] was not "
            "greater than the threshold (50.0) and 2 missing datapoints were treated as "
            "[Breaching] (minimum 1 datapoint for ALARM -> OK transition).",
            [0.0], [point(730, 0.0)],
            id="one good and two fills",
        ),
        pytest.param(
            3, "breaching", {}, 844.474, "ALARM",
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing "
            "datapoints were treated as [Breaching].",
            [], [gap(820), gap(810), gap(800)],
            id="only fills",
        ),
    ],
)  # fmt: skip
def test_a_recorded_transition(
    m: int,
    treatment: str,
    points: dict[int, float],
    second: float,
    state: str,
    reason: str,
    recent: list[float | None],
    evaluated: list[dict[str, Any]],
) -> None:
    verdict = judged(m, treatment, points, second)
    assert (verdict.state, verdict.reason) == (state, reason)
    data = dict(verdict.reason_data)
    assert data.pop("recentDatapoints") == recent
    assert data.pop("evaluatedDatapoints") == evaluated
    assert data.pop("queryDate").startswith("2026-09-14T05:")
    assert ("startDate" in data) == bool(recent)
    data.pop("startDate", None)
    assert data == {
        "version": "1.0", "unit": "Count", "statistic": "Average", "period": 10, "threshold": 50.0,
    }  # fmt: skip


NOON = 1_767_268_800


def reason(values: list[float | None], period: int = 60, **fields: Any) -> str:
    alarm = {
        "Statistic": "Average", "Period": period, "EvaluationPeriods": 1, "Threshold": 21.0,
        "ComparisonOperator": "GreaterThanThreshold",
    } | fields  # fmt: skip
    rows = [(NOON - (len(values) - i) * period, value) for i, value in enumerate(values)]
    return evaluate(alarm, rows, "OK", NOON).reason


def test_without_datapoints_to_alarm_the_form_is_short() -> None:
    assert reason([21.5]) == (
        "Threshold Crossed: 1 datapoint [21.5 (01/01/26 11:59:00)] was greater than the "
        "threshold (21.0)."
    )


def test_more_than_three_points_are_listed_behind() -> None:
    assert reason([0.0] * 5, EvaluationPeriods=5, DatapointsToAlarm=5, Threshold=65.0,
                  ComparisonOperator="LessThanThreshold") == (
        "Threshold Crossed: 5 out of the last 5 datapoints were less than the threshold (65.0). "
        "The most recent datapoints which crossed the threshold: [0.0 (01/01/26 11:59:00), "
        "0.0 (01/01/26 11:58:00), 0.0 (01/01/26 11:57:00), 0.0 (01/01/26 11:56:00), "
        "0.0 (01/01/26 11:55:00)] (minimum 5 datapoints for OK -> ALARM transition)."
    )  # fmt: skip


def test_points_that_speak_against_the_fills_are_only_counted() -> None:
    assert reason(
        [0.0], EvaluationPeriods=3, DatapointsToAlarm=2, TreatMissingData="breaching"
    ) == (
        "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were "
        "treated as [Breaching]."
    )


def test_one_unknown_point_is_singular() -> None:
    assert reason([None]) == "Insufficient Data: 1 datapoint was unknown."


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (83714617344.0, "8.3714617344E10"), (0.0001, "1.0E-4"), (12.25, "12.25"), (-7.0, "-7.0"),
        (9_999_999.5, "9999999.5"), (0.001, "0.001"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_doubles(value: float, written: str) -> None:
    assert f"[{written} (" in reason([value], Threshold=-100.0)


def test_a_band_tells_both_bounds() -> None:
    alarm = {
        "EvaluationPeriods": 2, "DatapointsToAlarm": 2, "ThresholdMetricId": "ad1",
        "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold", "Metrics": [{"Id": "m"}],
    }  # fmt: skip
    lower, upper = [(NOON - 120, 2.0), (NOON - 60, 3.0)], [(NOON - 120, 8.0), (NOON - 60, 9.0)]
    rows = [(NOON - 120, 1.0), (NOON - 60, 10.0)]
    verdict = evaluate(alarm, rows, "OK", NOON, band={"lower": lower, "upper": upper}, period=60)
    assert verdict.reason == (
        "Thresholds Crossed: 2 out of the last 2 datapoints [10.0 (01/01/26 11:59:00), "
        "1.0 (01/01/26 11:58:00)] were less than the lower thresholds [3.0, 2.0] or greater than "
        "the upper thresholds [9.0, 8.0] (minimum 2 datapoints for OK -> ALARM transition)."
    )
    assert verdict.reason_data["recentLowerThresholds"] == [2.0, 3.0]
    assert "threshold" not in verdict.reason_data


def test_a_kept_state_says_why_it_is_kept() -> None:
    assert reason([99.0], EvaluationPeriods=3, DatapointsToAlarm=2) == (
        "State kept at OK: 1 of 2 datapoints needed [99.0 (01/01/26 11:59:00)] crossed the "
        "threshold, and the oldest is not yet 2 periods old."
    )


def test_a_reason_has_at_most_1023_characters() -> None:
    text = reason([1e-300 * 1.23456789] * 1400, EvaluationPeriods=1400, Threshold=-1.0)
    assert len(text) <= 1023
