"""A month's number of billed units, counted before each call for all places together."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.aws import Meter, UnitLimit
from app.aws.asked import Asked
from app.model.errors import OverBudget, Throttled
from app.model.ids import Place
from app.model.rounds import MeterEntry

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOME, AWAY = Place("111111111111", "eu-central-1"), Place("222222222222", "us-east-1")
SCAN, FETCH, FREE = "GetTraceSummaries", "BatchGetTraces", "GetGroups"


class Watch:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def asked(operation: str, place: Place = HOME) -> Asked:
    return Asked(place, "xray", operation, "prod", "", "")


def entry(operation: str, units: int, at: datetime = NOW) -> MeterEntry:
    return MeterEntry(at, AWAY, "xray", operation, "traces", 1, units, Decimal(0))


def limited(units: int, *entries: MeterEntry, watch: Watch | None = None) -> Meter:
    meter = Meter(Decimal(50), now=watch or Watch(), entries=entries)
    meter.limit_units("xray", UnitLimit(units, "traces", "collection.traces.per_month"))
    return meter


def test_what_was_stored_of_the_month_counts_and_what_is_free_does_not() -> None:
    before = datetime(2026, 10, 31, tzinfo=UTC)
    meter = limited(100, entry(SCAN, 30), entry(FETCH, 20), entry(FREE, 40), entry(SCAN, 9, before))
    assert meter.units_left("xray") == 50
    assert meter.units_left("ce") is None


def test_a_call_that_does_not_fit_is_not_sent_whatever_the_place() -> None:
    meter = limited(8)
    meter.sending(asked(FETCH), 5, collector="traces")
    with pytest.raises(OverBudget, match=r"The 8 traces of this month .* in all accounts"):
        meter.sending(asked(FETCH, AWAY), 5, collector="traces")
    meter.sending(asked(FETCH, AWAY), 3, collector="traces")
    meter.sending(asked(FREE), 1, collector="traces")
    assert meter.units_left("xray") == 0


def test_a_refused_call_gives_its_units_back() -> None:
    meter = limited(5)
    meter.sending(asked(FETCH), 5, collector="traces").refused(Throttled("slow down"))
    assert meter.units_left("xray") == 5


def test_calls_side_by_side_share_what_is_left_until_their_answers_tell() -> None:
    meter = limited(1_500)
    first = meter.units_ahead("xray", SCAN, 1)
    meter.sending(asked(SCAN), first, collector="traces")
    second = meter.units_ahead("xray", SCAN, 1)
    meter.sending(asked(SCAN, AWAY), second, collector="traces")
    assert (first, second, meter.units_left("xray")) == (1_000, 500, 0)
    with pytest.raises(OverBudget):
        meter.sending(asked(SCAN), meter.units_ahead("xray", SCAN, 1), collector="traces")
    meter.corrected(asked(SCAN), 200 - first, collector="traces")
    assert meter.units_left("xray") == 800


def test_a_new_month_begins_anew() -> None:
    watch = Watch()
    meter = limited(5, entry(SCAN, 5), watch=watch)
    watch.now = datetime(2026, 12, 1, tzinfo=UTC)
    assert meter.units_left("xray") == 5


def test_without_a_limit_a_call_counts_as_it_always_did() -> None:
    meter = Meter(Decimal(50), now=Watch())
    assert meter.units_ahead("xray", SCAN, 1) == 1
