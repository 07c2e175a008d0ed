"""The page of a trace that is spread over accounts, Regions and senders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.model.rounds import Batch
from app.model.traces import TraceSource
from dashboards.pages import trace, trace_side
from dashboards.parts import Seen
from tests.support.components import text
from tests.support.shelf import AWAY, HOME, Shelf
from tests.support.traces import START, Documents, handed_over, http


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """A request that goes on in another account, of which X-Ray has only told there."""
    made = Shelf(tmp_path)
    make = Documents()
    told = {"StartTime": START.timestamp() + 0.01, "IsPartial": True, "Duration": 0.05}
    made.commit(
        Batch(
            traces=[
                handed_over(make.segment("api", http=http(200)), whole=True),
                handed_over(make.segment("app", 5), source=TraceSource.OTLP),
                handed_over(trace_id=make.trace_id, place=AWAY, summary=told),
            ]
        )
    )
    yield made
    made.close()


def test_all_places_are_named_and_what_is_not_drawn_is_said(shelf: Shelf, seen: Seen) -> None:
    scope = shelf.scope(timedelta(hours=2))
    id_ = Documents().trace_id
    head, data, *_ = trace.answer(shelf.reads, id_, scope, seen)
    places = [shelf.reads.place_words(place) for place in (HOME, AWAY)]
    assert ", ".join(places) in text(head)
    assert f"Of its part in {places[1]} only X-Ray's summary is stored" in text(head)
    assert [row[4] for row in data["rows"]] == ["api", "app"]
    found = shelf.reads.trace_page.trace(id_, [AWAY]).value
    assert found is not None
    for span, words in zip(found.walk(), ("X-Ray", "the application"), strict=True):
        beside = text(trace_side.span(shelf.reads, found, span.id, scope, seen))
        assert f"{words}, {places[0]}" in beside
