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
    (found,) = watched(alarms, PLACE, book)["AWS/Lambda"]
    return found


def test_an_average_is_read_at_the_period_of_the_metric(book: SeriesBook):
    found = seen(book, alarm("a", Statistic="Average"))
    assert found.cohort.queries == (MetricQuery(KEY, 60, BASIC),)


def test_what_log_events_make_is_not_read_and_the_rest_of_an_alarm_is(book: SeriesBook):
    metrics = [
        {"Id": name, "MetricStat": {"Stat": "Sum", "Period": 60, "Metric": {
            "Namespace": namespace, "MetricName": "Duration",
            "Dimensions": [{"Name": "FunctionName", "Value": "f"}]}}}
        for name, namespace in (("m1", "AWS/Lambda"), ("m2", "Shop"))
    ]  # fmt: skip
    both = AlarmDefinition(PLACE, {"AlarmName": "a", "EvaluationPeriods": 1, "Metrics": metrics})
    found = watched([both], PLACE, book, lambda each: each.key.namespace == "Shop")
    assert list(found) == ["AWS/Lambda"]
    assert list(watched([both], PLACE, book)) == ["AWS/Lambda", "Shop"]


def test_a_percentile_is_read_at_the_period_of_the_alarm(book: SeriesBook):
    found = seen(book, alarm("a", ExtendedStatistic="p99"))
    assert found.cohort.queries == (MetricQuery(KEY, 300, ("p99",)),)


@pytest.mark.parametrize(
    ("statistic", "period", "pace"),
    [
        pytest.param("Sum", 60, 60, id="a minute"),
        pytest.param("Sum", 10, 60, id="never below a minute"),
        pytest.param("Sum", 300, 300, id="five minutes"),
        pytest.param("Sum", 86_400, 300, id="a day of minutes: not later than five minutes"),
        pytest.param("p99", 3_600, 3_600, id="a percentile of an hour is new each hour"),
    ],
)
def test_a_series_is_read_when_a_new_slot_can_be_complete(
    book: SeriesBook, statistic: str, period: int, pace: int
):
    found = seen(book, alarm("a", Period=period, Statistic=statistic))
    assert (found.pace, found.group) == (pace, f"alarmed/AWS/Lambda/{pace}")


def test_the_most_impatient_alarm_sets_the_pace(book: SeriesBook):
    several = [alarm("slow", Statistic="Sum"), alarm("quick", Statistic="Sum", Period=60)]
    assert seen(book, *several).pace == 60


def test_what_may_wait_is_a_group_of_its_own(book: SeriesBook):
    other = [{"Name": "FunctionName", "Value": "other"}]
    several = [
        alarm("slow", Statistic="Sum"),
        alarm("quick", Statistic="Sum", Period=60, Dimensions=other),
    ]
    quick, slow = watched(several, PLACE, book)["AWS/Lambda"]
    assert [(each.pace, len(each.cohort.queries)) for each in (quick, slow)] == [(60, 1), (300, 1)]


def test_alarms_on_one_metric_share_a_query(book: SeriesBook):
    found = seen(
        book,
        alarm("a", Statistic="Sum", Period=60),
        alarm("b", ExtendedStatistic="p99", Period=60),
        alarm("c", ExtendedStatistic="p90", Period=60),
    )
    assert found.cohort.queries == (MetricQuery(KEY, 60, (*BASIC, "p90", "p99")),)
    assert found.cohort.units == 2


def test_the_look_back_of_the_longest_alarm_counts(book: SeriesBook):
    found = seen(book, alarm("a"), alarm("b", EvaluationPeriods=12))
    assert found.look_back == timedelta(minutes=80)


def test_another_set_of_alarms_has_coverage_of_its_own(book: SeriesBook):
    first, same = seen(book, alarm("a")), seen(book, alarm("renamed"))
    other = seen(book, alarm("a", ExtendedStatistic="p99"))
    assert first.cohort.group == same.cohort.group
    assert first.cohort.group != other.cohort.group


def test_alarms_of_other_places_are_not_read_here(book: SeriesBook):
    assert watched([alarm("a", Place("222222222222", "eu-central-1"))], PLACE, book) == {}
