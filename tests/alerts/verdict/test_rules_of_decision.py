"""Rules beside the published tables."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.verdict import contributor_id, evaluate
from tests.support.series import ending

NOW = 1_767_268_800


def alarm(**fields: Any) -> dict[str, Any]:
    return {
        "Namespace": "App", "MetricName": "M", "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 80.0, "ComparisonOperator": "GreaterThanThreshold",
    } | fields  # fmt: skip


def state(line: str, previous: str = "OK", period: int = 60, **fields: Any) -> str:
    made = alarm(Period=period, **fields)
    return evaluate(made, ending(line, NOW, period), previous, NOW).state


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("GreaterThanOrEqualToThreshold", 80.0, "ALARM"),
        ("GreaterThanThreshold", 80.0, "OK"),
        ("LessThanThreshold", 80.0, "OK"),
        ("LessThanOrEqualToThreshold", 80.0, "ALARM"),
        ("LessThanThreshold", 79.9, "ALARM"),
        ("GreaterThanThreshold", 80.1, "ALARM"),
    ],
)
def test_an_operator_at_its_threshold(operator: str, value: float, expected: str) -> None:
    assert state(f"{value}", ComparisonOperator=operator) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [("90 _ _", "ALARM"), ("90 _ _ _", "INSUFFICIENT_DATA")],
)
def test_one_breach_counts_until_it_leaves_the_range(line: str, expected: str) -> None:
    assert state(line, previous="ALARM") == expected


def test_points_outside_the_range_and_beside_the_slots_are_left_out() -> None:
    rows = [(NOW - 600, 90.0), (NOW - 30, 90.0), (NOW, 90.0), (NOW - 60, 5.0)]
    assert evaluate(alarm(), rows, "ALARM", NOW).state == "OK"


def test_the_order_of_arrival_does_not_matter() -> None:
    rows = ending("0 90 _ 90 5", NOW, 60)
    made = alarm(EvaluationPeriods=3, DatapointsToAlarm=2)
    assert evaluate(made, rows, "OK", NOW) == evaluate(made, rows[::-1], "OK", NOW)


def test_samples_of_another_unit_do_not_count() -> None:
    made = alarm(Unit="Seconds")
    rows = [(NOW - 60, 90.0, 1, "Milliseconds"), (NOW - 60, 5.0, 1, "Seconds")]
    assert evaluate(made, None, "ALARM", NOW, samples=rows).state == "OK"
    assert evaluate(made, None, "OK", NOW, samples=rows[:1]).state == "INSUFFICIENT_DATA"
    assert evaluate(alarm(), None, "OK", NOW, samples=rows[:1]).state == "ALARM"


def test_samples_may_be_statistic_sets() -> None:
    written = {"SampleCount": 2, "Sum": 170, "Minimum": 80, "Maximum": 90}
    rows = [(NOW - 60, written), (NOW - 59, 79.0)]
    verdict = evaluate(alarm(), None, "OK", NOW, samples=rows)
    (point,) = verdict.reason_data["evaluatedDatapoints"]
    assert (point["sampleCount"], point["value"]) == (3.0, 83.0)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        pytest.param({"Namespace": "AWS/DynamoDB"}, "ALARM", id="ignore by default"),
        pytest.param(
            {"Namespace": "AWS/DynamoDB", "TreatMissingData": "missing"},
            "INSUFFICIENT_DATA",
            id="what is written wins",
        ),
        pytest.param({"Namespace": "AWS/SQS"}, "INSUFFICIENT_DATA", id="missing elsewhere"),
    ],
)
def test_dynamodb_ignores_missing_data_unless_told(metric: dict[str, str], expected: str) -> None:
    assert state("_", previous="ALARM", **metric) == expected


def stat(namespace: str) -> dict[str, Any]:
    return {"MetricStat": {"Metric": {"Namespace": namespace}, "Period": 60, "Stat": "Sum"}}


@pytest.mark.parametrize(
    ("namespaces", "expected"),
    [
        (["AWS/DynamoDB", "AWS/DynamoDB"], "ALARM"),
        (["AWS/DynamoDB", "App"], "INSUFFICIENT_DATA"),
    ],
)
def test_the_default_holds_when_every_metric_is_dynamodb(
    namespaces: list[str], expected: str
) -> None:
    queries = [{"Id": f"m{i}", **stat(name)} for i, name in enumerate(namespaces)]
    made = {
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
        "Metrics": [*queries, {"Id": "e", "Expression": "m0+m1"}],
    }  # fmt: skip
    assert evaluate(made, [], "ALARM", NOW).state == expected


@pytest.mark.parametrize(
    ("statistic", "enough"),
    [("p99", 1000), ("p95", 200), ("p90", 100), ("p50", 20), ("p10", 100), ("p99.9", 10_000)],
)
def test_a_percentile_needs_samples(statistic: str, enough: int) -> None:
    made = alarm(
        Statistic=None, ExtendedStatistic=statistic, EvaluateLowSampleCountPercentile="ignore"
    )
    few, exactly = ([(NOW - 60, 90.0, count)] for count in (enough - 1, enough))
    assert evaluate(made, few, "OK", NOW).state == "OK"
    assert evaluate(made, exactly, "OK", NOW).state == "ALARM"


def test_samples_are_counted_over_the_evaluated_slots_together() -> None:
    made = alarm(
        Statistic=None, ExtendedStatistic="p90", EvaluateLowSampleCountPercentile="ignore",
        EvaluationPeriods=2, DatapointsToAlarm=2,
    )  # fmt: skip
    rows = [(NOW - 180, 90.0, 900), (NOW - 120, 90.0, 50), (NOW - 60, 90.0, 50)]
    assert evaluate(made, rows, "OK", NOW).state == "ALARM"
    rows[2] = (NOW - 60, 90.0, 49)
    assert evaluate(made, rows, "OK", NOW).state == "OK"


@pytest.mark.parametrize("statistic", ["p0", "p100", "tm90"])
def test_other_statistics_need_no_number_of_samples(statistic: str) -> None:
    made = alarm(
        Statistic=None, ExtendedStatistic=statistic, EvaluateLowSampleCountPercentile="ignore"
    )
    assert evaluate(made, [(NOW - 60, 90.0, 1)], "OK", NOW).state == "ALARM"


def warm(created: int, first: int | None, now: int, **more: Any) -> Any:
    made = alarm(
        Period=300, EvaluationPeriods=3, DatapointsToAlarm=1,
        WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 60, **more},
    )  # fmt: skip
    rows = [(now - 300 * i, 90.0) for i in range(1, 6)] if first else []
    return evaluate(made, rows, None, now, created_at=created, first_datapoint_at=first)


def test_a_warm_up_ends_when_the_window_can_be_filled() -> None:
    ten = NOW - 7200
    waiting = warm(ten, ten + 240, ten + 18 * 60)
    assert (waiting.state, waiting.evaluation_state) == ("INSUFFICIENT_DATA", "IN_WARM_UP")
    assert warm(ten, ten + 240, ten + 19 * 60).state == "ALARM"


def test_a_warm_up_ends_after_its_minutes_without_data() -> None:
    assert warm(NOW - 3540, None, NOW).evaluation_state == "IN_WARM_UP"
    assert warm(NOW - 3600, None, NOW).evaluation_state == ""


def test_a_warm_up_knows_from_the_oldest_point_when_data_began() -> None:
    made = alarm(EvaluationPeriods=3, WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 60})
    rows = [(NOW - 180, 90.0), (NOW - 120, 90.0), (NOW - 60, 90.0)]
    assert evaluate(made, rows, None, NOW, created_at=NOW - 200).state == "ALARM"
    assert evaluate(made, rows[1:], None, NOW, created_at=NOW - 200).state == "INSUFFICIENT_DATA"


def test_a_warm_up_may_insist_on_its_minutes() -> None:
    only = {"OnlyStartEvaluatingAfterWarmUpPeriodEnds": True}
    assert warm(NOW - 3540, NOW - 3540, NOW, **only).evaluation_state == "IN_WARM_UP"


QUERY = {
    "EvaluationPeriods": 1, "Threshold": 80.0, "ComparisonOperator": "GreaterThanThreshold",
    "Metrics": [{"Id": "q", "Expression": "SELECT MAX(x) FROM App GROUP BY h", "Period": 60}],
}  # fmt: skip
HIGH, LOW, NONE = [(NOW - 60, 90.0)], [(NOW - 60, 5.0)], []


def many(previous: str = "OK", treatment: str | None = None, **rows: Any) -> Any:
    contributors = {name: {"previous": "ALARM", "datapoints": d} for name, d in rows.items()}
    made = QUERY | ({"TreatMissingData": treatment} if treatment else {})
    return evaluate(made, None, previous, NOW, contributors=contributors)


def test_one_contributor_raises_the_alarm() -> None:
    verdict = many(a=HIGH, b=LOW, c=LOW)
    assert (verdict.state, verdict.reason) == ("ALARM", "1 out of 3 time series evaluated to ALARM")
    assert verdict.contributors["a"].reason == (
        "Threshold Crossed: 1 datapoint was greater than the threshold (80.0). The most recent "
        "datapoint which crossed the threshold: [90.0 (01/01/26 11:59:00)]."
    )


def test_a_contributor_that_is_not_returned_goes_to_ok() -> None:
    verdict = many(treatment="breaching", a=None, b=HIGH)
    assert verdict.contributors["a"].state == "OK"
    assert verdict.state == "ALARM"


def test_contributors_are_told_in_the_recorded_words() -> None:
    given = QUERY | {"DatapointsToAlarm": 1}
    rows = {"a": {"previous": "OK", "datapoints": HIGH}, "b": {"previous": "ALARM"}}
    verdict = evaluate(given, None, "OK", NOW, contributors=rows)
    assert verdict.reason == "1 out of 2 time series evaluated to ALARM"
    assert verdict.reason_data == {
        "version": "1.0", "queryDate": "2026-01-01T12:00:00.000+0000",
    }  # fmt: skip
    assert {name: each.reason for name, each in verdict.contributors.items()} == {
        "a": "Threshold Crossed: 1 out of the last 1 datapoints was greater than the threshold "
        "(80.0). The most recent datapoint which crossed the threshold: [90.0 (01/01/26 11:59:00)] "
        "(minimum 1 datapoint for OK -> ALARM transition).",
        "b": "No data was returned for this contributor",
    }


def test_a_contributor_that_was_ok_and_is_gone_is_not_counted() -> None:
    rows = {"a": {"previous": "OK", "datapoints": LOW}, "b": {"previous": "OK"}}
    assert evaluate(QUERY, None, "OK", NOW, contributors=rows).reason == (
        "1 time series evaluated to OK"
    )


def test_a_warm_up_holds_for_all_contributors() -> None:
    made = QUERY | {"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 60}}
    high = {"a": {"datapoints": HIGH}}
    told = [
        evaluate(made, None, None, NOW, contributors=rows, created_at=NOW - age).evaluation_state
        for rows, age in (({}, 3599), ({}, 3600), (high, 90))
    ]
    assert told == ["IN_WARM_UP", "", ""]


def test_the_treatment_holds_for_each_returned_contributor() -> None:
    verdict = many(treatment="ignore", a=NONE, b=LOW)
    assert {name: v.state for name, v in verdict.contributors.items()} == {"a": "ALARM", "b": "OK"}


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        ("missing", "INSUFFICIENT_DATA"),
        ("ignore", "OK"),
        ("breaching", "ALARM"),
        ("notBreaching", "OK"),
    ],
)
def test_a_query_that_returns_nothing_is_missing_data_of_the_alarm(
    treatment: str, expected: str
) -> None:
    verdict = many(treatment=treatment, a=None, b=None)
    assert verdict.state == expected
    assert verdict.reason.startswith("No time series were returned by the query. Treat missing ")
    assert verdict.reason.endswith(f" is configured as [{treatment[0].upper()}{treatment[1:]}].")
    assert many(treatment=treatment).state == expected


def test_without_an_alarm_any_ok_makes_the_alarm_ok() -> None:
    assert many(a=NONE, b=LOW).state == "OK"
    assert many(a=NONE, b=NONE).state == "INSUFFICIENT_DATA"


def test_more_than_a_hundred_contributors_are_not_counted() -> None:
    rows = {f"c{i}": HIGH for i in range(101)}
    assert many(**rows).reason == "100+ time series evaluated to ALARM"


def test_a_contributor_id_depends_on_its_attributes_alone() -> None:
    assert contributor_id({"a": "1", "b": "2"}) == contributor_id({"b": "2", "a": "1"})
    assert contributor_id({"a": "1"}) != contributor_id({"a": "2"})
    assert len(contributor_id({"a": "1"})) == 16


LOG = {
    "AlarmType": "LogAlarm", "QueryResultsToEvaluate": 3, "QueryResultsToAlarm": 2,
    "Threshold": 100.0, "ComparisonOperator": "GreaterThanThreshold",
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "treatment", "previous", "expected"),
    [
        ("120 10 130", "missing", "OK", "ALARM"),
        ("120 130 10 10", "missing", "OK", "OK"),
        ("120 _ _", "ignore", "ALARM", "OK"),
        ("120 130 _", "ignore", "OK", "ALARM"),
        ("_ _ _", "ignore", "ALARM", "ALARM"),
        ("_ _ _", "missing", "OK", "INSUFFICIENT_DATA"),
        ("120 _ _", "breaching", "OK", "ALARM"),
        ("120 _ _", "notBreaching", "ALARM", "OK"),
    ],
)
def test_a_log_alarm_looks_at_its_newest_results(
    line: str, treatment: str, previous: str, expected: str
) -> None:
    rows = ending(line, NOW, 300)
    assert evaluate(LOG | {"TreatMissingData": treatment}, rows, previous, NOW).state == expected


def test_a_point_without_its_bound_is_missing() -> None:
    made = {
        "EvaluationPeriods": 1, "ThresholdMetricId": "ad1", "Metrics": [{"Id": "m"}],
        "ComparisonOperator": "GreaterThanUpperThreshold",
    }  # fmt: skip
    band = {"lower": [(NOW - 60, 1.0)], "upper": []}
    verdict = evaluate(made, HIGH, "OK", NOW, band=band, period=60)
    assert verdict.state == "INSUFFICIENT_DATA"
