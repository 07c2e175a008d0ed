"""What the catalog holds of traces: those that are owed, and what could not be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.model.errors import LeaseLost
from app.model.ids import Place
from app.model.rounds import Batch
from app.model.time import Window
from app.model.traces import Flaw, OwedTrace, RefusedSpans, TraceSource
from tests.store.samples import NOW, Writing
from tests.support.traces import trace_id

HOME, AWAY = Place("111111111111", "eu-central-1"), Place("222222222222", "us-east-1")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def owed(number: int, place: Place = HOME, age: timedelta = DAY) -> OwedTrace:
    return OwedTrace(trace_id(number), place, NOW - age, 0, 20.0)


def test_what_is_owed_stays_until_it_is_settled(writing: Writing, opener) -> None:
    old, new = owed(1, age=2 * DAY), owed(2)
    writing.commit(Batch(traces_owed=[new, old, owed(2, AWAY)]), now=NOW)
    book = opener(writer=False).trace_book  # as another process finds it
    assert (book.owed(HOME), book.owed(AWAY)) == ([old, new], [owed(2, AWAY)])
    tried = replace(old, tries=1, since=NOW)
    writing.commit(Batch(traces_owed=[tried], traces_settled=[new]), now=NOW)
    assert book.owed(HOME) == [replace(old, tries=1)]
    assert book.owed(AWAY) == [owed(2, AWAY)]


def test_what_x_ray_no_longer_has_is_forgotten(writing: Writing) -> None:
    writing.commit(Batch(traces_owed=[owed(1, age=31 * DAY), owed(2)]), now=NOW)
    assert writing.store.trace_book.owed(HOME) == [owed(2)]


def test_what_is_owed_is_kept_with_its_batch_or_not_at_all(writing: Writing) -> None:
    lost = replace(writing.lease, token=writing.lease.token + 1)
    with pytest.raises(LeaseLost):
        writing.store.commit(Batch(traces_owed=[owed(1)]), lease=lost, now=NOW)
    assert writing.store.trace_book.owed(HOME) == []


def refused(count: int, place: Place = HOME, detail: str = "a span over 200 KB") -> RefusedSpans:
    return RefusedSpans(place, TraceSource.OTLP, Flaw.TOO_LONG, detail, count)


def test_what_was_refused_is_counted_by_the_hour(writing: Writing) -> None:
    for at, given in (
        (NOW - 2 * HOUR, [refused(100)]),
        (NOW, [refused(3), refused(1, AWAY)]),
        (NOW + timedelta(minutes=5), [refused(4), refused(1, detail="another")]),
    ):
        writing.commit(Batch(spans_refused=given), now=at)
    book, last = writing.store.trace_book, Window(NOW, NOW + HOUR)
    assert book.refused(last, [HOME]) == [refused(7), refused(1, detail="another")]
    assert book.refused(last, [AWAY]) == [refused(1, AWAY)]
    writing.commit(Batch(spans_refused=[refused(1)]), now=NOW + 31 * DAY)
    assert book.refused(Window(NOW - DAY, NOW + DAY), [HOME, AWAY]) == []
