"""Whatever is written in a form is read back as it was, for any alarm."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.exchange import parameters, read_text, write_text
from app.model.ids import Place

PLACE = Place("111111111111", "eu-central-1")
FILES = {"json": "a.json", "cloudformation": "a.yaml", "terraform": "a.tf", "config": "c.yaml"}

NAUGHTY = st.sampled_from(
    ["${x}", "%{y}", "a\"b'c", "yes", "12", "- x", "a: b", "<<EOT", "ü€", "\\n"]
)
TEXTS = st.one_of(
    NAUGHTY,
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
        min_size=1,
        max_size=20,
    ),
)
NAMES = TEXTS.filter(lambda text: bool(text.strip()))
NUMBERS = st.one_of(st.integers(-10, 10**6), st.floats(-1e9, 1e9, allow_nan=False))
DIMENSIONS = st.dictionaries(NAMES, NAMES, min_size=1, max_size=3).map(
    lambda found: [{"Name": name, "Value": value} for name, value in found.items()]
)
ACTIONS = st.lists(NAMES, min_size=1, max_size=3)
TAGS = st.dictionaries(NAMES, NAMES, min_size=1, max_size=2).map(
    lambda found: [{"Key": name, "Value": value} for name, value in found.items()]
)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


SHARED = optional(AlarmDescription=NAMES, ActionsEnabled=st.just(False))
TOLD = optional(AlarmActions=ACTIONS, OKActions=ACTIONS, InsufficientDataActions=ACTIONS, Tags=TAGS)
DECIDED = st.fixed_dictionaries(
    {
        "EvaluationPeriods": st.integers(1, 10),
        "ComparisonOperator": st.sampled_from(["GreaterThanThreshold", "LessThanThreshold"]),
    },
    optional={
        "DatapointsToAlarm": st.integers(1, 10),
        "TreatMissingData": st.sampled_from(["missing", "ignore", "breaching", "notBreaching"]),
        "EvaluateLowSampleCountPercentile": st.sampled_from(["evaluate", "ignore"]),
    },
)
METRIC = st.fixed_dictionaries(
    {
        "Namespace": NAMES, "MetricName": NAMES, "Period": st.sampled_from([10, 60, 300]),
        "Threshold": NUMBERS, "Statistic": st.sampled_from(["Sum", "Maximum"]),
    },
    optional={"Dimensions": DIMENSIONS, "Unit": st.sampled_from(["Count", "Percent"])},
)  # fmt: skip
STAT = st.fixed_dictionaries(
    {
        "Metric": st.fixed_dictionaries(
            {"Namespace": NAMES, "MetricName": NAMES}, optional={"Dimensions": DIMENSIONS}
        ),
        "Period": st.sampled_from([60, 300]),
        "Stat": st.sampled_from(["Sum", "p99", "TM(2%:98%)"]),
    },
    optional={"Unit": st.sampled_from(["Count", "Percent"])},
)
QUERIES = st.tuples(
    st.fixed_dictionaries(
        {"Id": st.just("e1"), "Expression": NAMES}, optional={"Label": NAMES, "AccountId": NAMES}
    ),
    st.fixed_dictionaries({"Id": st.just("m1"), "MetricStat": STAT, "ReturnData": st.just(False)}),
).map(list)
MATH = st.one_of(
    st.fixed_dictionaries({"Metrics": QUERIES, "Threshold": NUMBERS}),
    st.fixed_dictionaries({"Metrics": QUERIES, "ThresholdMetricId": st.just("e1")}),
)
COMPOSITE = st.fixed_dictionaries(
    {"AlarmRule": NAMES},
    optional={
        "ActionsSuppressor": NAMES,
        "ActionsSuppressorWaitPeriod": st.integers(1, 600),
        "ActionsSuppressorExtensionPeriod": st.integers(1, 600),
    },
).filter(lambda found: len(found) in (1, 4))
BODY = st.one_of(st.tuples(METRIC, DECIDED), st.tuples(MATH, DECIDED), st.tuples(COMPOSITE)).map(
    lambda parts: {name: value for part in parts for name, value in part.items()}
)


@st.composite
def alarms(draw: st.DrawFn, *, told: bool = True) -> list[dict[str, Any]]:
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    return [
        {"AlarmName": name, **draw(SHARED), **(draw(TOLD) if told else {}), **draw(BODY)}
        for name in names
    ]


@pytest.mark.parametrize("form", ["json", "cloudformation", "terraform"])
@settings(max_examples=100, deadline=None)
@given(found=alarms())
def test_what_is_written_is_read_back(form: str, found: list[dict[str, Any]]) -> None:
    back = read_text(write_text(form, found, PLACE), FILES[form], PLACE)
    assert list(back.alarms) == [parameters(alarm) for alarm in found]
    assert back.notes == []


@settings(max_examples=50, deadline=None)
@given(found=alarms(told=False))
def test_settings_hold_all_that_is_not_said_by_channels(found: list[dict[str, Any]]) -> None:
    back = read_text(write_text("config", found, PLACE), FILES["config"], PLACE)
    key = "AlarmName"
    expected = [parameters(alarm) for alarm in found]
    assert sorted(back.alarms, key=lambda a: a[key]) == sorted(expected, key=lambda a: a[key])
