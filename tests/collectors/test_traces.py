"""Traces of the pretend X-Ray in the store: what is fetched, when, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from app.demo.faults import Fault, FaultKind
from app.model.groups import TRACE_COUNTS, TRACE_SETUP, TRACES
from app.model.ids import Place
from app.model.rounds import Result
from app.model.time import Window
from app.read.scope import Scope
from app.read.traces.graph import service_map
from app.read.traces.sampling import sampling
from collectors import traces
from collectors.base import Task
from collectors.trace_choice import chosen
from tests.collectors.trace_working import (
    EVER,
    HOUR,
    LAST,
    MINUTE,
    NOW,
    PLACE,
    SHORT,
    Make,
    TraceWork,
    cover,
    received,
)


def test_every_trace_of_a_window_is_summed_up_and_those_that_matter_are_whole(make: Make):
    work = make(share=0.0, slowest=1)
    done = work.read()
    assert (done.result, done.message) == (Result.OK, "")
    told = received(work, LAST)
    found = work.traces()
    assert found["trace_id"].to_list() == sorted(seen.recorded.trace_id for seen in told)
    failed = pl.col("fault") | pl.col("error") | pl.col("throttle")
    assert found.filter(failed).height > 0
    assert found.filter(failed & (pl.col("spans") == 0)).is_empty()
    slowest = found.filter(
        pl.col("response_time") == pl.col("response_time").max().over("entry_name")
    )
    assert (slowest["spans"] > 0).all()
    whole = found.filter(pl.col("spans") > 0).height
    assert whole <= found.filter(failed).height + found["entry_name"].n_unique()


def test_a_whole_trace_is_what_x_ray_told_of_it(make: Make):
    work = make(share=1.0)
    work.read(SHORT)
    seen = received(work, SHORT)
    one = max(seen, key=lambda s: len(s.processed))
    found = work.store.traces.trace(one.recorded.trace_id)
    assert [s.id for s in found.segments] == [s.id for s in one.trace.segments]
    assert found.summary.revision == one.revision
    assert (found.summary.services, found.summary.response_time) == (
        one.trace.summary.services,
        one.trace.summary.response_time,
    )


def test_what_is_scanned_and_fetched_is_metered_as_it_is_billed(make: Make):
    work = make()
    work.read()
    entries = {e.operation: e.units for e in work.store.meter.month(NOW)}
    billed = {b.operation: b.units for b in work.endpoint.counters.entries() if b.api == "xray"}
    assert entries == billed
    assert entries["GetTraceSummaries"] == work.traces().height


def test_a_trace_that_grows_is_fetched_again_and_others_are_not(make: Make):
    work = make(share=1.0)
    work.read(SHORT)
    before = {row["trace_id"]: row["revision"] for row in work.traces().to_dicts()}
    work.endpoint.counters.clear()
    work.later(timedelta(seconds=15))
    work.read(Window(SHORT.start, work.now))
    after = {row["trace_id"]: row["revision"] for row in work.traces().to_dicts()}
    grown = {id_ for id_, revision in after.items() if before.get(id_, revision) < revision}
    new = after.keys() - before.keys()
    assert grown
    fetched = next(b for b in work.endpoint.counters.entries() if b.operation == "BatchGetTraces")
    assert fetched.units == len(grown) + len(new)


def test_the_plan_follows_what_is_covered(make: Make):
    work = make(backfill="2h")
    fresh, counts, setup, history = work.collector.plan(PLACE, NOW)
    assert fresh.window == Window(NOW - 18 * MINUTE, NOW - MINUTE)
    assert [t.group for t in (counts, setup, history)] == [TRACE_COUNTS, TRACE_SETUP, TRACES]
    assert history.window == Window(fresh.window.start - HOUR, fresh.window.start)
    cover(work, TRACES, fresh.window, history.window)
    cover(work, TRACE_SETUP, setup.window)
    cover(work, TRACE_COUNTS, counts.window)
    left = work.collector.plan(PLACE, NOW)
    assert [t.window for t in left] == [Window(NOW - 2 * HOUR, history.window.start)]
    cover(work, TRACES, left[0].window)
    assert work.collector.plan(PLACE, NOW) == []
    work.later(5 * MINUTE)
    again, counts = work.collector.plan(PLACE, work.now)
    assert counts.group == TRACE_COUNTS
    assert again.window == Window(NOW - 3 * MINUTE, work.now - MINUTE)


def test_a_month_that_is_used_up_asks_nothing_and_says_so(make: Make):
    work = make(per_month=10)
    work.read()
    work.endpoint.counters.clear()
    done = work.read()
    assert (done.result, done.rows) == (Result.OVER_BUDGET, 0)
    assert "The 10 traces of this month (UTC) are used up, in all accounts" in done.message
    assert "collection.traces.per_month" in done.message
    assert work.endpoint.counters.entries() == []
    # Held back is not read: the time stays open.
    assert LAST not in work.store.coverage(PLACE, TRACES).answered.windows


def test_the_limit_of_a_month_holds_after_a_restart_and_in_every_place(make: Make):
    work = make(per_month=10)
    work.read()
    again = TraceWork(work.endpoint, work.store, work.lease, work.settings)
    work.endpoint.counters.clear()
    other = Place(PLACE.account, "us-east-1")
    for place in (PLACE, other):
        assert again.round(Task(place, TRACES, LAST)).result is Result.OVER_BUDGET
    assert work.endpoint.counters.entries() == []
    # What is free of charge is asked for all the same.
    assert again.round(Task(PLACE, TRACE_SETUP, LAST)).result is Result.OK


def test_summaries_are_kept_when_the_limit_lets_no_trace_be_fetched(make: Make):
    work = make(per_month=10, share=1.0)
    done = work.read()
    traces = work.traces()
    assert (done.result, traces["spans"].sum()) == (Result.OVER_BUDGET, 0)
    assert traces.height > 100
    assert f"{traces.height} traces are not fetched whole" in done.message


def test_a_month_that_would_be_used_up_early_scans_a_share(make: Make):
    work = make(per_month=200_000, share=0.0, slowest=0)
    work.read()
    full = work.traces().height
    work.later(5 * MINUTE)
    done = work.read(Window(LAST.end, work.now - MINUTE))
    assert done.result is Result.PARTIAL
    assert "% of the traces are looked at" in done.message
    assert 0 < work.traces().height - full < full / 2


def test_the_smallest_share_is_not_none_and_stays_where_it_scans_nothing(make: Make, monkeypatch):
    work = make(share=0.0, slowest=0)
    work.read()
    sent: list[Any] = []
    pages = work.aws.pages

    def noted(place: Place, api: str, operation: str, params: Any, **more: Any) -> Any:
        sent.append(params.get("SamplingStrategy"))
        return pages(place, api, operation, params, **more)

    monkeypatch.setattr(work.aws, "pages", noted)
    monkeypatch.setattr(work.meter, "units_left", lambda _: 1)
    nothing = Window(NOW + HOUR, NOW + HOUR + timedelta(seconds=1))
    for _ in range(2):
        work.read(nothing)
    assert sent == 2 * [{"Name": "FixedRate", "Value": 0.0001}]


def test_a_page_without_traces_does_not_end_the_list(make: Make):
    work = make()
    work.endpoint.faults.add(Fault(FaultKind.EMPTY_PAGES, "xray"))
    assert work.read().result is Result.OK
    assert work.traces().height > 100


def test_a_throttled_read_is_no_empty_one(make: Make):
    work = make()
    work.endpoint.faults.add(Fault(FaultKind.DENIED, "xray", "GetTraceSummaries"))
    done = work.read()
    assert (done.result, done.action) == (Result.DENIED, "xray:GetTraceSummaries")
    assert not work.store.coverage(PLACE, TRACES).answered


def test_groups_rules_and_insights_are_kept_with_what_rules_counted(make: Make):
    work = make()
    done = work.round(Task(PLACE, TRACE_SETUP, Window(NOW - MINUTE, NOW)))
    assert done.result is Result.OK
    kept = {(r.kind, r.id): r for r in work.store.resources.find() if r.service == "xray"}
    assert sorted(kind for kind, _ in kept) == [
        "destination", "group", "group", "group", "indexing_rule", "insight",
        "sampling_rule", "sampling_rule", "sampling_rule",
    ]  # fmt: skip
    assert kept["sampling_rule", "posts"].configuration["FixedRate"] == 0.04


def test_what_sampling_rules_met_and_kept_is_read_as_often_as_traces(make: Make):
    work = make()
    for _ in range(2):
        counts = next(t for t in work.collector.plan(PLACE, work.now) if t.group == TRACE_COUNTS)
        assert work.round(counts).result is Result.OK
        work.later(5 * MINUTE)
    scope = Scope(Window(NOW - HOUR, NOW + HOUR), (PLACE,), NOW)
    rules = {r.rule: (r.minutes, r.requests, r.share) for r in sampling(work.store, scope)}
    assert rules == {"Default": (2, 1_560.0, 31 / 780), "health": (2, 12.0, 0.0),
                     "posts": (2, 460.0, 9 / 230)}  # fmt: skip
    work.endpoint.faults.add(Fault(FaultKind.DENIED, "xray", "GetSamplingStatisticSummaries"))
    assert work.round(replace(counts, window=SHORT)).result is Result.DENIED


def test_a_call_of_the_setup_that_is_denied_leaves_the_rest(make: Make):
    work = make()
    work.endpoint.faults.add(Fault(FaultKind.DENIED, "xray", "GetIndexingRules"))
    done = work.round(Task(PLACE, TRACE_SETUP, Window(NOW - MINUTE, NOW)))
    assert done.result is Result.PARTIAL
    assert "xray:GetIndexingRules" in done.message
    kinds = {r.kind for r in work.store.resources.find() if r.service == "xray"}
    assert kinds == {"destination", "group", "insight", "sampling_rule"}


def test_whole_traces_stand_for_all_of_them(make: Make):
    work = make(share=0.2, slowest=1)
    work.read()
    found = work.traces()
    failed = pl.col("fault") | pl.col("error") | pl.col("throttle")
    whole = found.filter(pl.col("spans") > 0)
    assert set(whole.filter(failed)["weight"]) == {1.0}
    assert set(whole.filter(~failed)["weight"]) == {1.0, 5.0}
    assert whole["weight"].sum() == pytest.approx(found.height, rel=0.25)


def links(work: TraceWork) -> dict[str, set[str]]:
    """The whole traces, each with those that it is linked to."""
    spans = work.store.traces.spans(EVER).select("trace_id", "links").collect()
    found: dict[str, set[str]] = {}
    for trace_id, some in spans.iter_rows():
        found.setdefault(trace_id, set()).update(link["trace_id"] for link in some)
    return found


def test_traces_that_whole_ones_are_linked_to_are_whole_too(make: Make):
    work = make(share=0.3, slowest=0)
    work.read(Window(NOW - timedelta(minutes=25), NOW - MINUTE))
    found = links(work)
    chosen_ones = set(work.traces().filter(pl.col("weight") > 1)["trace_id"]) & set(found)
    linked = set().union(*(found[id_] for id_ in chosen_ones))
    assert linked
    assert linked <= set(found)
    hops = [edge for edge in service_map(work.store.traces.spans(EVER)).edges if edge.link]
    assert {edge.target.name for edge in hops} == {"notify-subscribers"}


def test_summaries_are_decided_upon_in_portions(make: Make, monkeypatch):
    monkeypatch.setattr(traces, "CHUNK", 90)
    work = make(share=0.0, slowest=0)
    assert work.read().result is Result.OK
    assert work.traces().height == len(received(work, LAST))


@pytest.mark.parametrize("name", ["FaultRootCauses", "ErrorRootCauses"])
def test_a_failure_that_was_handled_further_down_is_kept_whole(name: str):
    causes: list[Any] = [{"Services": [{"Name": "posts"}]}]
    handled = {"Id": "1-6ab13b80-0123456789abcdef01234567", "HasFault": False, name: causes}
    fine = {"Id": "1-6ab13b80-fedcba9876543210fedcba98", "ResponseTimeRootCauses": causes}
    fine |= {"FaultRootCauses": [], "ErrorRootCauses": []}
    assert chosen([fine, handled], (), slowest=0, share=0.0) == {handled["Id"]: 1.0}
