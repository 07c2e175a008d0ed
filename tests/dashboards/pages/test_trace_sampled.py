"""What the pages of traces say of sampling, and of the insights of X-Ray."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.model.ids import Resource, SeriesKey
from app.model.readings import Look
from app.model.rounds import Batch
from app.model.traces import SAMPLING_NAMESPACE, XRAY
from app.query.trace_filter import parse
from app.read import TraceQuestion
from dashboards.pages import service_map, trace_sampled, traces
from dashboards.parts import Seen
from tests.support.components import of_type, text
from tests.support.shelf import HOME, NOW, Shelf
from tests.support.traces import blog_request, handed_over


def rule(metric: str, name: str) -> SeriesKey:
    return SeriesKey.of(HOME, SAMPLING_NAMESPACE, metric, {"RuleName": name})


def insight(id_: str, state: str, hours: float, **more: object) -> Resource:
    start = NOW - timedelta(hours=hours)
    told = {
        "State": state,
        "GroupName": "Default",
        "StartTime": start.isoformat(),
        "EndTime": (start + timedelta(minutes=30)).isoformat(),
        "Summary": "Faults have risen.",
        "ClientRequestImpactStatistics": {"FaultCount": 12, "OkCount": 28, "TotalCount": 40},
        "RootCauseServiceId": {"Name": 'the "table"', "Type": "AWS::DynamoDB::Table"},
        "TopAnomalousServices": [{"ServiceId": {"Name": "blog-posts", "Type": "AWS::Lambda"}}],
        **more,
    }
    return Resource(
        f"arn:{id_}", HOME.account, HOME.region, XRAY, "insight", id_, id_, configuration=told
    )


@pytest.fixture
def shelf(tmp_path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    made.commit(Batch(traces=[handed_over(*blog_request(n)) for n in range(3)]))
    yield made
    made.close()


def said(shelf: Shelf, seen: Seen) -> list[str]:
    """What stands above the panels of both pages."""
    question = TraceQuestion("", shelf.scope(timedelta(hours=3)))
    answers = (
        traces.answer(shelf.reads, question, seen),
        service_map.answer(shelf.reads, question, seen),
    )
    return [text(found[-5]) for found in answers]


def test_the_share_that_was_sampled_is_told_with_its_rules(shelf: Shelf, seen: Seen) -> None:
    shelf.put(rule("RequestCount", "Default"), "900x9")
    shelf.put(rule("SampledCount", "Default"), "45x9")
    shelf.put(rule("RequestCount", "health"), "100x9")
    shelf.put(rule("SampledCount", "health"), "0x9")
    for words in said(shelf, seen):
        assert (
            "450 of 10 k requests in 10 minutes were sampled (4.5 %)".replace(
                " k", "\u00a0k"
            ).replace(" %", "\u00a0%")
            in words
        )
        assert "all counts are of sampled traces" in words
        assert "Defaultprod eu-central-115/s45/min5\u00a0%" in words


def test_rules_that_tell_of_other_times_are_not_summed(shelf: Shelf, seen: Seen) -> None:
    shelf.put(rule("RequestCount", "a"), "600x9")
    shelf.put(rule("SampledCount", "a"), "60x9")
    shelf.put(rule("RequestCount", "b"), "600")
    shelf.put(rule("SampledCount", "b"), "0")
    for words in said(shelf, seen):
        assert "1/s of 20/s requests were sampled (5\u00a0%)" in words


def test_an_unknown_share_is_not_all(shelf: Shelf, seen: Seen) -> None:
    for words in said(shelf, seen):
        assert (
            "All counts are of sampled traces. How many requests there were is not known" in words
        )


def test_an_insight_tells_cause_state_since_and_impact_and_leads_to_its_traces(
    shelf: Shelf, seen: Seen
) -> None:
    shelf.resources(
        insight("on", "ACTIVE", 2), insight("over", "CLOSED", 1), insight("old", "CLOSED", 9)
    )
    scope = shelf.scope(timedelta(hours=3))
    found = shelf.reads.traces.insights(scope)
    assert trace_sampled.look(found).look is Look.DATA
    panel = trace_sampled.insights(shelf.reads, found, seen)
    over, on, _ = panel.children
    assert 'Root cause: the "table" AWS::DynamoDB::Table' in text(on)
    assert "since 10:00, for 2\u00a0h · 12 of 40 requests of clients failed (30\u00a0%)" in text(on)
    assert "11:00 to 11:30" in text(over)
    hrefs = [parse_qs(urlsplit(one.href).query) for one in of_type(on, "Link")]
    assert [one["q"][0] for one in hrefs] == [
        'service("the \\"table\\"") { fault }',
        'service("blog-posts") { fault }',
        'service("the \\"table\\"")',
    ]
    assert all(parse(one["q"][0]) for one in hrefs)
    assert {one["range"][0] for one in hrefs} == {"2026-11-24T10:00:00Z..2026-11-24T12:00:00Z"}


def test_no_insight_is_not_the_same_as_not_asked(shelf: Shelf) -> None:
    scope = shelf.scope(timedelta(hours=3))
    assert trace_sampled.look(()).look is Look.NOTHING
    assert "is not asked" in trace_sampled.empty(shelf.reads, scope)
