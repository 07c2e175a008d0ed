"""Points that come hours late are taken in within a day, at no further cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.demo.faults import Fault, FaultKind
from app.model.groups import metrics_group
from app.model.time import Intervals, Window, floor
from tests.collectors.working import NOW, PLACE, Work, alarm, working

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GROUP = metrics_group("AWS/SQS")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with start(clock=Clock(lambda: NOW), wait=False) as found:
        yield found


@pytest.fixture
def work(endpoint: Endpoint, tmp_path: Path) -> Iterator[Work]:
    with working(endpoint, tmp_path) as made:
        yield made


def hours(work: Work, count: int) -> list[int]:
    """Read once an hour; gives the billed metrics of each."""
    billed = []
    for _ in range(count):
        work.later(hours=1)
        work.endpoint.counters.clear()
        work.rounds()
        billed.append(work.endpoint.counters.units("cloudwatch", "GetMetricData"))
    return billed


def test_points_that_come_four_hours_late_are_there_a_day_later(
    work: Work, endpoint: Endpoint, tmp_path: Path
):
    work.rounds()
    late = endpoint.faults.add(Fault(FaultKind.LATE, api="cloudwatch", seconds=4 * 3600))
    hours(work, 5)
    missed = Window(NOW, work.now - 3 * HOUR)
    there = len(work.points_of(missed))
    endpoint.faults.remove(late)
    hours(work, 24)
    more = {"now": work.now, "backfill": timedelta(days=2)}
    with working(endpoint, tmp_path / "fresh", **more) as fresh:
        fresh.rounds()
        expected = fresh.points_of(missed)
    assert there < len(expected) / 3
    assert work.points_of(missed) == expected


def test_looking_back_for_late_points_is_not_billed(work: Work):
    work.rounds()
    series = len(work.store.series.find(places=[PLACE]))
    assert hours(work, 24) == [series] * 24


@pytest.fixture(scope="module")
def three_days(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    """Read once an hour for three days and some hours, for alarms as well.

    Days of ten seconds would fit into no call; CloudWatch keeps three hours of them.
    """
    alarms = [alarm("notifications", 10), alarm("notifications-dlq", 60)]
    with working(endpoint, tmp_path_factory.mktemp("days"), alarms=alarms) as work:
        work.rounds()
        hours(work, 76)
        yield work


@pytest.mark.slow
@pytest.mark.parametrize(
    ("group", "since", "lag"),
    [
        pytest.param(
            GROUP, NOW - timedelta(hours=23, minutes=59, seconds=30), 2 * MINUTE, id="ordinary"
        ),
        pytest.param(
            "alarmed/AWS/SQS/60", NOW - timedelta(hours=3, seconds=90), MINUTE, id="for alarms"
        ),
    ],
)
def test_time_is_settled_once_nothing_more_can_come(
    three_days: Work, group: str, since: datetime, lag: timedelta
) -> None:
    (settled,) = three_days.store.coverage(PLACE, group).settled
    assert settled == Window(since, floor(three_days.now - 72 * HOUR - lag, MINUTE))


def test_what_was_just_read_is_provisional(work: Work) -> None:
    work.rounds()
    found = work.store.coverage(PLACE, GROUP)
    assert (found.answered.length, found.settled) == (timedelta(hours=23, minutes=57), Intervals())
