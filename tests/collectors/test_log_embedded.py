"""Embedded Metric Format: which lines become points, and of which series."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from app.model.ids import Place, SeriesKey
from app.model.logs import LogGroupKey
from collectors.log_embedded import Embedded, embedded

HOME = Place("111111111111", "eu-central-1")
KEY = LogGroupKey(HOME, "/aws/lambda/orders")
NOW_MS = 1_795_000_000_000
HOUR, DAY = 3_600_000, 86_400_000


def line(at: int = NOW_MS, **changes: Any) -> dict[str, Any]:
    directive = {
        "Namespace": "Shop",
        "Dimensions": [["Service"]],
        "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}],
    }
    directive |= changes.pop("directive", {})
    document = {"_aws": {"Timestamp": at, "CloudWatchMetrics": [directive]}}
    return {**document, "Service": "orders", "Latency": 12.5, **changes}


def found(*messages: str, at: int = NOW_MS) -> list[Embedded]:
    columns = {"event": range(len(messages)), "at": at, "ingested": NOW_MS}
    return list(embedded(KEY, pl.DataFrame({**columns, "message": list(messages)})))


def test_a_line_gives_its_values_at_its_own_time() -> None:
    series = SeriesKey.of(HOME, "Shop", "Latency", {"Service": "orders"})
    assert found(json.dumps(line(NOW_MS - HOUR))) == [Embedded(0, series, NOW_MS - HOUR, [12.5])]


def test_every_value_of_an_array_counts() -> None:
    [one] = found(json.dumps(line(Latency=[1, 2.5, 2.5])))
    assert one.values == [1, 2.5, 2.5]


def test_each_dimension_set_is_a_series() -> None:
    sets = {"Dimensions": [["Service"], ["Service", "Stage"], []]}
    made = found(json.dumps(line(directive=sets, Stage="prod")))
    assert [dict(each.series.dimensions) for each in made] == [
        {"Service": "orders"},
        {"Service": "orders", "Stage": "prod"},
        {},
    ]


@pytest.mark.parametrize(("resolution", "fine"), [(1, True), (60, False), (None, False)])
def test_high_resolution_is_told(resolution: int | None, fine: bool) -> None:
    metric: dict[str, Any] = {"Name": "Latency"}
    if resolution is not None:
        metric["StorageResolution"] = resolution
    [one] = found(json.dumps(line(directive={"Metrics": [metric]})))
    assert one.fine is fine


def test_what_is_spelled_with_escapes_is_found() -> None:
    text = json.dumps(line()).replace("_aws", "\\u005faws").replace("Cloud", "\\u0043loud")
    assert len(found(text)) == 1


@pytest.mark.parametrize(
    ("age", "count"),
    [(14 * DAY, 1), (14 * DAY + 1, 0), (-2 * HOUR, 1), (-2 * HOUR - 1, 0)],
)
def test_a_line_that_is_dated_too_far_from_its_arrival_gives_nothing(age: int, count: int) -> None:
    assert len(found(json.dumps(line(NOW_MS - age)))) == count


def test_namespaces_of_aws_are_left_to_aws() -> None:
    assert found(json.dumps(line(directive={"Namespace": "AWS/Lambda"}))) == []


def test_a_line_that_was_meant_so_and_gives_nothing_is_counted() -> None:
    series = SeriesKey.of(
        HOME, "Watchdeck/Logs", "EMFValidationErrors", {"LogGroupName": "/aws/lambda/orders"}
    )
    assert found(json.dumps(line(Latency="slow"))) == [Embedded(0, series, NOW_MS, [1])]


@pytest.mark.parametrize("text", ["plain", '{"a":1}', 'x {"_aws":{"CloudWatchMetrics":[]}}', ""])
def test_other_lines_are_none(text: str) -> None:
    assert found(text) == []
