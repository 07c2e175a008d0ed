"""A small real store behind every page: one function that fails, one that is well, an alarm."""

from __future__ import annotations

import shutil
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
def shelf(filled: Path, tmp_path: Path) -> Iterator[Shelf]:
    """A store of its own for each test, filled as all are."""
    folder = tmp_path / "filled"
    shutil.copytree(filled, folder)
    made = Shelf(folder)
    yield made
    made.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    made = Shelf(folder)
    _fill(made)
    made.store.release(made.lease)
    made.close()
    return folder


def _fill(shelf: Shelf) -> None:
    failing, well = function("failing", tags={"project": "blog"}), function("well")
    orders = queue("orders", configuration={"MaximumMessageSize": 1024})
    shelf.resources(failing, well, orders)
    for each in (failing, well):
        shelf.put(of(each, "Invocations"), "600x59")
    shelf.put(of(failing, "Errors"), "60x59")
    shelf.put(of(orders, "ApproximateAgeOfOldestMessage"), "30x59")
    for namespace in ("AWS/Lambda", "AWS/SQS"):
        shelf.cover(namespace, timedelta(hours=2))
    shelf.alarm(errors_alarm(failing), AlarmState.ALARM, NOW - timedelta(minutes=12), [60, 60])
    shelf.alarm(errors_alarm(well), AlarmState.OK, NOW - timedelta(hours=5))
    shelf.calls("GetMetricData", "1.50", 150_000)
    put_bill(shelf)


@pytest.fixture
def seen() -> Seen:
    return Seen(NOW, UTC)
