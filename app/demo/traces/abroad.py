"""Parts of traces that another Region receives: the service of link previews runs there.

X-Ray of a Region knows only what was sent to it, so a trace that began elsewhere is
partial there, and whole only for who puts both parts together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.demo.traces.parts import Document, span_id
from app.demo.traces.steps import PREVIEWS
from app.model.ids import Place

BEGINS, ANSWERS = "eu-central-1", "us-east-1"
"""The Region whose requests go on, and the one that answers them."""


def begins(place: Place) -> Place | None:
    """Where the traces begin of which a place has parts; None if it has none of others."""
    return Place(place.account, BEGINS) if place.region == ANSWERS else None


def answers(documents: Iterable[Document], place: Place) -> Iterator[Document]:
    """A segment of the service for each call of it, as it is received at ``place``."""
    for document in documents:
        waiting = list(document.get("subsegments", ()))
        while waiting:
            call = waiting.pop()
            waiting += call.get("subsegments", ())
            if call["name"] == PREVIEWS:
                yield _answer(call, document, place)


def _answer(call: Document, caller: Document, place: Place) -> Document:
    start, end = call["start_time"], call["end_time"]
    wait = 0.2 * (end - start)
    return {
        "trace_id": caller["trace_id"],
        "id": span_id(int(call["id"], 16), 1),
        "parent_id": call["id"],
        "name": "link-preview",
        "start_time": round(start + wait, 6),
        "end_time": round(end - wait, 6),
        "origin": "AWS::AppRunner::Service",
        "http": call["http"],
        "aws": {"account_id": place.account},
        "annotations": {"cached": int(call["id"][-1], 16) % 4 == 0},
    }
