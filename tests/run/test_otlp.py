"""Spans over a real socket into a real store: a 200 means that they are there."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from app.config import StoreSettings
from app.config.traces import OtlpSettings
from app.model.errors import LeaseLost, StoreFull
from app.model.ids import Place
from app.model.rounds import Result
from app.model.time import Window
from app.model.traces import Flaw, TraceDocuments, TraceSource
from app.run import otlp
from app.run.otlp import Keeper, NotKept, Overloaded, receiving
from app.store import Store, open_store
from app.web.otlp_reading import Received
from tests.support.traces import blog_request, handed_over, trace_id

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")
START = int(NOW.timestamp()) * 10**9


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(otlp, "PAUSE_S", 0.0)


@pytest.fixture
def store(tmp_path: Path):
    opened = open_store(StoreSettings(path=tmp_path), NOW)
    yield opened
    opened.close()


def held(store: Store):
    lease = store.acquire("test", NOW, timedelta(hours=1))
    return lambda: lease


def post(port: int, spans: list) -> int:
    body = orjson.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/traces", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.status


def test_spans_are_in_the_store_when_they_are_answered(store):
    with receiving(OtlpSettings(port=0), store, held(store), [PLACE], lambda: NOW) as port:
        trace = "6ab13b800123456789abcdef01234567"
        times = {"startTimeUnixNano": START, "endTimeUnixNano": START + 5_000_000}
        first = {"traceId": trace, "spanId": "00000000000000a1", "name": "a", "kind": 2, **times}
        second = first | {"spanId": "00000000000000a2", "parentSpanId": "00000000000000a1"}
        assert post(port, [first]) == 200
        found = store.traces.trace("1-6ab13b80-0123456789abcdef01234567")
        assert [s.id[-2:] for s in found.segments] == ["a1"]
        assert post(port, [second]) == 200
        found = store.traces.trace("1-6ab13b80-0123456789abcdef01234567")
        assert [s.id[-2:] for s in found.segments] == ["a1", "a2"]


def test_without_settings_nothing_listens(store):
    before = threading.active_count()
    with receiving(None, store, held(store), [PLACE], lambda: NOW):
        assert threading.active_count() == before


def test_a_store_that_is_full_is_told_to_the_sender_and_the_next_one_is_kept(store, monkeypatch):
    keeper, stop = Keeper(store, held(store), PLACE, lambda: NOW), threading.Event()
    real, calls = store.commit, []

    def commit(*given, **more):
        calls.append(given)
        if len(calls) == 1:
            raise StoreFull("no space")
        return real(*given, **more)

    monkeypatch.setattr(store, "commit", commit)
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    try:
        with pytest.raises(StoreFull):
            keeper.keep([handed_over(*blog_request(1))], Received())
        keeper.keep([handed_over(*blog_request(2))], Received())
    finally:
        stop.set()
        thread.join()
    assert store.traces.trace(trace_id(1)) is None
    assert store.traces.trace(trace_id(2)) is not None


POISON = TraceDocuments("not a trace id", PLACE, TraceSource.OTLP)


def test_one_request_that_cannot_be_kept_takes_no_other_with_it(store):
    keeper, stop = Keeper(store, held(store), PLACE, lambda: NOW), threading.Event()
    failed: list[Exception] = []

    def send(traces: TraceDocuments) -> None:
        try:
            keeper.keep([traces], Received())
        except NotKept as error:
            failed.append(error)

    given = [handed_over(*blog_request(1)), POISON, handed_over(*blog_request(2))]
    senders = [threading.Thread(target=send, args=(one,)) for one in given]
    for sender in senders:
        sender.start()
    while keeper.waiting < len(senders):
        pass
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    try:
        for sender in senders:
            sender.join()
        assert len(failed) == 1
        assert {n for n in (1, 2) if store.traces.trace(trace_id(n))} == {1, 2}
        keeper.keep([handed_over(*blog_request(3))], Received())
    finally:
        stop.set()
        thread.join()
    assert store.traces.trace(trace_id(3)) is not None


def test_a_lost_lease_is_told_to_all_and_ends_the_keeper(store, monkeypatch):
    keeper, stop = Keeper(store, held(store), PLACE, lambda: NOW), threading.Event()
    calls, failed = [], []

    def commit(*given, **more):
        calls.append(given)
        raise ValueError("poisoned") if len(calls) == 1 else LeaseLost("another writes")

    monkeypatch.setattr(store, "commit", commit)

    def send() -> None:
        try:
            keeper.keep([POISON], Received())
        except LeaseLost as error:
            failed.append(error)

    senders = [threading.Thread(target=send) for _ in range(3)]
    for sender in senders:
        sender.start()
    while keeper.waiting < len(senders):
        pass
    keeper.run(stop)
    for sender in senders:
        sender.join()
    assert (len(calls), len(failed)) == (2, 3)


def test_more_than_can_wait_is_to_come_again(store, monkeypatch):
    monkeypatch.setattr(otlp, "PATIENCE_S", 0.01)
    keeper = Keeper(store, held(store), PLACE, lambda: NOW)
    for _ in range(otlp.WAITING):
        with pytest.raises(Overloaded, match="too long"):
            keeper.keep([], Received())
    with pytest.raises(Overloaded, match="more spans come"):
        keeper.keep([], Received())


def test_what_comes_close_together_is_one_commit(store, monkeypatch):
    monkeypatch.setattr(otlp, "PAUSE_S", 0.3)
    keeper, stop = Keeper(store, held(store), PLACE, lambda: NOW), threading.Event()
    before = store.version
    senders = [
        threading.Thread(target=keeper.keep, args=([handed_over(*blog_request(n))], Received()))
        for n in range(6)
    ]
    for sender in senders:
        sender.start()
    while keeper.waiting < len(senders):
        pass
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    for one in senders:
        one.join()
    stop.set()
    thread.join()
    assert store.version == before + 1


def test_what_came_and_what_was_refused_is_told_each_minute(store):
    times = iter([NOW, *[NOW + timedelta(seconds=90)] * 50])
    keeper, stop = Keeper(store, held(store), PLACE, lambda: next(times)), threading.Event()
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    keeper.keep([handed_over(*blog_request(3))], Received(refused={"a span over 200 KB": 2}))
    stop.set()
    thread.join()
    (told,) = store.rounds.latest()
    assert (told.collector, told.result, told.rows) == ("otlp", Result.PARTIAL, 10)
    assert told.message == "2 refused: a span over 200 KB"
    hour = Window(NOW, NOW + timedelta(hours=1))
    (counted,) = store.trace_book.refused(hour, [PLACE])
    assert (counted.flaw, counted.count) == (Flaw.OVER_LIMIT, 2)


def test_a_round_that_cannot_be_noted_is_told_later_and_spans_are_kept_on(store, monkeypatch):
    times = (NOW + timedelta(minutes=n) for n in range(10_000))
    keeper, stop = Keeper(store, held(store), PLACE, lambda: next(times)), threading.Event()
    real = store.note
    tried, has_space, told = threading.Event(), threading.Event(), threading.Event()

    def note(**given):
        tried.set()
        if not has_space.is_set():
            raise StoreFull("no space")
        real(**given)
        told.set()

    monkeypatch.setattr(store, "note", note)
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    try:
        keeper.keep([handed_over(*blog_request(4))], Received())
        assert tried.wait(20)
        keeper.keep([handed_over(*blog_request(5))], Received())
        has_space.set()
        assert told.wait(20)
    finally:
        stop.set()
        thread.join()
    assert store.traces.trace(trace_id(5)) is not None
    assert [one.rows for one in store.rounds.latest()] == [20]
