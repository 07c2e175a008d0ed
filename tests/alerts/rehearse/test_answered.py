"""Which time was answered for a namespace, by whom ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.rehearse.answered import answered_for
from app.model.groups import alarmed_group, derived_group, derived_mark, metrics_group
from app.model.ids import Place
from app.model.time import Intervals, Window
from app.store import Coverage

HOME, AWAY = Place("111111111111", "eu-central-1"), Place("111111111111", "us-east-1")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ORDERS = derived_group("Shop", "Orders", ["Kind"])


def hours(start: int, end: int) -> Intervals:
    return Intervals.of([Window(NOON + start * HOUR, NOON + end * HOUR)])


def test_time_that_log_events_complete_is_answered_like_any_other() -> None:
    coverages = {
        (HOME, metrics_group("Shop", 60)): Coverage(hours(0, 1), Intervals()),
        (HOME, alarmed_group("Shop", 60)): Coverage(hours(2, 3), Intervals()),
        (HOME, ORDERS): Coverage(hours(4, 5), Intervals()),
        (HOME, derived_mark(ORDERS, "/app")): Coverage(hours(6, 7), Intervals()),
        (HOME, metrics_group("Other", 60)): Coverage(hours(8, 9), Intervals()),
        (AWAY, ORDERS): Coverage(hours(10, 11), Intervals()),
    }
    assert answered_for(coverages, HOME, "Shop") == hours(0, 1) | hours(2, 3) | hours(4, 5)
