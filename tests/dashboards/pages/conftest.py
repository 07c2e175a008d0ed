"""A small real store behind every page: one function that fails, one that is well, an alarm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from app.model.states import AlarmState
from dashboards.parts import Seen
from tests.dashboards.pages.bill import put_bill
from tests.support.shelf import NOW, Shelf, errors_alarm, function, of, queue


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.close()


@pytest.fixture
def shelf(empty: Shelf) -> Shelf:
    failing, well = function("failing", tags={"project": "blog"}), function("well")
    orders = queue("orders", configuration={"MaximumMessageSize": 1024})
    empty.resources(failing, well, orders)
    for each in (failing, well):
        empty.put(of(each, "Invocations"), "600x59")
    empty.put(of(failing, "Errors"), "60x59")
    empty.put(of(orders, "ApproximateAgeOfOldestMessage"), "30x59")
    for namespace in ("AWS/Lambda", "AWS/SQS"):
        empty.cover(namespace, timedelta(hours=2))
    empty.alarm(errors_alarm(failing), AlarmState.ALARM, NOW - timedelta(minutes=12), [60, 60])
    empty.alarm(errors_alarm(well), AlarmState.OK, NOW - timedelta(hours=5))
    empty.calls("GetMetricData", "1.50", 150_000)
    put_bill(empty)
    return empty


@pytest.fixture
def seen() -> Seen:
    return Seen(NOW, UTC)
