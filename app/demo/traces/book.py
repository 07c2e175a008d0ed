"""All traces of a world as X-Ray knows them at a moment.

A document arrives seconds after its end, a few much later; until then it is not
there, and each arrival makes a new revision of its trace. Traces are made an hour
of one place at a time and kept for a moment.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from threading import RLock

import orjson

from app.demo.traces.abroad import answers, begins
from app.demo.traces.documents import documents
from app.demo.traces.parts import Document
from app.demo.traces.requests import requests
from app.demo.world.world import World
from app.model.ids import Place
from app.model.trace_nodes import inferred_document, inferred_id
from app.model.trace_reading import trace_of
from app.model.traces import Origin, Trace

HOUR_MS = 3_600_000
_KEPT_HOURS = 60
_FASTEST_MS, _SLOWEST_MS = 2_000, 9_000
_ONE_IN_LATE, _LATE_MS = 400, 1_500_000
_LONGEST_MS = 2_400_000
"""No document arrives later than so long after the start of its trace."""


@dataclass(frozen=True)
class Recorded:
    """A trace with all its documents and the time of arrival of each, in ms."""

    trace_id: str
    place: Place
    start_ms: int
    arriving: tuple[tuple[int, Document], ...]

    def at(self, now_ms: int) -> Seen | None:
        """What is there of it at a moment; None if nothing is yet."""
        there = [(arrival, document) for arrival, document in self.arriving if arrival <= now_ms]
        if not there:
            return None
        # What arrives within the same ten seconds is one revision.
        revision = len({arrival // 10_000 for arrival, _ in there})
        return Seen(self, tuple(d for _, d in there), revision, max(a for a, _ in there))


@dataclass(frozen=True)
class Seen:
    """A trace as far as it has arrived; ``received_ms`` is the time of its newest revision."""

    recorded: Recorded
    documents: tuple[Document, ...]
    revision: int
    received_ms: int

    @cached_property
    def processed(self) -> list[Document]:
        """The documents with those that X-Ray infers."""
        return [*self.documents, *_inferred(self.documents)]

    @cached_property
    def trace(self) -> Trace:
        """Put together, to be summed up."""
        place = self.recorded.place
        return trace_of(self.recorded.trace_id, self.processed, origin=Origin(place))

    def segments(self) -> list[dict[str, str]]:
        """As BatchGetTraces gives them."""
        return [
            {"Id": document["id"], "Document": orjson.dumps(document).decode()}
            for document in self.processed
        ]


class TraceBook:
    """The traces of every place; safe to share between threads."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._hours: OrderedDict[tuple[Place, int, int], dict[str, Recorded]] = OrderedDict()
        self._lock = RLock()

    def received(self, place: Place, start_ms: int, end_ms: int, now_ms: int) -> list[Seen]:
        """Traces whose newest revision arrived in [start, end), newest first."""
        first = start_ms - _LONGEST_MS
        found = (one.at(now_ms) for one in self._between(place, first, min(end_ms, now_ms)))
        inside = [s for s in found if s is not None and start_ms <= s.received_ms < end_ms]
        return sorted(inside, key=lambda s: (-s.received_ms, s.recorded.trace_id))

    def begun(self, place: Place, start_ms: int, end_ms: int, now_ms: int) -> list[Seen]:
        """Traces that began in [start, end), newest first."""
        found = (one.at(now_ms) for one in self._between(place, start_ms, min(end_ms, now_ms)))
        inside = [s for s in found if s and start_ms <= s.recorded.start_ms < end_ms]
        return sorted(inside, key=lambda s: (-s.recorded.start_ms, s.recorded.trace_id))

    def by_id(self, place: Place, trace_id: str, now_ms: int) -> Seen | None:
        """One trace; its id tells about when it began."""
        try:
            start_ms = int(trace_id[2:10], 16) * 1000
        except ValueError:
            return None
        # It may have begun a moment before the time in its id.
        for hour in dict.fromkeys((start_ms // HOUR_MS, (start_ms - 60_000) // HOUR_MS)):
            recorded = self._hour(place, hour).get(trace_id) if hour * HOUR_MS <= now_ms else None
            if recorded is not None:
                return recorded.at(now_ms)
        return None

    def _between(self, place: Place, start_ms: int, end_ms: int) -> Iterator[Recorded]:
        for hour in range(start_ms // HOUR_MS, end_ms // HOUR_MS + 1):
            yield from self._hour(place, hour).values()

    def _hour(self, place: Place, hour: int) -> dict[str, Recorded]:
        if place not in self._world.deployments:
            return {}
        key = (place, hour, self._world.incidents.version)
        with self._lock:
            known = self._hours.pop(key, None)
            made = self._made(place, hour) if known is None else known
            self._hours[key] = made
            while len(self._hours) > _KEPT_HOURS:
                self._hours.popitem(last=False)
            return made

    def _made(self, place: Place, hour: int) -> dict[str, Recorded]:
        deployment = self._world.deployments[place]
        sheet = self._world.sheet(place, hour * 60, (hour + 1) * 60)
        found = {}
        for request in requests(sheet):
            one = _recorded(place, request.trace_id, documents(request, deployment))
            if one.start_ms // HOUR_MS == hour:
                found[one.trace_id] = one
        return found | self._from_elsewhere(place, hour)

    def _from_elsewhere(self, place: Place, hour: int) -> dict[str, Recorded]:
        """Parts of traces that began in another place."""
        source = begins(place)
        found = {}
        for one in self._hour(source, hour).values() if source else ():
            made = list(answers((d for _, d in one.arriving), place))
            if made:
                found[one.trace_id] = _recorded(place, one.trace_id, made)
        return found


def _recorded(place: Place, trace_id: str, made: Iterable[Document]) -> Recorded:
    arriving = tuple(sorted(((_arrival(d), d) for d in made), key=lambda one: one[0]))
    start = min(document["start_time"] for _, document in arriving)
    return Recorded(trace_id, place, int(start * 1000), arriving)


def _arrival(document: Document) -> int:
    chance = int(document["id"], 16)
    wait = _FASTEST_MS + chance % (_SLOWEST_MS - _FASTEST_MS)
    late = _LATE_MS if chance // 16_384 % _ONE_IN_LATE == 0 else 0
    return int(document["end_time"] * 1000) + wait + late


def _inferred(given: Iterable[Document]) -> Iterator[Document]:
    """A segment for each call with a namespace that none of ``given`` answers."""
    answered = {document.get("parent_id") for document in given}
    for document in given:
        waiting = list(document.get("subsegments", ()))
        while waiting:
            call = waiting.pop(0)
            waiting[:0] = call.get("subsegments", ())
            if call.get("namespace") and call["id"] not in answered:
                account = document.get("aws", {}).get("account_id", "")
                made = inferred_document(call, inferred_id(call["id"]), account)
                yield made | {"trace_id": document["trace_id"]}
