"""Whether log events are all there, as the collection page tells it."""

from __future__ import annotations

from datetime import timedelta

from app.model.ids import Place, SeriesKey
from app.read.log_audits import GroupAudit
from tests.support.shelf import AWAY, HOME, NOW, Shelf

HOUR = timedelta(hours=1)


def figure(group: str, metric: str, place: Place = HOME, reason: str = "") -> SeriesKey:
    more = {"Reason": reason} if reason else {}
    return SeriesKey.of(place, "Watchdeck/Logs", metric, {"LogGroupName": group, **more})


def audits(shelf: Shelf, *places: Place) -> tuple[GroupAudit, ...]:
    return shelf.reads.collection.state(shelf.scope(HOUR, *places)).value.audits


def test_audits_of_a_day_are_added_up_and_trouble_comes_first(shelf: Shelf) -> None:
    for group, missing in (("/a", "0"), ("/b", "3")):
        for age, arrived in ((7, "100"), (1, "20"), (30, "1000")):
            shelf.put(figure(group, "EventsArrived"), arrived, end=NOW - age * HOUR)
        shelf.put(figure(group, "EventsMissing"), missing, end=NOW - HOUR)
    assert audits(shelf) == (
        GroupAudit(HOME, "/b", 120, 3, 0, NOW - HOUR),
        GroupAudit(HOME, "/a", 120, 0, 0, NOW - HOUR),
    )


def test_what_rules_leave_out_is_told_by_group(shelf: Shelf) -> None:
    shelf.put(figure("/a", "EventsLeftOut", reason="excluded"), "5x3")
    shelf.put(figure("/a", "EventsLeftOut", reason="sampled"), "2")
    shelf.put(figure("/a", "BytesLeftOut", reason="sampled"), "2000")
    assert audits(shelf) == (GroupAudit(HOME, "/a", 0, 0, 22, None),)


def test_only_the_chosen_places_are_told(shelf: Shelf) -> None:
    shelf.put(figure("/a", "EventsArrived", AWAY), "1", end=NOW - HOUR)
    assert audits(shelf, HOME) == ()
    assert [each.group for each in audits(shelf, AWAY)] == ["/a"]
