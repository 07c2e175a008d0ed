"""Alarms out of the store: which of several with one name holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.model.alarms import AlarmDefinition, Origin
from app.model.own_alarms import Version
from tests.support.alarm_yard import NOON, PLACE, Yard, alarm


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.close()


def written(yard: Yard, threshold: float | None, name: str = "orders") -> None:
    put = None if threshold is None else alarm(name, Threshold=threshold).put()
    yard.store.own_alarms.add(Version(f"{PLACE}/{name}", put, NOON, "ada"))


def defined(yard: Yard) -> list[AlarmDefinition]:
    return yard.store.ledger.definitions()


def test_what_is_written_on_a_page_is_judged_at_the_next_tick(yard: Yard) -> None:
    engine = yard.engine(default_channels=["ops"])
    engine.tick(NOON)
    assert defined(yard) == []
    written(yard, 5.0)
    engine.tick(NOON)
    [found] = defined(yard)
    assert (found.origin, found.put["Threshold"], found.channels) == (Origin.PAGE, 5.0, ("ops",))
    written(yard, None)
    engine.tick(NOON)
    assert defined(yard) == []


def test_an_alarm_of_the_settings_is_not_replaced_on_a_page(yard: Yard) -> None:
    written(yard, 5.0)
    yard.engine(alarm(Threshold=7.0)).tick(NOON)
    [found] = defined(yard)
    assert (found.origin, found.put["Threshold"]) == (Origin.CONFIG, 7.0)
