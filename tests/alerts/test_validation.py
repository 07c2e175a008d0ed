"""What AWS refuses, and the words it is told in."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.validation import InvalidAlarm, problems, validate

PLAIN: dict[str, Any] = {
    "AlarmName": "v", "Namespace": "App", "MetricName": "M", "Statistic": "Average", "Period": 60,
    "EvaluationPeriods": 3, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
}  # fmt: skip
STAT = {"Metric": {"Namespace": "App", "MetricName": "M"}, "Period": 60, "Stat": "Average"}


def math_alarm(*queries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "AlarmName": "m", "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold", "Metrics": list(queries), **more,
    }  # fmt: skip


BAND = [
    {"Id": "m1", "MetricStat": STAT, "ReturnData": True},
    {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True},
]
UPPER = {"ComparisonOperator": "GreaterThanUpperThreshold", "ThresholdMetricId": "ad1"}
GROUPED = "SELECT MAX(x) FROM App GROUP BY h ORDER BY MAX() DESC"
FEW = {"EvaluateLowSampleCountPercentile": "ignore"}
PROMQL: dict[str, Any] = {
    "AlarmName": "p", "EvaluationInterval": 60,
    "EvaluationCriteria": {"PromQLCriteria": {"Query": "up == 0", "PendingPeriod": 300}},
}  # fmt: skip
SCHEDULE = {"ScheduleExpression": "rate(5 minutes)", "StartTimeOffset": 300}
LOG: dict[str, Any] = {
    "AlarmName": "l", "QueryResultsToEvaluate": 3, "QueryResultsToAlarm": 2, "Threshold": 10.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "ScheduledQueryConfiguration": {
        "QueryString": "fields @message", "ScheduledQueryRoleARN": "arn:aws:iam::1:role/r",
        "AggregationExpression": "avg(duration) by service, route | sort desc",
        "LogGroupIdentifiers": ["/app"], "ScheduleConfiguration": SCHEDULE,
    },
}  # fmt: skip
COMPOSITE: dict[str, Any] = {
    "AlarmName": "c", "AlarmRule": "ALARM(a) AND NOT ALARM(b)", "ActionsSuppressor": "d",
    "ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    "alarm",
    [
        pytest.param(PLAIN, id="plain"),
        pytest.param(PLAIN | {"Period": 10}, id="ten seconds"),
        pytest.param(PLAIN | {"Period": 20}, id="twenty seconds"),
        pytest.param(PLAIN | {"Period": 3600, "EvaluationPeriods": 168}, id="a week of hours"),
        pytest.param(PLAIN | {"Statistic": None, "ExtendedStatistic": "TM(2%:98%)"}, id="trimmed"),
        pytest.param(math_alarm({"Id": "m1", "MetricStat": STAT}), id="a metric as query"),
        pytest.param(math_alarm(*BAND, Threshold=None, **UPPER), id="a band"),
        pytest.param(
            math_alarm({"Id": "q1", "Expression": "SELECT MAX(x) FROM App", "Period": 60}),
            id="metrics insights",
        ),
        pytest.param(
            PLAIN | {"EvaluationWindow": {"WallClockWindow": {"Timezone": "+05:30"}}}, id="clock"
        ),
        pytest.param(
            PLAIN | {"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 2880}}, id="warm-up"
        ),
        pytest.param(
            PLAIN | {"Statistic": None, "ExtendedStatistic": "p0.5"} | FEW, id="few samples"
        ),
        pytest.param(
            math_alarm(
                {"Id": "m1", "MetricStat": STAT, "ReturnData": False},
                {"Id": "e1", "Expression": "TIME_SERIES(0)"},
            ),
            id="a constant",
        ),
        pytest.param(
            math_alarm(
                {"Id": "e", "Expression": "DB_PERF_INSIGHTS('RDS', 'db-A', 'os.x')", "Period": 60}
            ),
            id="what only CloudWatch can answer",
        ),
        pytest.param(
            math_alarm({"Id": "q", "Expression": GROUPED, "Period": 60}), id="contributors"
        ),
        pytest.param(PROMQL, id="promql"),
        pytest.param(LOG, id="a log alarm"),
        pytest.param(COMPOSITE, id="a composite"),
    ],
)
def test_a_valid_alarm_has_no_problem(alarm: dict[str, Any]) -> None:
    assert problems(alarm) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"AlarmName": ""}, "AlarmName must have a length between 1 and 255."),
        ({"AlarmName": "a\nb"}, "AlarmName must not contain ASCII Control characters"),
        ({"MetricName": None}, "MetricName must not be null"),
        ({"Period": 90}, "Period must be 10, 20, 30 or a multiple of 60."),
        ({"Period": None}, "Period must not be null."),
        ({"Unit": "Apples"}, "Value 'Apples' at 'unit' is not a standard unit."),
        ({"Namespace": ":x"}, "Namespace must have a length between 1 and 255"),
        ({"Dimensions": [{"Name": ":x", "Value": "y"}]}, "Dimension name ':x' must be"),
        ({"Dimensions": [{"Name": "x", "Value": ""}]}, "Dimension value of 'x' must be"),
        (
            {"DatapointsToAlarm": 4},
            "DatapointsToAlarm must be less than or equal to EvaluationPeriods.",
        ),
        ({"DatapointsToAlarm": 0}, "DatapointsToAlarm must be a number of at least 1."),
        ({"EvaluationPeriods": 0}, "EvaluationPeriods must be a number of at least 1."),
        (
            {"Period": 300, "EvaluationPeriods": 289},
            "Metrics cannot be checked across more than a day",
        ),
        (
            {"Period": 3600, "EvaluationPeriods": 169},
            "Metrics cannot be checked across more than a week",
        ),
        ({"TreatMissingData": "notbreaching"}, "Value 'notbreaching' at 'treatMissingData'"),
        ({"EvaluateLowSampleCountPercentile": "x"}, "Option x for evaluateLowSampleCount"),
        ({"ComparisonOperator": ">"}, "Value '>' at 'comparisonOperator' must be one of"),
        ({"Threshold": None}, "Threshold must not be null for a static threshold."),
        ({"ComparisonOperator": "LessThanLowerThreshold"}, "does not go with the kind"),
        ({"ExtendedStatistic": "p99"}, "Exactly one of Statistic and ExtendedStatistic"),
        ({"Statistic": "p99"}, "Value 'p99' at 'statistic'"),
        (
            {"Statistic": None, "ExtendedStatistic": "Sum"},
            "The value Sum for parameter ExtendedStatistic is not supported.",
        ),
        ({"Threshold": float("inf")}, "Threshold must not be null"),
        ({"TreatMissingData": ""}, "Supported values for TreatMissingData are breaching"),
        (
            {"EvaluateLowSampleCountPercentile": "ignore"},
            "can not be applied with statistic Average. This option is enabled only for percentile",
        ),
        ({"EvaluationInterval": 60}, "EvaluationInterval goes with EvaluationCriteria only."),
        ({"ActionsEnabled": "yes"}, "ActionsEnabled must be true or false."),
        (
            {"ActionConfiguration": {"AlarmTagsPropagation": {"IncludedTagKeys": ["a"]}}},
            "AlarmTagsPropagation: Enabled must be true or false.",
        ),
        (
            {"EvaluationWindow": {"WallClockWindow": {"Timezone": "+05:32"}}},
            "WallClockWindow: Timezone +05:32 must be a multiple of 5 minutes away from UTC.",
        ),
        ({"OKActions": ["a"] * 6}, "OKActions must hold at most 5 actions."),
        ({"EvaluationWindow": {}}, "EvaluationWindow must hold exactly one of"),
        (
            {"EvaluationWindow": {"WallClockWindow": {}}, "Period": 120},
            "WallClockWindow: Period must be one of 60, 300, 3600, 86400, 604800.",
        ),
        (
            {"EvaluationWindow": {"WallClockWindow": {"Timezone": "Mars"}}},
            "WallClockWindow: Timezone Mars is not a known time zone.",
        ),
        (
            {"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 0}},
            "WarmUpPeriodDurationInMinutes must be between 1 and 2880.",
        ),
    ],
)
def test_a_mistake_is_told(change: dict[str, Any], expected: str) -> None:
    assert any(expected in problem for problem in problems(PLAIN | change))


@pytest.mark.parametrize(
    ("alarm", "expected"),
    [
        pytest.param(
            math_alarm({"Id": "m1", "MetricStat": STAT}, Statistic="Sum"),
            "Statistic should not be set if list of Metrics is set.",
            id="both kinds",
        ),
        pytest.param(
            math_alarm({"Id": "a", "MetricStat": STAT}, {"Id": "e", "Expression": "a*2"}),
            "Exactly one element of the metrics list should return data.",
            id="two results, because ReturnData is true by default",
        ),
        pytest.param(
            math_alarm({"Id": "A", "MetricStat": STAT}), "Id 'A' must match", id="a capital id"
        ),
        pytest.param(
            math_alarm({"Id": "e", "Expression": "SEARCH('x', 'Sum', 60)"}),
            "SEARCH is not supported on Metric Alarms.",
            id="search",
        ),
        pytest.param(
            math_alarm({"Id": "q", "Expression": "SELECT MAX(x) FROM A", "Period": 10}),
            "MetricsInsights monitors do not support less than 60 seconds period",
            id="a fast query",
        ),
        pytest.param(
            math_alarm(
                {"Id": "q", "Expression": "SELECT MAX(x) FROM A", "Period": 3600},
                EvaluationPeriods=4,
            ),
            "MetricsInsights monitors cannot be checked across more than 3 hours",
            id="a long query",
        ),
        pytest.param(
            math_alarm({"Id": "q", "Expression": "SELECT MAX(x) FROM App GROUP BY h"}),
            "An alarm over several time series needs GROUP BY and ORDER BY",
            id="groups without an order",
        ),
        pytest.param(
            math_alarm(
                {"Id": "q", "Expression": GROUPED},
                InsufficientDataActions=["arn:aws:sns:eu-west-1:1:ops"],
            ),
            "InsufficientData actions are not supported for contributor-level action types",
            id="contributors have no missing data",
        ),
        pytest.param(
            math_alarm(
                {"Id": "m1", "MetricStat": STAT, "ReturnData": False},
                {"Id": "e1", "Expression": "METRICS()"},
            ),
            "Metrics: e1: in an alarm the result must be one time series",
            id="several series",
        ),
        pytest.param(
            math_alarm({"Id": "e1", "Expression": "m9 + 1"}),
            "Metrics: e1: unknown Id `m9`",
            id="an unknown Id",
        ),
        pytest.param(
            math_alarm({"Id": "m1", "MetricStat": STAT}, OKActions=["arn:aws:automate:x:ec2:stop"]),
            "EC2 actions are not supported",
            id="a machine is stopped by plain alarms only",
        ),
        pytest.param(
            math_alarm({"Id": "m1", "MetricStat": STAT | {"Metric": {"Namespace": "App"}}}),
            "MetricName must have a length between 1 and 255.",
            id="a metric without a name",
        ),
        pytest.param(
            math_alarm(*BAND, **UPPER),
            "Threshold should not be set if ThresholdMetricId is set.",
            id="a band with a threshold",
        ),
        pytest.param(
            math_alarm(BAND[0], Threshold=None, **UPPER),
            "ThresholdMetricId must be the Id of an ANOMALY_DETECTION_BAND expression.",
            id="no band",
        ),
    ],
)
def test_a_mistake_in_a_list_of_metrics_is_told(alarm: dict[str, Any], expected: str) -> None:
    assert any(expected in problem for problem in problems(alarm))


@pytest.mark.parametrize(
    ("alarm", "expected"),
    [
        (PROMQL | {"Threshold": 1.0}, "Threshold should not be set if EvaluationCriteria is set."),
        (PROMQL | {"EvaluationInterval": 45}, "EvaluationInterval must be 10, 20, 30 or a mult"),
        (PROMQL | {"EvaluationCriteria": {}}, "EvaluationCriteria must hold PromQLCriteria."),
        (LOG | {"QueryResultsToEvaluate": 101}, "QueryResultsToEvaluate must be a number of at"),
        (LOG | {"QueryResultsToAlarm": 4}, "QueryResultsToAlarm must be less than or equal to"),
        (LOG | {"ComparisonOperator": "LessThanLowerThreshold"}, "does not go with a log alarm."),
        (LOG | {"ScheduledQueryConfiguration": {}}, "LogGroupIdentifiers must name 1 to 50"),
        (COMPOSITE | {"AlarmRule": "ALARM(a) or TRUE"}, "Error in AlarmRule [Unsupported token"),
        (COMPOSITE | {"AlarmName": "a"}, "cannot have a child relation with itself via its"),
        (COMPOSITE | {"ActionsSuppressor": None}, "ActionsSuppressorWaitPeriod goes with"),
        (COMPOSITE | {"ActionsSuppressorWaitPeriod": -1}, "must be a number of seconds with"),
    ],
)
def test_a_mistake_in_an_alarm_of_another_kind_is_told(
    alarm: dict[str, Any], expected: str
) -> None:
    assert any(expected in problem for problem in problems(alarm))


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("count(*)", True), ("avg(a.b) by c", True), ("max(x) | sort asc", True),
        ("sum(*)", False), ("count(*) by bin(5m)", False), ("median(x)", False), ("", False),
        ("min(x) by a, b, c, d, e, f", False),
    ],
)  # fmt: skip
def test_an_aggregation_is_one_function_of_one_field(text: str, valid: bool) -> None:
    query = LOG["ScheduledQueryConfiguration"] | {"AggregationExpression": text}
    assert (problems(LOG | {"ScheduledQueryConfiguration": query}) == []) is valid


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(InvalidAlarm) as caught:
        validate(PLAIN | {"Period": 90, "Threshold": None, "DatapointsToAlarm": 9})
    assert len(caught.value.problems) == 3
    assert str(caught.value).startswith("alarm v: ")


@pytest.mark.parametrize(("children", "refused"), [(100, False), (101, True)])
def test_a_composite_has_at_most_a_hundred_children(children: int, refused: bool) -> None:
    rule = " OR ".join(f"ALARM(c{n})" for n in range(children))
    found = problems({"AlarmName": "all", "AlarmRule": f"{rule} OR ALARM(c0)"})
    assert found == (["AlarmRule can refer to at most 100 alarms."] if refused else [])


@pytest.mark.parametrize(("times", "refused"), [(166, False), (167, True)])
def test_a_rule_has_at_most_five_hundred_elements(times: int, refused: bool) -> None:
    rule = " OR ".join(["(ALARM(a) AND TRUE)"] * times)
    found = problems({"AlarmName": "all", "AlarmRule": rule})
    assert ["501 elements" in each for each in found] == ([True] if refused else [])
