"""The pretend X-Ray: traces that agree with the logs, and the rules of its operations."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from app.demo.billing import Bill
from app.demo.call import Call, Signer, Wire
from app.demo.logs.book import LogBook
from app.demo.logs.written import WrittenLogs
from app.demo.refusal import Refused
from app.demo.traces.book import TraceBook
from app.demo.traces.service import XRay
from app.demo.world.world import World
from app.model.ids import Place
from app.model.time import epoch_ms
from app.model.trace_reading import trace_of
from app.model.traces import Flaw, SpanKind

NOW = datetime(2026, 11, 24, 10, 7, 30, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")
END = epoch_ms(NOW)
START = END - 120_000


@pytest.fixture(scope="module")
def book() -> TraceBook:
    return TraceBook(World(1))


@pytest.fixture(scope="module")
def seen(book):
    return book.begun(PLACE, START, END, END + 3_600_000)


def ask(book, operation, request, now=NOW):
    import orjson

    signer = Signer("key", "20261124", PLACE.region, "xray")
    call = Call(signer, PLACE.account, "xray", operation, Wire.REST_JSON, orjson.dumps(request))
    bill = Bill()
    answer = XRay(book, bill).answer(call, now)
    return orjson.loads(answer.body), bill


def test_traces_are_whole_and_well_formed(seen):
    assert len(seen) > 50
    flaws = {p.flaw for one in seen for p in one.trace.problems}
    assert flaws <= {Flaw.CLOCK_SKEW}
    assert all(one.trace.root is not None for one in seen)


def test_lines_of_a_function_name_its_trace_and_segment(seen):
    logs = LogBook(World(1), WrittenLogs())
    number = START // (6 * 3_600_000)
    lines = logs.stretch(PLACE, "/aws/lambda/posts-api", number)["message"].to_list()
    report = re.compile(r"RequestId: (\S+).*XRAY TraceId: (\S+)\tSegmentId: (\S+)", re.DOTALL)
    told = {m[1]: (m[2], m[3]) for m in map(report.search, lines) if m}
    services = [
        s for one in seen for s in one.trace.segments
        if s.name == "posts-api" and s.origin == "AWS::Lambda" and not s.throttle
    ]  # fmt: skip
    assert services
    for service in services:
        assert told[service.aws["request_id"]] == (service.trace_id, service.id)


def test_a_changing_request_goes_on_through_its_event(seen):
    chained = next(
        one.trace for one in seen if any(s.name == "publish-events" for s in one.trace.segments)
    )
    assert chained.root.origin == "AWS::ApiGateway::Stage"
    by_id = {span.id: span for span in chained.walk()}
    published = next(s for s in chained.segments if s.name == "publish-events")
    assert by_id[published.parent_id].name == "Events"
    nodes = {s.node.type for s in chained.segments if s.kind is SpanKind.INFERRED}
    assert {"AWS::DynamoDB::Table", "AWS::SNS"} <= nodes


def test_a_batch_links_the_traces_of_its_other_messages(book):
    wide = book.begun(PLACE, START - 3_000_000, END, END + 3_600_000)
    by_id = {one.recorded.trace_id: one.trace for one in wide}
    linking = [s for t in by_id.values() for s in t.segments if s.links]
    assert {s.name for s in linking} == {"notify-subscribers"}
    linked = [link for s in linking for link in s.links if link["trace_id"] in by_id]
    assert linked
    for link in linked:
        spans = {span.id: span for span in by_id[link["trace_id"]].walk()}
        assert spans[link["id"]].name == "Events"


def test_clicks_go_on_where_they_were_counted(book):
    america = Place(PLACE.account, "us-east-1")
    found = book.begun(america, START - 3_000_000, END, END + 3_600_000)
    flaws = {p.flaw for one in found for p in one.trace.problems}
    assert flaws <= {Flaw.CLOCK_SKEW, Flaw.NO_PARENT}
    counted = [one for one in found if any(s.name == "count-clicks" for s in one.trace.segments)]
    assert any(one.trace.root.name == "redirect" for one in counted)


def test_a_trace_goes_on_in_another_region_that_knows_only_its_part(book):
    america = Place(PLACE.account, "us-east-1")
    wide = START - 1_500_000
    parts = book.begun(america, wide, END, END + 3_600_000)
    there = {o.recorded.trace_id: o for o in parts if o.trace.root.name == "link-preview"}
    here = {o.recorded.trace_id: o for o in book.begun(PLACE, wide, END, END + 3_600_000)}
    both = there.keys() & here.keys()
    assert len(both) > 3
    for id_ in both:
        assert there[id_].trace.summary.partial
        together = trace_of(id_, [*here[id_].processed, *there[id_].processed])
        previews = [s for s in together.segments if s.node.name == "link-preview"]
        calls = {span.id: span for span in together.walk()}
        assert all(calls[s.parent_id].name == "previews.blog.example.org" for s in previews)
        assert not any(s.node.type == "remote" for s in together.segments)
        assert not together.summary.partial


def test_a_trace_grows_as_its_documents_arrive(book):
    whole = max(book.begun(PLACE, START, END, END + 3_600_000), key=lambda s: len(s.documents))
    arrivals = [arrival for arrival, _ in whole.recorded.arriving]
    first = whole.recorded.at(arrivals[0])
    assert whole.recorded.at(arrivals[0] - 1) is None
    assert len(first.documents) < len(whole.documents)
    assert first.revision <= whole.revision


def test_pages_hold_every_trace_once_and_bill_what_was_scanned(book):
    times = {"StartTime": START / 1000, "EndTime": END / 1000}
    found, token, billed = [], {}, 0
    while True:
        page, bill = ask(book, "GetTraceSummaries", times | token)
        found += [one["Id"] for one in page["TraceSummaries"]]
        billed += bill.units("xray", "GetTraceSummaries")
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert len(found) == len(set(found)) == billed
    assert set(found) == {one.recorded.trace_id for one in book.begun(PLACE, START, END, END)}


def test_a_filter_expression_leaves_what_matches_and_all_is_billed(book):
    times = {"StartTime": START / 1000, "EndTime": END / 1000}
    whole, all_billed = ask(book, "GetTraceSummaries", times)
    slow = times | {"FilterExpression": 'service("posts-api") AND responsetime > 0.05'}
    some, billed = ask(book, "GetTraceSummaries", slow)
    wanted = [
        one["Id"] for one in whole["TraceSummaries"]
        if one["ResponseTime"] > 0.05 and any(s["Name"] == "posts-api" for s in one["ServiceIds"])
    ]  # fmt: skip
    assert [one["Id"] for one in some["TraceSummaries"]] == wanted
    assert 0 < len(wanted) < len(whole["TraceSummaries"])
    assert billed.entries() == all_billed.entries()


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("GetTraceSummaries", {"StartTime": 0, "EndTime": 6 * 3600 + 1}),
        ("GetTraceSummaries", {"StartTime": 10, "EndTime": 5}),
        ("GetTraceSummaries", {"EndTime": 5}),
        ("GetTraceSummaries", {"StartTime": 0, "EndTime": 5, "FilterExpression": "servce("}),
        ("GetTraceSummaries", {"StartTime": 0, "EndTime": 5, "NextToken": "x"}),
        ("BatchGetTraces", {"TraceIds": ["1"] * 6}),
        ("BatchGetTraces", {"TraceIds": []}),
    ],
)
def test_what_x_ray_refuses_is_refused(book, operation, request_):
    with pytest.raises(Refused, match=r"."):
        ask(book, operation, request_)


def test_unknown_traces_are_not_processed(book, seen):
    known = seen[-1].recorded.trace_id
    answer, bill = ask(book, "BatchGetTraces", {"TraceIds": [known, "1-00000000-" + 24 * "0"]})
    assert [trace["Id"] for trace in answer["Traces"]] == [known]
    assert answer["UnprocessedTraceIds"] == ["1-00000000-" + 24 * "0"]
    assert bill.units("xray", "BatchGetTraces") == 2
