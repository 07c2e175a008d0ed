"""Log events of the pretend AWS, from the list of groups to the store: each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.demo.endpoint import Endpoint
from app.demo.faults import Fault, FaultKind
from app.model.groups import logs_group
from app.model.rounds import Result
from app.model.time import Window
from tests.collectors.log_working import DAY, HOUR, MINUTE, NOW, OWN, PLACE, LogWork, log_working

POSTS = "/aws/lambda/posts-api"
Make = Callable[..., LogWork]


@pytest.fixture
def make(endpoint: Endpoint, tmp_path: Path) -> Iterator[Make]:
    opened = []

    def make(**settings: Any) -> LogWork:
        context = log_working(endpoint, tmp_path / str(len(opened)), **settings)
        opened.append(context)
        return context.__enter__()

    yield make
    for context in opened:
        context.__exit__(None, None, None)


@pytest.fixture
def work(make: Make) -> LogWork:
    made = make()
    made.create()
    return made


def test_events_are_read_and_kept_with_stream_and_time_of_arrival(work: LogWork):
    work.put(["hello"], NOW - MINUTE, stream="one")
    rounds = work.rounds()
    assert {r.result for r in rounds} == {Result.OK}
    [row] = work.stored(OWN).drop("event").rows()
    assert row == (OWN, NOW - MINUTE, NOW, "one", "hello")


def test_a_group_of_the_world_is_read_whole(make: Make):
    work = make(groups=[{"names": [POSTS]}], lag="0s")
    work.rounds()
    whole = Window(NOW - 6 * HOUR - timedelta(seconds=30), NOW)
    found = work.stored(POSTS)
    assert found["event"].n_unique() == found.height == work.told(POSTS, whole) > 10_000


def test_reading_again_brings_only_what_is_new(work: LogWork):
    work.put(["a", "b"], NOW - MINUTE)
    work.rounds()
    work.later(minutes=2)
    work.put(["c"])
    work.later(seconds=30)
    done = work.rounds()
    assert sum(r.rows for r in done) == 1
    assert work.messages() == ["a", "b", "c"]


def test_an_event_that_comes_minutes_late_is_found_by_the_next_read(work: LogWork):
    work.rounds()
    work.later(minutes=9)
    work.rounds()
    work.later(minutes=1)
    work.put(["late"], NOW - timedelta(seconds=20))
    work.rounds()
    assert work.messages() == ["late"]


def test_an_event_that_comes_hours_late_is_found_by_the_nightly_read(work: LogWork):
    for _ in range(6):
        work.rounds()
        work.later(hours=1)
    work.put(["very late"], NOW)
    for _ in range(13):
        work.later(hours=2)
        work.rounds()
    assert work.messages() == ["very late"]
    settled = work.store.coverage(PLACE, logs_group(OWN)).settled
    assert settled.windows[-1].end > NOW + DAY / 2


@pytest.mark.parametrize("kind", [FaultKind.EMPTY_PAGES, FaultKind.REPEATED_TOKENS])
def test_hollow_pages_lose_and_double_nothing(make: Make, endpoint: Endpoint, kind: FaultKind):
    work = make(groups=[{"names": ["/ecs/blog/*"]}], lag="0s", backfill="30h")
    endpoint.faults.add(Fault(kind, api="logs"))
    work.rounds()
    start = NOW - 30 * HOUR - timedelta(seconds=30)
    for name in ("/ecs/blog/web", "/ecs/blog/worker"):
        found = work.stored(name)
        told = work.told(name, Window(start, NOW))
        assert found["event"].n_unique() == found.height == told > 1_000


def test_data_that_shows_late_is_complete_in_the_end(make: Make, endpoint: Endpoint):
    work = make(groups=[{"names": [POSTS]}], backfill="1h")
    delay = endpoint.faults.add(Fault(FaultKind.LATE, api="logs", seconds=400))
    for _ in range(12):
        work.rounds()
        work.later(minutes=1)
    endpoint.faults.remove(delay)
    for _ in range(3):
        work.rounds()
        work.later(minutes=1)
    window = Window(NOW - HOUR + MINUTE, NOW + 12 * MINUTE)
    found = work.stored(POSTS)
    inside = found.filter(found["at"].is_between(window.start, window.end, closed="left"))
    assert inside.height == work.told(POSTS, window) > 1_000
    assert found["event"].n_unique() == found.height


def test_a_throttled_half_of_all_calls_loses_nothing(make: Make, endpoint: Endpoint):
    work = make(groups=[{"names": [POSTS]}], lag="0s", backfill="2h")
    endpoint.faults.add(Fault(FaultKind.THROTTLE, api="logs", share=0.5))
    work.rounds()
    start = NOW - 2 * HOUR - timedelta(seconds=30)
    assert work.stored(POSTS).height == work.told(POSTS, Window(start, NOW)) > 2_000


def test_after_a_restart_it_goes_on_where_it_was(work: LogWork):
    work.put(["before"], NOW - MINUTE)
    work.rounds()
    work.later(hours=2)
    work.put(["while it was down"], NOW + HOUR)
    work.renew()
    work.rounds()
    assert work.messages() == ["before", "while it was down"]
    [answered] = work.store.coverage(PLACE, logs_group(OWN)).answered
    assert answered.end == work.now - timedelta(seconds=20)


def test_the_newest_events_come_before_history(work: LogWork):
    work.put(["old"], NOW - 3 * HOUR)
    work.put(["new"], NOW - MINUTE)
    work.rounds()
    done = [r.group for r in work.store.rounds.recent(20)][::-1]
    assert done.index("logs/*") < done.index(f"logs-history/{OWN}")


def test_what_may_not_be_read_does_not_stop_the_others(work: LogWork, endpoint: Endpoint):
    work.create("/own/secret")
    work.put(["a"], NOW - MINUTE)
    work.put(["b"], NOW - MINUTE, name="/own/secret")
    work.round(work.collector.plan(PLACE, work.now)[0])
    denied = endpoint.faults.add(Fault(FaultKind.DENIED, operation="FilterLogEvents", times=1))
    [together] = [t for t in work.collector.plan(PLACE, work.now) if t.group == "logs/*"]
    done = work.round(together)
    assert (done.result, done.rows) == (Result.PARTIAL, 1)
    assert "logs FilterLogEvents" in done.message
    assert "was denied" in done.message
    endpoint.faults.remove(denied)
    work.later(minutes=11)
    assert {r.result for r in work.rounds()} <= {Result.OK}
    assert work.messages() == ["a"]
    assert work.messages("/own/secret") == ["b"]


def test_a_refused_group_has_rounds_of_its_own_that_say_so(work: LogWork, endpoint: Endpoint):
    work.round(work.collector.plan(PLACE, work.now)[0])
    endpoint.faults.add(Fault(FaultKind.DENIED, operation="FilterLogEvents"))
    work.rounds()
    work.later(minutes=2)
    own = [r for r in work.rounds() if r.group == f"logs/{OWN}"]
    assert [r.result for r in own] == [Result.DENIED]
    assert own[0].action == "logs:FilterLogEvents"
    work.later(minutes=2)
    assert f"logs/{OWN}" not in {r.group for r in work.rounds()}


def test_where_every_group_is_refused_the_round_of_all_is(work: LogWork, endpoint: Endpoint):
    work.create("/own/other")
    work.round(work.collector.plan(PLACE, work.now)[0])
    endpoint.faults.add(Fault(FaultKind.DENIED, operation="FilterLogEvents"))
    for _ in range(5):  # the circuit breaker answers in the end
        [together] = [t for t in work.collector.plan(PLACE, work.now) if t.group == "logs/*"]
        done = work.round(together)
        assert (done.result, done.action) == (Result.DENIED, "logs:FilterLogEvents")
        work.later(minutes=2)


def test_a_place_that_cannot_be_reached_is_an_outcome(work: LogWork, endpoint: Endpoint):
    work.round(work.collector.plan(PLACE, work.now)[0])
    endpoint.faults.add(Fault(FaultKind.SERVER_ERROR, operation="FilterLogEvents"))
    [together] = [t for t in work.collector.plan(PLACE, work.now) if t.group == "logs/*"]
    assert work.round(together).result is Result.UNREACHABLE
    assert not work.store.coverage(PLACE, logs_group(OWN)).answered


def test_a_group_that_is_gone_is_not_read_any_more(work: LogWork, endpoint: Endpoint):
    work.put(["a"], NOW - MINUTE)
    work.rounds()
    endpoint.logs.written.delete(PLACE, OWN)
    work.later(minutes=20)
    work.rounds()
    work.later(minutes=20)
    assert [r.group for r in work.rounds()] == ["log-groups"]
    assert work.messages() == ["a"]


def test_a_class_that_cannot_be_read_is_left_out_and_said(work: LogWork):
    work.create("/own/rare", kind="INFREQUENT_ACCESS")
    done = {r.group: r for r in work.rounds()}
    assert done["log-groups"].result is Result.PARTIAL
    assert "class INFREQUENT_ACCESS" in done["log-groups"].message
    assert "/own/rare" in done["log-groups"].message
    assert "logs-history//own/rare" not in done


def test_groups_are_kept_with_what_aws_says_of_them(make: Make):
    work = make(groups=[{"services": ["lambda"]}, {"tags": {"project": "bl*"}}], backfill="1h")
    work.rounds()
    found = {g.key.name: g for g in work.store.logs.groups()}
    posts = found[POSTS]
    assert (posts.retention_days, posts.log_class) == (14, "STANDARD")
    assert posts.tags["service"] == "posts-api"
    assert posts.metric_filters[0]["filterName"] == "posts-errors"
    assert found["/aws/vpc/flow-logs"].subscription_filters[0]["filterName"] == "archive"
    work.later(minutes=1)
    work.rounds()
    assert work.stored("/aws/vpc/flow-logs").height > 100


def test_the_first_rule_that_fits_counts(make: Make):
    work = make(
        groups=[
            {"names": ["/own/quiet*"], "collect": False},
            {"names": ["/own/*"], "accounts": ["blog-prod"], "regions": ["eu-central-1"]},
        ]
    )
    for name in (OWN, "/own/quiet", "/else"):
        work.create(name)
        work.put(["a"], NOW - MINUTE, name=name)
    work.rounds()
    assert work.stored()["group"].to_list() == [OWN]


def test_without_rules_nothing_is_asked(make: Make):
    work = make(groups="none")
    assert work.collector.plan(PLACE, work.now) == []


def test_what_is_excluded_or_not_included_is_left_out(make: Make):
    rule = {"names": ["/own/*"], "include": "{ $.level = * }", "exclude": ["{ $.level = DEBUG }"]}
    work = make(groups=[rule])
    work.create()
    work.put(['{"level":"INFO"}', '{"level":"DEBUG"}', "plain"], NOW - MINUTE)
    work.rounds()
    assert work.messages() == ['{"level":"INFO"}']


def test_a_sample_keeps_the_same_events_each_time(make: Make):
    sample = [{"pattern": "DEBUG", "share": 0.25}]
    work = make(groups=[{"names": ["/own/*"], "sample": sample}])
    work.create()
    work.put([f"DEBUG {n}" for n in range(400)] + ["INFO"], NOW - MINUTE)
    work.rounds()
    first = work.messages()
    work.later(minutes=2)
    work.rounds()
    assert work.messages() == first
    assert "INFO" in first
    assert 60 < len(first) - 1 < 140


def test_no_more_than_the_limit_of_an_hour_is_kept_and_it_is_said(make: Make):
    work = make(groups=[{"names": ["/own/*"], "max_events_per_hour": 10}])
    work.create()
    for minute in range(4):
        work.put([f"m{minute} {n}" for n in range(5)], NOW - timedelta(minutes=4 - minute))
    rounds = work.rounds()
    kept = work.messages()
    assert kept == [f"m{minute} {n}" for minute in (0, 1) for n in range(5)]
    assert "10 events of /own/app were left out: max_events_per_hour is 10" in rounds[1].message
    work.renew()
    work.later(minutes=2)
    work.put(["more"])
    work.later(minutes=1)
    work.rounds()
    assert work.messages() == kept
    work.later(hours=1)
    work.put(["next hour"], work.now - MINUTE)
    work.rounds()
    assert work.messages() == [*kept, "next hour"]


def test_secrets_are_gone_before_anything_is_stored(work: LogWork, tmp_path: Path):
    work.put(['{"user":"u","password":"hunter2","n":1}', "card 4111 1111 1111 1111"], NOW - MINUTE)
    work.rounds()
    assert work.messages() == ["card ***card***", '{"user":"u","password":"***token***","n":1}']
    [segment] = work.store.logs.segments(0, 2**53)
    [row] = work.store.logs.scan(segment, ("f.password", "f.user")).drop_nulls().collect().rows()
    assert row == ("***token***", "u")
    files = (tmp_path / "0").rglob("*.parquet")
    assert not any(b"hunter2" in path.read_bytes() for path in files)


def test_the_calls_are_counted_and_cost_nothing(work: LogWork, endpoint: Endpoint):
    endpoint.counters.clear()
    work.rounds()
    entries = [e for e in work.store.meter.month(NOW) if e.operation == "FilterLogEvents"]
    assert sum(e.calls for e in entries) == endpoint.counters.units("logs", "FilterLogEvents") > 0
    assert sum(e.usd for e in entries) == 0
