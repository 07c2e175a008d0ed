"""The plan of reading is stored when it has changed, and as a sign of life."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.aws import Meter, Reading
from app.model.plans import Plan, PlannedRead
from app.run.planned import PlanKeeper
from tests.support.shelf import HOME, NOW, Shelf

MINUTE = timedelta(minutes=1)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.close()


def reading(usd: str) -> Reading:
    return Reading("metrics/AWS/SQS/60", Decimal(usd), 5 * MINUTE, may_wait=True)


def test_a_plan_is_stored_once_until_it_changes(shelf: Shelf) -> None:
    meter = Meter(Decimal(50), now=lambda: NOW)
    keeper = PlanKeeper(shelf.store, meter)
    told = []
    for usd in ("0.001", "0.001", "0.002"):
        meter.expect(HOME, "metrics", [reading(usd)])
        told.append(keeper.note(shelf.lease, NOW))
    assert told == [True, False, True]
    stored = PlannedRead(
        HOME, "metrics", "metrics/AWS/SQS/60", Decimal("0.002"), 5 * MINUTE, 5 * MINUTE
    )
    assert shelf.store.meter.plan() == Plan(NOW, (stored,))


def test_a_plan_that_stays_is_stored_again_after_five_minutes(shelf: Shelf) -> None:
    meter = Meter(Decimal(50), now=lambda: NOW)
    meter.expect(HOME, "metrics", [reading("0.001")])
    keeper = PlanKeeper(shelf.store, meter)
    assert [keeper.note(shelf.lease, NOW + n * MINUTE) for n in (0, 3, 6)] == [
        True,
        False,
        True,
    ]


def test_nothing_is_stored_before_there_is_a_plan(shelf: Shelf) -> None:
    keeper = PlanKeeper(shelf.store, Meter(Decimal(50), now=lambda: NOW))
    assert not keeper.note(shelf.lease, NOW)
