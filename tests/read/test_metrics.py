"""Measures of the catalogue over a real store: numbers, lines, gaps and periods."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from app.catalogue.schema import SignalKind
from app.model.groups import metrics_group
from app.model.ids import SeriesKey
from app.model.readings import Look
from app.model.rounds import Result
from app.read import Chart, Number, ServiceFigures
from tests.support.shelf import AWAY, HOME, NOW, Shelf, function, of, queue

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTES = timedelta(minutes=5)


def figures(shelf: Shelf, service: str = "lambda", length: timedelta = MINUTES) -> ServiceFigures:
    return shelf.reads.metrics.service(service, shelf.scope(length)).value


def chart(found: ServiceFigures, title: str) -> Chart:
    return next(c for c in found.charts if c.title == title)


def tile(found: ServiceFigures, title: str) -> Number:
    return next(t for t in found.tiles if t.title == title)


def test_a_rate_is_per_second_and_a_count_is_as_published(shelf: Shelf) -> None:
    one = function("one")
    shelf.resources(one)
    shelf.put(of(one, "Invocations"), "60 120 180 240 300")
    shelf.put(of(one, "Errors"), "0 1 2 3 4")
    shelf.cover("AWS/Lambda", HOUR)
    found = figures(shelf)
    [rate] = chart(found, "Invocations").lines
    assert rate.values.tolist() == [1, 2, 3, 4, 5]
    assert rate.unit == "per_second"
    assert chart(found, "Errors and throttles").lines[0].values.tolist() == [0, 1, 2, 3, 4]


def test_a_ratio_of_several_resources_is_that_of_their_sums(shelf: Shelf) -> None:
    small, large = function("small"), function("large")
    shelf.resources(small, large)
    for each, runs, errors in ((small, "10x4", "5x4"), (large, "990x4", "5x4")):
        shelf.put(of(each, "Invocations"), runs)
        shelf.put(of(each, "Errors"), errors)
    shelf.cover("AWS/Lambda", HOUR)
    assert tile(figures(shelf), "Error rate").value == 1.0


def test_a_counter_that_is_not_published_is_0_where_its_divisor_is(shelf: Shelf) -> None:
    one = function("one")
    shelf.resources(one)
    shelf.put(of(one, "Invocations"), "10 _ 10 10 10")
    shelf.cover("AWS/Lambda", HOUR)
    [line] = chart(figures(shelf), "Error rate").lines
    np.testing.assert_array_equal(line.values, [0, np.nan, 0, 0, 0])


def test_a_missing_counter_is_0_only_where_aws_has_answered(shelf: Shelf) -> None:
    one = function("one")
    shelf.resources(one)
    shelf.put(of(one, "Invocations"), "_x3 10")
    shelf.cover("AWS/Lambda", timedelta(minutes=3))
    [line] = chart(figures(shelf), "Invocations").lines
    np.testing.assert_allclose(line.values, [np.nan, np.nan, 0, 0, 10 / 60])


def test_a_gap_of_a_level_stays_a_gap(shelf: Shelf) -> None:
    one = function("one")
    shelf.resources(one)
    shelf.put(of(one, "ConcurrentExecutions"), "3 _ 4 _ 5")
    shelf.cover("AWS/Lambda", HOUR)
    [line] = chart(figures(shelf), "Concurrency").lines
    np.testing.assert_array_equal(line.values, [3, np.nan, 4, np.nan, 5])


def test_percentiles_of_several_resources_give_the_highest(shelf: Shelf) -> None:
    slow, fast = function("slow"), function("fast")
    shelf.resources(slow, fast)
    shelf.put(of(slow, "Duration"), "900x4", statistic="p90")
    shelf.put(of(fast, "Duration"), "30x4", statistic="p90")
    shelf.cover("AWS/Lambda", HOUR)
    assert tile(figures(shelf), "Duration p90, slowest").value == 900


def test_a_longer_range_sums_counts_and_keeps_the_highest_percentile(shelf: Shelf) -> None:
    one = function("one")
    shelf.resources(one)
    shelf.put(of(one, "Errors"), "1x59")
    shelf.put(of(one, "Duration"), "10x58 500", statistic="p90")
    shelf.cover("AWS/Lambda", DAY)
    found = figures(shelf, length=DAY)
    errors = chart(found, "Errors and throttles")
    assert (errors.period_s, errors.lines[0].values[-1]) == (300, 5)
    assert chart(found, "Duration").lines[0].values[-1] == 500


def test_the_slot_that_is_not_answered_to_its_end_is_left_out(shelf: Shelf) -> None:
    one = function("one")
    shelf.resources(one)
    shelf.put(of(one, "Errors"), "1x1439")
    shelf.cover("AWS/Lambda", DAY, end=NOW - timedelta(minutes=3))
    [line, *_] = chart(figures(shelf, length=DAY), "Errors and throttles").lines
    assert line.start + len(line.values) * line.step == NOW - timedelta(minutes=5)
    assert line.values[-1] == 5


def test_a_place_that_lags_far_behind_does_not_hold_the_others_back(shelf: Shelf) -> None:
    here, there = function("here"), function("there", AWAY)
    shelf.resources(here, there)
    shelf.put(of(here, "Invocations"), "60x9")
    shelf.cover("AWS/Lambda", HOUR)
    shelf.cover("AWS/Lambda", HOUR, place=AWAY, end=NOW - timedelta(minutes=40))
    lines = chart(figures(shelf), "Invocations").lines
    assert [line.values.tolist() for line in lines if line.name == "here"] == [[1, 1, 1, 1, 1]]


def test_values_of_two_periods_are_never_added_up(shelf: Shelf) -> None:
    one = function("one")
    shelf.resources(one)
    shelf.put(of(one, "Errors"), "2x59")
    shelf.put(of(one, "Errors"), "10x11", period=300)
    shelf.cover("AWS/Lambda", DAY)
    old = figures(shelf, length=timedelta(days=2))
    assert float(np.nansum(chart(old, "Errors and throttles").lines[0].values)) == 120


def test_segments_and_memory_give_the_same_line(shelf: Shelf) -> None:
    one = function("one")
    shelf.resources(one)
    shelf.put(of(one, "Errors"), "0+1x59")
    shelf.cover("AWS/Lambda", timedelta(days=3))
    recent = chart(figures(shelf, length=timedelta(hours=20)), "Errors and throttles").lines[0]
    older = chart(figures(shelf, length=timedelta(days=1, hours=9)), "Errors and throttles").lines[
        0
    ]
    assert recent.step == older.step == timedelta(minutes=5)
    assert recent.values[-12:].tolist() == older.values[-12:].tolist()
    assert recent.values[-12:].tolist()[:2] == [10, 35]


def test_a_total_is_compared_with_the_day_before(shelf: Shelf) -> None:
    one = function("one")
    shelf.resources(one)
    shelf.put(of(one, "Throttles"), "2x4")
    shelf.put(of(one, "Throttles"), "1x4", end=NOW - DAY)
    shelf.cover("AWS/Lambda", 2 * DAY)
    found = tile(figures(shelf), "Throttles")
    assert (found.value, found.before, found.over_range) == (10, 5, True)


def test_the_table_has_the_golden_signals_of_each_resource(shelf: Shelf) -> None:
    one, two = function("one"), function("two")
    shelf.resources(one, two)
    shelf.put(of(one, "Invocations"), "60x4")
    shelf.put(of(one, "Errors"), "3x4")
    shelf.cover("AWS/Lambda", HOUR)
    found = figures(shelf)
    assert [m.title for m in found.columns] == ["Invocations", "Errors", "p90", "running"]
    values = [cell.value if cell else None for cell in found.cells[one.arn]]
    assert values == [1.0, 3.0, None, None]


def test_a_chart_of_one_measure_shows_the_highest_resources_apart(shelf: Shelf) -> None:
    functions = [function(f"f{n}") for n in range(7)]
    shelf.resources(*functions)
    for n, each in enumerate(functions):
        shelf.put(of(each, "Invocations"), f"{60 * (n + 1)}x4")
    shelf.cover("AWS/Lambda", HOUR)
    found = chart(figures(shelf), "Invocations")
    assert [line.name for line in found.lines] == ["f6", "f5", "f4", "f3", "f2"]
    assert found.left_out == 2


def test_queues_of_the_same_name_are_told_apart_by_their_place(shelf: Shelf) -> None:
    shelf.resources(queue("orders"), queue("orders", AWAY))
    for each in (queue("orders"), queue("orders", AWAY)):
        shelf.put(of(each, "ApproximateAgeOfOldestMessage"), "5x4")
    for place in (HOME, AWAY):
        shelf.cover("AWS/SQS", HOUR, place=place)
    names = {line.name for line in figures(shelf, "sqs").charts[0].lines}
    assert names == {
        "orders (111111111111 eu-central-1)",
        "orders (222222222222 us-east-1)",
    }


def test_a_series_with_a_further_dimension_belongs_to_its_resource(shelf: Shelf) -> None:
    from dataclasses import replace

    table = replace(
        function("posts"),
        arn="arn:aws:dynamodb:eu-central-1:111111111111:table/posts",
        service="dynamodb",
        kind="table",
        dimensions={"TableName": "posts"},
    )
    shelf.resources(table)
    for operation, value in (("GetItem", "4x4"), ("PutItem", "9x4")):
        dimensions = {"TableName": "posts", "Operation": operation}
        key = SeriesKey.of(HOME, "AWS/DynamoDB", "SuccessfulRequestLatency", dimensions)
        shelf.put(key, value)
        shelf.put(key, value, statistic="p99")
    shelf.cover("AWS/DynamoDB", HOUR)
    found = figures(shelf, "dynamodb")
    [p99] = [line for line in chart(found, "Latency").lines if line.name == "p99"]
    assert p99.values.tolist() == [9, 9, 9, 9, 9]


def test_golden_signals_stand_side_by_side(shelf: Shelf) -> None:
    one = function("one")
    shelf.resources(one)
    shelf.put(of(one, "Invocations"), "60x4")
    shelf.put(of(one, "Errors"), "6x4")
    shelf.cover("AWS/Lambda", HOUR)
    golden = shelf.reads.metrics.golden(shelf.scope(MINUTES)).value
    [rate], [errors] = golden.lines(SignalKind.RATE), golden.lines(SignalKind.ERRORS)
    assert (rate.name, rate.newest, errors.newest) == ("Lambda", 1.0, 10.0)


@pytest.mark.parametrize(
    ("covered", "look"),
    [(True, Look.NOTHING), (False, Look.NOT_COLLECTED)],
    ids=["asked and nothing there", "not asked yet"],
)
def test_nothing_there_is_not_the_same_as_not_asked(
    shelf: Shelf, covered: bool, look: Look
) -> None:
    if covered:
        shelf.cover("AWS/Lambda", HOUR)
    assert shelf.reads.metrics.service("lambda", shelf.scope()).look is look


def test_browsing_leads_from_namespaces_to_metrics_to_series(shelf: Shelf) -> None:
    one, two = function("one"), function("two")
    for each in (one, two):
        shelf.put(of(each, "Errors"), "1x4")
    shelf.put(SeriesKey.of(HOME, "Shop", "Orders", {"Store": "7"}), "5x4", period=300)
    browse = shelf.reads.metrics.browse
    levels = [
        [(i.name, i.series) for i in browse(shelf.scope(), *where).value.items]
        for where in ((), ("AWS/Lambda",), ("AWS/Lambda", "Errors"), ("Shop", "Orders"))
    ]
    assert levels == [
        [("AWS/Lambda", 2), ("Shop", 1)],
        [("Errors", 2)],
        [("FunctionName one", 1), ("FunctionName two", 1)],
        [("Store 7", 1)],
    ]


def test_a_metric_that_nobody_described_is_shown_as_its_average(shelf: Shelf) -> None:
    shelf.put(SeriesKey.of(HOME, "Shop", "Orders", {}), "4 8", period=300)
    [item] = shelf.reads.metrics.browse(shelf.scope(), "Shop").value.items
    assert item.line is not None
    assert (item.statistic, item.line.newest) == ("Average", 8.0)


def test_a_search_while_browsing_keeps_what_holds_every_word(shelf: Shelf) -> None:
    for name in ("checkout-eu", "checkout-us", "mail"):
        shelf.put(of(function(name), "Errors"), "1")
    found = shelf.reads.metrics.browse(shelf.scope(), "AWS/Lambda", "Errors", "checkout us").value
    assert [item.name for item in found.items] == ["FunctionName checkout-us"]


def test_a_namespace_that_nobody_ever_met_has_nothing_there_whatever_fails_elsewhere(
    shelf: Shelf,
) -> None:
    shelf.put(of(function("one"), "Errors"), "1")
    shelf.round("metrics", metrics_group("AWS/Lambda", 60), Result.DENIED)
    browse = shelf.reads.metrics.browse
    assert browse(shelf.scope(), "Teapot").look is Look.NOTHING
    assert browse(shelf.scope(), "AWS/Lambda").problem is not None
