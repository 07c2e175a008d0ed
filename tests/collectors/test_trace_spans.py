"""Spans of Transaction Search: from stored log events to traces, without asking AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.config import CollectionSettings
from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.model.groups import TRACE_SPANS
from app.model.rounds import Result, Round
from app.model.time import Window, epoch_ms
from app.model.trace_reading import problems_of_age
from app.model.traces import Flaw
from collectors.round import run
from collectors.trace_spans import SpansCollector
from tests.collectors.log_working import MINUTE, NOW, PLACE, LogWork, log_working

GROUP = "aws/spans"
TRACE = "6ab13b800123456789abcdef01234567"
ID = "1-6ab13b80-0123456789abcdef01234567"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with start(clock=Clock(lambda: NOW), wait=False) as found:
        yield found


@pytest.fixture
def work(endpoint: Endpoint, tmp_path: Path) -> Iterator[LogWork]:
    with log_working(endpoint, tmp_path, groups=[{"names": [GROUP]}], backfill="1h") as made:
        made.create(GROUP)
        yield made


def line(number: int, **more: Any) -> str:
    at = epoch_ms(NOW - MINUTE) * 1_000_000
    span = {
        "traceId": TRACE, "spanId": f"{number:016x}", "name": "GET /", "kind": "SERVER",
        "startTimeUnixNano": at, "endTimeUnixNano": at + 4_000_000, "durationNano": 4_000_000,
        "resource": {"attributes": {"service.name": "shop"}}, "attributes": {},
        "status": {"code": "UNSET"}, **more,
    }  # fmt: skip
    return orjson.dumps(span).decode()


def taken(work: LogWork) -> list[Round]:
    collector = SpansCollector(work.store, CollectionSettings())
    return [
        run(collector, task, store=work.store, lease=work.lease, meter=work.meter, now=work.time)
        for task in collector.plan(PLACE, work.now)
    ]


def test_events_of_the_group_become_traces_once(work: LogWork):
    work.put([line(1), line(2, kind="CLIENT", parentSpanId=f"{1:016x}")], NOW - MINUTE, GROUP)
    work.rounds()
    assert {r.result for r in taken(work)} == {Result.OK}
    found = work.store.traces.trace(ID)
    assert [(s.name, s.kind.value) for s in found.walk()] == [
        ("shop", "segment"), ("GET /", "subsegment"), ("GET /", "inferred"),
    ]  # fmt: skip
    assert (found.source.value, found.place) == ("aws_spans", PLACE)
    assert found.root.duration == 4_000


def test_a_late_span_joins_its_trace_and_the_others_are_not_written_again(work: LogWork):
    work.put([line(1)], NOW - MINUTE, GROUP)
    work.rounds()
    taken(work)
    work.later(minutes=2)
    work.put([line(3, parentSpanId=f"{1:016x}")], NOW - timedelta(seconds=10), GROUP)
    work.rounds()
    taken(work)
    assert len(work.store.traces.trace(ID).segments) == 2
    before = work.store.upkeep.stats()
    work.later(minutes=2)
    work.rounds()
    taken(work)
    rows = {t.table: t.rows for t in work.store.upkeep.stats().tables}
    assert rows["trace_spans"] == next(t for t in before.tables if t.table == "trace_spans").rows


AT = epoch_ms(NOW - MINUTE) * 1_000_000
DEEP = '{"a":' * 300 + "1" + "}" * 300


def test_what_is_malformed_is_counted_once_and_told(work: LogWork):
    events = {
        "hello": Flaw.NOT_JSON,
        "{}": Flaw.UNREADABLE,
        line(1, traceId="x"): Flaw.BAD_TRACE_ID,
        line(1, traceId="0" * 32): Flaw.BAD_TRACE_ID,
        line(1, spanId="y"): Flaw.BAD_ID,
        line(1, startTimeUnixNano="9" * 5_000): Flaw.MISSING_FIELD,
        line(1)[:-1] + f',"attributes":{DEEP}}}': Flaw.OVER_LIMIT,
    }
    in_traces = {
        line(2, kind="CLIENT", parentSpanId="00000000000000ff"): Flaw.NO_PARENT,
        line(3, endTimeUnixNano=0, durationNano=0): Flaw.NEVER_FINISHED,
        line(4, endTimeUnixNano=AT - 1_000): Flaw.ENDS_BEFORE_START,
        line(5, parentSpanId="0000000000000006"): Flaw.LOOP,
        line(6, parentSpanId="0000000000000005"): None,
        line(7, parentSpanId=f"{3:016x}", startTimeUnixNano=AT - 5_000_000): Flaw.CLOCK_SKEW,
        line(8, name="x" * 900_000, attributes={"a": "x" * 200_000}): Flaw.OVER_LIMIT,
    }
    work.put([*events, *in_traces], NOW - MINUTE, GROUP)
    work.rounds()
    (done,) = [r for r in taken(work) if r.message]
    assert done.result is Result.PARTIAL
    counted = Counter(events.values())
    told = {f"{n} events of aws/spans: {flaw}" for flaw, n in counted.items()}
    assert set(done.message.split("; ")) == told
    found = work.store.traces.trace(ID)
    late = problems_of_age(found, epoch_ms(NOW) * 1000)
    flaws = [p.flaw for p in (*found.problems, *late)]
    assert sorted(flaws) == sorted(flaw for flaw in in_traces.values() if flaw)
    assert {p.sender for p in (*found.problems, *late)} == {f"aws_spans {PLACE}"}
    assert refused(work) == counted
    # All of it is looked at again when the group is settled, and counted no more.
    work.later(hours=30)
    work.rounds()
    while taken(work):
        pass
    assert refused(work) == counted


ODD: list[dict[str, Any]] = [
    {"http.url": "http://[::1/x"},
    {"aws.xray.annotations": [["a"], {"b": 1}, "c"]},
    {"http.status_code": "9" * 30},
]


def test_an_odd_value_takes_no_span_away(work: LogWork):
    events = [{"name": "exception", "attributes": [1]}]
    work.put(
        [line(n, attributes=odd, events=events) for n, odd in enumerate(ODD, start=1)],
        NOW - MINUTE,
        GROUP,
    )
    work.rounds()
    assert {r.result for r in taken(work)} == {Result.OK}
    assert len(list(work.store.traces.trace(ID).walk())) == len(ODD)


def refused(work: LogWork) -> dict[Flaw, int]:
    ever = Window(NOW - 48 * 60 * MINUTE, NOW + 48 * 60 * MINUTE)
    return {one.flaw: one.count for one in work.store.trace_book.refused(ever, [PLACE])}


def test_without_the_group_nothing_is_planned(work: LogWork):
    assert SpansCollector(work.store, CollectionSettings()).plan(PLACE, NOW) == []


def test_what_is_settled_in_the_log_is_taken_once_more(work: LogWork):
    work.put([line(1)], NOW - MINUTE, GROUP)
    work.rounds()
    taken(work)
    own = work.store.coverage(PLACE, TRACE_SPANS)
    assert own.answered
    assert not own.settled
    work.later(hours=30)
    work.rounds()
    while taken(work):
        pass
    assert work.store.coverage(PLACE, TRACE_SPANS).settled
