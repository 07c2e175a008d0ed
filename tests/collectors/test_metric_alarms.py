"""What alarms need to be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.aws import MetricQuery
from app.catalogue import load_catalogue
from app.config import StoreSettings
from app.model.alarms import AlarmDefinition
from app.model.ids import Place, SeriesKey
from app.store import open_store
from collectors.metric_alarms import Watched, watched
from collectors.metric_series import SeriesBook

PLACE = Place("123456789012", "eu-central-1")
KEY = SeriesKey.of(PLACE, "AWS/Lambda", "Duration", {"FunctionName": "f"})
BASIC = ("Sum", "Minimum", "Maximum", "SampleCount")


@pytest.fixture
def book(tmp_path: Path) -> SeriesBook:
    store = open_store(StoreSettings(path=tmp_path), datetime(2026, 3, 10, tzinfo=UTC))
    return SeriesBook(store, load_catalogue(), None)


def alarm(name: str, place: Place = PLACE, **changes: object) -> AlarmDefinition:
    put = {
        "AlarmName": name,
        "Namespace": "AWS/Lambda",
        "MetricName": "Duration",
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        "Period": 300,
        "EvaluationPeriods": 3,
        **changes,
    }
    return AlarmDefinition(place, put)


def seen(book: SeriesBook, *alarms: AlarmDefinition) -> Watched:
    return watched(alarms, PLACE, book)["AWS/Lambda"]


def test_an_average_is_read_at_the_period_of_the_metric(book: SeriesBook):
    assert seen(book, alarm("a", Statistic="Average")).queries == (MetricQuery(KEY, 60, BASIC),)


def test_a_percentile_is_read_at_the_period_of_the_alarm(book: SeriesBook):
    found = seen(book, alarm("a", ExtendedStatistic="p99"))
    assert found.queries == (MetricQuery(KEY, 300, ("p99",)),)


def test_alarms_on_one_metric_share_a_query(book: SeriesBook):
    found = seen(
        book,
        alarm("a", Statistic="Sum", Period=60),
        alarm("b", ExtendedStatistic="p99", Period=60),
        alarm("c", ExtendedStatistic="p90", Period=60),
    )
    assert found.queries == (MetricQuery(KEY, 60, (*BASIC, "p90", "p99")),)
    assert found.units == 2


def test_the_look_back_of_the_longest_alarm_counts(book: SeriesBook):
    found = seen(book, alarm("a"), alarm("b", EvaluationPeriods=12))
    assert found.look_back == timedelta(minutes=80)


def test_another_set_of_alarms_has_coverage_of_its_own(book: SeriesBook):
    first, same = seen(book, alarm("a")), seen(book, alarm("renamed"))
    other = seen(book, alarm("a", ExtendedStatistic="p99"))
    assert first.group == same.group
    assert first.group != other.group


def test_alarms_of_other_places_are_not_read_here(book: SeriesBook):
    assert watched([alarm("a", Place("222222222222", "eu-central-1"))], PLACE, book) == {}
