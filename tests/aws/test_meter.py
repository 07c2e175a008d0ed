"""Billed units, the cap, and how money that runs short makes reading rarer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.aws import Meter, Priority, Reading
from app.aws.asked import Asked
from app.aws.prices import metric_units, units, units_answered
from app.model.errors import BadRequest, OverBudget, Throttled
from app.model.rounds import MeterEntry
from tests.aws.conftest import PLACE
from tests.support.moment import Moment

GET = Asked(PLACE, "cloudwatch", "GetMetricData")
FREE = Asked(PLACE, "lambda", "ListFunctions")
# 660 hours before the end of a month of 31 days.
EARLY = datetime(2026, 3, 4, 12, tzinfo=UTC)


def plan(normal: str, alarms: str) -> list[Reading]:
    """Two groups that cost so many dollars an hour; one may be read more rarely."""
    hour = timedelta(hours=1)
    return [
        Reading("ordinary", Decimal(normal), hour, may_wait=True),
        Reading("alarmed", Decimal(alarms), hour),
    ]


def meter(cap: str = "50", at: datetime = EARLY, entries: tuple[MeterEntry, ...] = ()) -> Meter:
    return Meter(Decimal(cap), now=lambda: at, entries=entries)


@pytest.mark.parametrize(
    ("statistics", "expected"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param(["a"] * 5, 1, id="five statistics of one metric"),
        pytest.param(["a"] * 6, 2, id="a sixth"),
        pytest.param(["a", "b", "a", "b"], 2, id="two metrics"),
    ],
)
def test_five_statistics_of_a_metric_are_one_unit(statistics: list[str], expected: int):
    assert metric_units(statistics) == expected


def test_the_period_and_the_dimensions_tell_metrics_apart():
    def query(period: int, name: str, stat: str) -> dict:
        metric = {
            "Namespace": "AWS/SQS",
            "MetricName": "NumberOfMessagesSent",
            "Dimensions": [{"Name": "QueueName", "Value": name}],
        }
        return {"Id": "q", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}

    queries = [query(60, "a", "Sum"), query(60, "a", "p99"), query(300, "a", "Sum")]
    queries += [query(60, "b", "Sum"), {"Id": "e", "Expression": "q * 2"}]
    assert units("cloudwatch", "GetMetricData", {"MetricDataQueries": queries}) == 3


def test_a_call_is_counted_before_it_is_sent():
    counted = meter()
    counted.sending(GET, 500, collector="metrics")
    assert counted.month_to_date == Decimal("0.00500")


def test_a_refused_call_costs_nothing_but_stays_a_call():
    counted = meter()
    counted.sending(GET, 500, collector="metrics").refused(Throttled("slow down"))
    (entry,) = counted.entries()
    assert (entry.calls, entry.units, entry.usd) == (1, 0, 0)
    assert (entry.throttles, entry.errors) == (1, 1)


def test_what_an_answer_says_was_scanned_takes_the_place_of_what_was_counted():
    counted = meter()
    scan = Asked(PLACE, "xray", "GetTraceSummaries")
    counted.sending(scan, units("xray", "GetTraceSummaries", {}), collector="traces")
    answered = units_answered("xray", "GetTraceSummaries", {"TracesProcessedCount": 4000})
    counted.corrected(scan, answered - 1, collector="traces")
    (entry,) = counted.entries()
    assert (entry.calls, entry.units, entry.usd) == (1, 4000, Decimal("0.0020000"))
    assert units("xray", "BatchGetTraces", {"TraceIds": ["a", "b", "c"]}) == 3
    assert units_answered("xray", "BatchGetTraces", {}) is None


def test_entries_are_handed_out_once_and_can_be_given_back():
    counted = meter()
    counted.sending(GET, 3, collector="metrics")
    drained = counted.entries()
    assert counted.entries() == []
    counted.restore(drained)
    assert counted.entries() == drained


def test_the_cap_counts_what_was_spent_before_the_process_began():
    spent = MeterEntry(EARLY, PLACE, "cloudwatch", "GetMetricData", "metrics", 1, 1, Decimal(50))
    with pytest.raises(OverBudget, match=r"50\.00 USD of the monthly cap of 50\.00 USD"):
        meter(entries=(spent,)).sending(GET, 1, collector="metrics")


def test_alarms_and_free_calls_pass_a_cap_that_is_used_up():
    counted = meter("0")
    counted.sending(GET, 1, collector="metrics", priority=Priority.ALARM)
    counted.sending(FREE, 1, collector="inventory")
    assert counted.is_spent()


@pytest.mark.parametrize("priority", [Priority.NORMAL, Priority.BACKFILL])
def test_a_dear_plan_refuses_nothing_while_money_is_left(priority: Priority):
    counted = meter("1")
    counted.expect(PLACE, "metrics", plan("1000", "1000"))
    counted.sending(GET, 1, collector="metrics", priority=priority)


@pytest.mark.parametrize(
    ("normal", "alarms", "expected"),
    [
        pytest.param("0.01", "0", 1, id="within the cap"),
        pytest.param("0.13", "0", 2, id="86 dollars for 50"),
        pytest.param("0.13", "0.05", 6, id="86 dollars for the 17 that alarms leave"),
        pytest.param("0.13", "1", 12, id="alarms take it all"),
        pytest.param("0", "1", 12, id="nothing but alarms"),
        pytest.param("0", "0", 1, id="nothing known yet"),
    ],
)
def test_intervals_stretch_as_far_as_the_month_needs(normal: str, alarms: str, expected: int):
    counted = meter()
    counted.expect(PLACE, "metrics", plan(normal, alarms))
    assert counted.stretch(EARLY) == expected


def test_the_projection_is_what_the_present_plan_will_cost():
    counted = meter()
    counted.expect(PLACE, "metrics", plan("0.10", "0.01"))
    # 66 dollars at two times the interval, and 6.60 for alarms.
    assert counted.plan(EARLY).projected(counted.month_to_date, EARLY) == Decimal("39.60")


def test_the_plan_tells_which_groups_are_read_more_rarely():
    counted = meter()
    counted.expect(PLACE, "metrics", plan("0.13", "0.05"))
    hour = timedelta(hours=1)
    assert [(p.group, p.wished, p.every, p.is_stretched) for p in counted.plan(EARLY).reads] == [
        ("ordinary", hour, 6 * hour, True),
        ("alarmed", hour, hour, False),
    ]


def test_what_cannot_be_new_sooner_is_no_dearer_for_a_shorter_interval():
    counted = meter()
    daily = Reading("daily", Decimal(1), timedelta(minutes=5), timedelta(days=1), may_wait=True)
    counted.expect(PLACE, "metrics", [daily])
    # 27.5 days are left, and 50 dollars.
    assert counted.stretch(EARLY) == 1
    assert round(counted.plan(EARLY).projected(counted.month_to_date, EARLY), 6) == Decimal("27.5")
    assert not counted.plan(EARLY).reads[0].is_stretched


def test_the_last_word_of_a_collector_on_a_place_counts():
    counted = meter()
    counted.expect(PLACE, "metrics", plan("0.13", "0.05"))
    counted.expect(PLACE, "metrics", plan("0.01", "0"))
    assert counted.stretch(EARLY) == 1
    assert counted.plan(EARLY).projected(counted.month_to_date, EARLY) == Decimal("6.60")


def test_a_new_month_begins_at_nothing():
    moment = Moment(datetime(2026, 3, 31, 23, 59, tzinfo=UTC))
    counted = Meter(Decimal(50), now=moment.now)
    counted.sending(GET, 500, collector="metrics")
    moment.pass_(minutes=2)
    assert counted.month_to_date == 0


def test_a_collector_knows_what_it_spent_itself():
    counted = meter()
    before = counted.tally("metrics", PLACE)
    counted.sending(GET, 2, collector="metrics")
    counted.sending(GET, 3, collector="other").refused(BadRequest("no"))
    spent = counted.tally("metrics", PLACE).since(before)
    assert (spent.calls, spent.usd) == (1, Decimal("0.00002"))
