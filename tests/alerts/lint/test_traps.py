"""Each trap is found where it is, and not where it was mended as the finding says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.lint import Case, Facts, Weight, findings
from alerts.verdict import Rule
from app.model.states import AlarmState
from app.query.alarm_rule import evaluate

STEADY = Facts(days=10.0, share=1.0, samples=500.0, lowest=1.0, highest=90.0, own_period=60)
QUIET = replace(STEADY, share=0.1)
NEW = replace(STEADY, days=2.0)
BAND = {
    "MetricName": None, "Namespace": None, "Statistic": None, "Period": None, "Threshold": None,
    "ComparisonOperator": "GreaterThanUpperThreshold", "ThresholdMetricId": "ad1",
    "Metrics": [
        {"Id": "m1", "MetricStat": {"Metric": {"Namespace": "App", "MetricName": "m"},
                                    "Period": 300, "Stat": "Average"}},
        {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)"},
    ],
}  # fmt: skip


def alarm(**fields: Any) -> dict[str, Any]:
    put = {
        "AlarmName": "orders", "Namespace": "App", "MetricName": "Signal", "Statistic": "Maximum",
        "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 80.0,
        "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "missing",
    }  # fmt: skip
    return {name: value for name, value in {**put, **fields}.items() if value is not None}


def math(expression: str, **fields: Any) -> dict[str, Any]:
    stats = [
        {"Id": name, "ReturnData": False,
         "MetricStat": {"Metric": {"Namespace": "App", "MetricName": name}, "Period": 60,
                        "Stat": "Sum"}}
        for name in ("errors", "requests")
    ]  # fmt: skip
    one = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"))
    return alarm(**one, Metrics=[{"Id": "e1", "Expression": expression}, *stats], **fields)


def traps(put: Mapping[str, Any], facts: Facts | None = STEADY, **more: Any) -> list[str]:
    rule = None if "AlarmRule" in put else Rule.of(put)
    return [each.trap for each in findings(Case(put, rule, facts, **more))]


def test_a_counter_that_never_began_is_no_mistake() -> None:
    never = Facts(known=False, absent_is_zero=True, dimension_sets=(("Queue",),))
    named = {"Dimensions": [{"Name": "Queue", "Value": "a"}]}
    assert traps(alarm(**named), never) == []
    assert traps(alarm(), never) == ["no-such-series"]


def test_what_is_published_only_when_it_happens_may_always_breach() -> None:
    fields = {"Threshold": 0.5, "TreatMissingData": "notBreaching"}
    assert traps(alarm(**fields), QUIET) == []


def test_an_alarm_in_order_stands_in_no_trap() -> None:
    assert traps(alarm()) == []


@pytest.mark.parametrize(
    ("fields", "facts", "trap"),
    [
        pytest.param(
            {"EvaluationPeriods": 1, "DatapointsToAlarm": 1, "TreatMissingData": "breaching"},
            STEADY, "late-data", id="late data with 1 of 1",
        ),
        pytest.param(
            {"EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Statistic": "SampleCount",
             "ComparisonOperator": "LessThanThreshold"},
            STEADY, "late-data", id="a count that is still growing",
        ),
        pytest.param(
            {"TreatMissingData": "breaching"}, QUIET, "sparse-breaching", id="sparse and breaching"
        ),
        pytest.param({}, QUIET, "sparse-missing", id="sparse and missing"),
        pytest.param({"TreatMissingData": "ignore"}, QUIET, "sparse-missing", id="and ignore"),
        pytest.param(
            {"TreatMissingData": "notBreaching", "ComparisonOperator": "LessThanThreshold"},
            STEADY, "silence-is-good", id="a heartbeat whose silence is good",
        ),
        pytest.param(
            {"TreatMissingData": "breaching", "Period": 3600}, STEADY, "late-heartbeat",
            id="long range with breaching",
        ),
        pytest.param(
            {"TreatMissingData": "notBreaching", "Period": 3600, "EvaluationPeriods": 1,
             "DatapointsToAlarm": 1}, QUIET, "sticky", id="one of one on a sparse metric",
        ),
        pytest.param(
            {"Statistic": None, "ExtendedStatistic": "p99"}, STEADY, "few-samples",
            id="percentile with few samples",
        ),
        pytest.param(
            {"Statistic": None, "ExtendedStatistic": "p99.9",
             "EvaluateLowSampleCountPercentile": "ignore"},
            STEADY, "percentile-never-decides", id="percentile that never decides",
        ),
        pytest.param(BAND, NEW, "short-history", id="band on too little history"),
        pytest.param({}, Facts(known=False), "no-such-series", id="a series that never was"),
        pytest.param({"Period": 61}, STEADY, "refused", id="what AWS refuses"),
        pytest.param({}, replace(STEADY, own_period=300), "short-period", id="short period"),
        pytest.param(
            {"Statistic": "Average"}, replace(STEADY, statistics=("Sum",)), "average-of-counter",
            id="average of a counter",
        ),
        pytest.param({"Unit": "Seconds"}, replace(STEADY, unit="Count"), "wrong-unit", id="unit"),
        pytest.param(
            {"Threshold": 120.0}, replace(STEADY, unit="Percent"), "unreachable", id="120 %"
        ),
        pytest.param(
            {"Threshold": 0.0, "ComparisonOperator": "LessThanThreshold"},
            replace(STEADY, unit="Count"), "unreachable", id="a count below none",
        ),
        pytest.param({"Threshold": 0.5}, STEADY, "always-breaching", id="always breaching"),
        pytest.param({"ActionsEnabled": False}, STEADY, "actions-off", id="actions off"),
        pytest.param(
            {"Namespace": "AWS/DynamoDB", "TreatMissingData": None}, STEADY, "dynamodb-default",
            id="the default of DynamoDB",
        ),
        pytest.param({"Period": 86_400}, STEADY, "hourly", id="judged once an hour"),
    ],
)  # fmt: skip
def test_a_trap_is_found_and_its_change_mends_it(
    fields: dict[str, Any], facts: Facts, trap: str
) -> None:
    put = alarm(**fields)
    found = {each.trap: each for each in findings(Case(put, Rule.of(put), facts))}
    assert trap in found
    assert found[trap].fix
    if found[trap].change:
        mended = alarm(**{**fields, **found[trap].change})
        assert trap not in traps(mended, facts)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("errors + requests", [], id="sum of two"),
        pytest.param("FILL(errors, 0)", ["fill"], id="fill"),
        pytest.param("100 - FILL(errors, 0) / FILL(requests, REPEAT)", ["fill"], id="all filled"),
        pytest.param("SUM([FILL(errors, 0), requests])", ["fill"], id="one of several is enough"),
        pytest.param("100 * FILL(errors, 0) / requests", [], id="requests may be missing"),
        pytest.param("FILL(errors, LINEAR)", [], id="the newest is not filled"),
        pytest.param("FILL(errors, requests)", [], id="filled with what may be missing"),
        pytest.param("errors / SUM(requests)", ["over-the-range"], id="a scalar reducer"),
        pytest.param("SUM([errors, requests])", [], id="a sum across series"),
        pytest.param("RATE(errors)", ["over-the-range"], id="rate"),
    ],
)
def test_expressions_are_looked_at(expression: str, expected: list[str]) -> None:
    assert traps(math(expression)) == expected


def test_one_point_of_a_ratio_is_hinted_at_unless_guarded() -> None:
    one = {"EvaluationPeriods": 1, "DatapointsToAlarm": 1}
    assert traps(math("errors / requests", **one)) == ["ratio-of-few"]
    assert traps(math("IF(requests > 20, errors / requests, 0)", **one)) == []


def test_an_alarm_that_tells_nobody_is_found_unless_a_composite_looks_at_it() -> None:
    assert traps(alarm(), told=False) == ["no-action"]
    assert traps(alarm(), told=False, parents=("all",)) == []


def test_an_alarm_that_is_raised_too_often_is_found() -> None:
    assert traps(alarm(), pages_per_week=13.0) == []
    assert traps(alarm(), pages_per_week=30.0) == ["noisy"]


CHILDREN = {
    "a": alarm(AlarmName="a"),
    "b": alarm(AlarmName="b", TreatMissingData="notBreaching"),
    "c": {"AlarmName": "c", "AlarmRule": "ALARM(a)"},
    "both": {"AlarmName": "both"},
}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param("ALARM(a) AND NOT ALARM(b)", [], id="in order"),
        pytest.param("ALARM(a) AND OK(a)", ["never-fires"], id="two states at once"),
        pytest.param("FALSE", ["never-fires"], id="false"),
        pytest.param("INSUFFICIENT_DATA(b)", ["never-fires"], id="a state that b never has"),
        pytest.param("INSUFFICIENT_DATA(a)", [], id="a state that a may have"),
        pytest.param("INSUFFICIENT_DATA(c)", ["never-fires"], id="composites are never unknown"),
        pytest.param("ALARM(b) OR OK(b)", ["always-fires"], id="all states"),
        pytest.param("AT_LEAST(2, ALARM, (a, b)) AND OK(b)", ["never-fires"], id="at least"),
        pytest.param("AT_LEAST(50%, NOT OK, (a, b))", [], id="at least half"),
        pytest.param("ALARM(zz)", ["unknown-child"], id="unknown"),
        pytest.param("ALARM(both)", ["own-child"], id="itself"),
        pytest.param("ALARM(a", ["rule-broken"], id="broken"),
    ],
)
def test_composites_that_can_never_fire_are_found(rule: str, expected: list[str]) -> None:
    put = {"AlarmName": "both", "AlarmRule": rule}
    assert traps(put, None, others=CHILDREN) == expected


def test_which_child_makes_it_impossible_is_said() -> None:
    put = {"AlarmName": "both", "AlarmRule": "ALARM(a) AND INSUFFICIENT_DATA(b)"}
    [found] = findings(Case(put, others=CHILDREN))
    assert found.weight is Weight.ERROR
    assert found.says.endswith("it can never fire; b never goes to INSUFFICIENT_DATA.")


def test_a_rule_over_a_hundred_children_is_answered_or_left_open_quickly() -> None:
    names = [f"x{i}" for i in range(100)]
    others = {name: alarm(AlarmName=name) for name in names}
    rule = " AND ".join(f"(ALARM({a}) OR OK({b}))" for a, b in pairwise(names))
    assert traps({"AlarmName": "both", "AlarmRule": rule}, None, others=others) == []


STATES = st.sampled_from(["ALARM", "OK", "INSUFFICIENT_DATA"])
LEAVES = st.one_of(
    st.builds("{}({})".format, STATES, st.sampled_from("abc")),
    st.builds(
        "AT_LEAST({}, {}{}, (a, b, c))".format,
        st.integers(1, 3), st.sampled_from(["", "NOT "]), STATES,
    ),
    st.sampled_from(["TRUE", "FALSE"]),
)  # fmt: skip
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("NOT ({})".format, inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR"]), inner),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(RULES)
def test_a_rule_is_constant_exactly_where_every_combination_says_so(rule: str) -> None:
    names = "abc"
    others = {name: alarm(AlarmName=name) for name in names}
    values = {
        evaluate(rule, dict(zip(names, states, strict=True)))
        for states in product(AlarmState, repeat=3)
    }
    expected = {frozenset({True}): ["always-fires"], frozenset({False}): ["never-fires"]}
    found = traps({"AlarmName": "both", "AlarmRule": rule}, None, others=others)
    assert found == expected.get(frozenset(values), [])
