"""Recommended alarms held against resources: expressions, bands, reasons, composites."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.validation import problems
from app.catalogue import load_catalogue
from app.catalogue.advice import Advice, Fit, advice, together
from app.catalogue.schema import Service
from app.config.mistakes import ConfigMistakes
from app.model.ids import Resource
from app.query import alarm_rule

ORDERS = Path(__file__).parent / "orders.yaml"
RATE = {
    "id": "failure-rate",
    "kind": "order",
    "title": "failure rate",
    "metrics": {
        "failed": {"metric": "Failed", "statistic": "Sum"},
        "placed": {"metric": "Placed", "statistic": "Sum"},
    },
    "expression": "IF(placed > 20, 100 * FILL(failed, 0) / placed, 0)",
    "period": 60,
    "evaluation_periods": 3,
    "datapoints_to_alarm": 2,
    "threshold": 5,
    "comparison": "GreaterThanThreshold",
    "treat_missing_data": "notBreaching",
    "severity": "critical",
    "source": "ours",
    "says": "Orders fail.",
}


def without(alarm: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in alarm.items() if name not in names}


def load(folder: Path, *alarms: dict[str, Any], composites: Any = ()) -> Service:
    """The service of orders.yaml with these alarms."""
    whole = yaml.safe_load(ORDERS.read_text(encoding="utf-8"))
    whole |= {"alarms": list(alarms), "composites": list(composites)}
    (folder / "orders.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    return load_catalogue(folder).services["orders"]


def order(name: str = "one", **configuration: Any) -> Resource:
    return Resource(
        f"arn:aws:orders:eu-central-1:111111111111:{name}",
        "111111111111", "eu-central-1", "orders", "order", name, name,
        dimensions={"OrderId": name}, configuration=configuration,
    )  # fmt: skip


def held(service: Service, *resources: Resource) -> list[Advice]:
    return [each for resource in resources or [order()] for each in advice(service, resource)]


def mistakes(folder: Path, *alarms: dict[str, Any], composites: Any = ()) -> list[str]:
    with pytest.raises(ConfigMistakes) as raised:
        load(folder, *alarms, composites=composites)
    return [f"{m.field}: {m.message}" for m in raised.value.mistakes]


def test_an_expression_becomes_metrics_of_the_resource(tmp_path: Path) -> None:
    (found,) = held(load(tmp_path, RATE))
    metric = {
        "Namespace": "AWS/Orders",
        "Dimensions": [{"Name": "OrderId", "Value": "one"}],
    }
    assert found.put["Metrics"] == [
        {
            "Id": "failed",
            "MetricStat": {
                "Metric": {**metric, "MetricName": "Failed"}, "Period": 60, "Stat": "Sum",
            },
            "ReturnData": False,
        },
        {
            "Id": "placed",
            "MetricStat": {
                "Metric": {**metric, "MetricName": "Placed"}, "Period": 60, "Stat": "Sum",
            },
            "ReturnData": False,
        },
        {
            "Id": "watched",
            "Expression": "IF(placed > 20, 100 * FILL(failed, 0) / placed, 0)",
            "Label": "failure rate",
            "ReturnData": True,
        },
    ]  # fmt: skip
    assert (found.put["Threshold"], found.key) == (5.0, "orders/failure-rate")
    assert found.id == "111111111111/eu-central-1/watchdeck/orders/failure-rate/one"
    assert problems(found.put) == []


def test_a_band_takes_the_place_of_a_threshold(tmp_path: Path) -> None:
    one = {"metric": "Failed", "statistic": "Sum", "band": 3}
    plain = without(RATE, "metrics", "expression", "threshold")
    (found,) = held(load(tmp_path, plain | one | {"comparison": "GreaterThanUpperThreshold"}))
    assert found.put["ThresholdMetricId"] == "band"
    assert [query["ReturnData"] for query in found.put["Metrics"]] == [True, True]
    assert found.put["Metrics"][-1]["Expression"] == "ANOMALY_DETECTION_BAND(m1, 3)"
    assert "Threshold" not in found.put
    assert problems(found.put) == []


def test_an_alarm_that_is_not_for_a_resource_says_for_which_it_is(tmp_path: Path) -> None:
    service = load(tmp_path, RATE | {"match": "Size == 'large'", "only": "large orders"})
    small, large = held(service, order("s", Size="small"), order("l", Size="large"))
    assert (small.fit, small.why, small.put) == (Fit.NOT_FOR_IT, "Only for large orders.", {})
    assert (large.fit, large.why) == (Fit.FITS, "")


def test_an_alarm_that_needs_something_first_is_impossible(tmp_path: Path) -> None:
    (found,) = held(load(tmp_path, RATE | {"match": "Size", "needs": "a size"}))
    assert (found.fit, found.why) == (Fit.IMPOSSIBLE, "Needs a size.")


def test_a_resource_without_the_number_of_the_threshold_cannot_have_it(tmp_path: Path) -> None:
    service = load(tmp_path, RATE | {"threshold": {"configuration": "Size", "times": 2}})
    none, some = held(service, order("none"), order("some", Size=4))
    assert none.fit is Fit.IMPOSSIBLE
    assert none.why == "The resource has no Size, from which the threshold is taken."
    assert some.put["Threshold"] == 8.0


def test_resources_with_something_in_common_get_one_composite(tmp_path: Path) -> None:
    every = {"id": "all-fail", "title": "all fail", "of": "failure-rate", "by": "tags.shop",
             "severity": "critical", "says": "Every order fails."}  # fmt: skip
    service = load(tmp_path, RATE, composites=[every])
    shops = {"a": "x", "b": "x", "c": "y", "d": ""}
    resources = [replace(order(name), tags={"shop": shop}) for name, shop in shops.items()]
    (found,) = together(service, held(service, *resources))
    assert found.put["AlarmName"] == "watchdeck/orders/all-fail/x"
    rule = alarm_rule.parse(found.put["AlarmRule"])
    assert str(rule) == (
        'ALARM("watchdeck/orders/failure-rate/a") AND ALARM("watchdeck/orders/failure-rate/b")'
    )


def test_a_composite_may_ask_for_some_of_them(tmp_path: Path) -> None:
    some = {"id": "some-fail", "title": "some", "of": "failure-rate", "by": "tags.shop",
            "severity": "critical", "says": "Orders.", "at_least": 2, "smallest": 3}  # fmt: skip
    service = load(tmp_path, RATE, composites=[some])
    resources = [replace(order(name), tags={"shop": "x"}) for name in "abc"]
    (found,) = together(service, held(service, *resources))
    assert str(found.put["AlarmRule"]).startswith("AT_LEAST(2, ALARM, (")
    alarm_rule.parse(found.put["AlarmRule"])
    assert list(together(service, held(service, *resources[:2]))) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expression": "100 * faild"}, "did you mean `failed`?"),
        ({"expression": "100 * failed"}, "does not use `placed`"),
        ({"expression": "100 * (failed"}, "is no metric math"),
        ({"band": 2.0}, "give either `threshold` or `band`"),
        ({"metric": "Failed", "statistic": "Sum"}, "give either `metric` and `statistic`"),
        (
            {"band": 2.0, "threshold": None, "comparison": "GreaterThanUpperThreshold"},
            "not with an `expression`",
        ),
        ({"comparison": "GreaterThanUpperThreshold"}, "does not go with that"),
        (
            {"metrics": RATE["metrics"] | {"placed": {"metric": "Plced", "statistic": "Sum"}}},
            "did you mean `Placed`?",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    assert any(said in message for message in mistakes(tmp_path, RATE | change))


def test_a_composite_over_an_unknown_alarm_is_told(tmp_path: Path) -> None:
    odd = {"id": "odd", "title": "odd", "of": "failur-rate", "by": "tags.shop", "at_least": 3,
           "severity": "warning", "says": "Odd."}  # fmt: skip
    found = mistakes(tmp_path, RATE, composites=[odd])
    assert {message.partition(": ")[0] for message in found} == {
        "composites[0].of",
        "composites[0].at_least",
    }
