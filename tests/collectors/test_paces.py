"""How often alarmed series are read, and that nobody pays twice for one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.model.groups import metrics_group, series_group
from tests.collectors.working import NOW, PLACE, Work, alarm, working

QUICK, SLOW = "alarmed/AWS/SQS/60", "alarmed/AWS/SQS/300"
ORDINARY = metrics_group("AWS/SQS")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with start(clock=Clock(lambda: NOW), wait=False) as found:
        yield found


@pytest.fixture
def work(endpoint: Endpoint, tmp_path: Path) -> Iterator[Work]:
    alarms = [alarm("notifications", 60), alarm("notifications-dlq", 300)]
    with working(endpoint, tmp_path, alarms=alarms) as made:
        made.rounds()
        made.rounds()
        yield made


def minutes(work: Work, count: int) -> dict[str, list[datetime]]:
    """Work minute by minute; when each group was read."""
    read: dict[str, list[datetime]] = {}
    for _ in range(count):
        work.later(minutes=1)
        for done in work.rounds():
            read.setdefault(done.group, []).append(work.now)
    return read


def test_an_alarm_of_five_minutes_is_read_when_five_minutes_are_over(work: Work):
    read = minutes(work, 10)
    assert len(read[QUICK]) == 10
    # What alarms watch is asked for a minute later: 12:05 to 12:10 at 12:11.
    assert [at.minute for at in read[SLOW]] == [11, 16]


def test_what_is_read_for_alarms_is_not_paid_for_twice(work: Work):
    series = len(work.store.series.find(places=[PLACE]))
    minutes(work, 1)
    work.endpoint.counters.clear()
    read = Counter({group: len(at) for group, at in minutes(work, 30).items()})
    billed = work.endpoint.counters.units("cloudwatch", "GetMetricData")
    assert read == {QUICK: 30, SLOW: 6, ORDINARY: 6}
    assert billed == 30 + 6 + 6 * (series - 2)


def test_ordinary_reading_steps_in_for_alarms_that_were_not_read(work: Work):
    minutes(work, 1)
    series = len(work.store.series.find(places=[PLACE]))
    work.later(minutes=10)
    work.endpoint.counters.clear()
    (task,) = (t for t in work.collector.plan(PLACE, work.now) if t.group == ORDINARY)
    work.round(task)
    assert work.endpoint.counters.units("cloudwatch", "GetMetricData") == series


def test_the_meter_expects_what_is_paid(work: Work):
    series = len(work.store.series.find(places=[PLACE]))
    minutes(work, 1)
    plan = {read.group: (read.usd, read.every) for read in work.meter.plan(work.now).reads}
    assert plan == {
        QUICK: (Decimal("0.00001"), timedelta(minutes=1)),
        SLOW: (Decimal("0.00001"), timedelta(minutes=5)),
        ORDINARY: (Decimal("0.00001") * (series - 2), timedelta(minutes=5)),
        series_group("AWS/SQS"): (Decimal("0.00001"), timedelta(hours=1)),
    }
