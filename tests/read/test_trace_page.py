"""What the pages of traces ask, from a store of blog requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from app.model.rounds import Batch
from app.model.traces import Outcome, w3c_id
from app.read import Chosen, Scope, TraceQuestion
from app.read.trace_page.levels import level_of
from app.read.trace_page.urls import shape_of_url
from tests.support.shelf import Shelf
from tests.support.traces import START, blog_request, handed_over, trace_id

COUNT = 40


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Forty requests; each tenth fails, those of number 7, 17, ... take ten times as long."""
    made = Shelf(tmp_path_factory.mktemp("store"))
    made.commit(
        Batch(
            traces=[
                handed_over(*blog_request(n, 500 if n % 10 == 0 else 200, 10 if n % 10 == 7 else 1))
                for n in range(COUNT)
            ]
        )
    )
    yield made
    made.close()


@pytest.fixture
def scope(shelf: Shelf) -> Scope:
    return shelf.scope(timedelta(hours=3))


def test_rows_tell_how_traces_ended_and_how_long_they_took(shelf: Shelf, scope: Scope) -> None:
    found = shelf.reads.trace_page.rows(TraceQuestion("", scope))
    assert (found.matching, found.scanned, len(found.rows)) == (40, 40, 40)
    assert found.outcomes == {Outcome.OK: 36, Outcome.FAULT: 4}
    assert found.percentiles == {"p50": 90.0, "p95": 900.0, "p99": 900.0}
    row = next(row for row in found.rows if row.trace_id == trace_id(10))
    assert (row.request, row.status, row.outcome, row.user) == ("GET /posts", 500, "fault", "u-10")
    assert (row.at, row.response_ms, row.entry) == (START, 90.0, "blog/prod")


def test_response_times_of_all_are_counted_in_columns(shelf: Shelf, scope: Scope) -> None:
    spread = shelf.reads.trace_page.rows(TraceQuestion("", scope)).spread
    assert spread is not None
    assert (sum(spread.fine), sum(spread.failed)) == (36, 4)
    assert [count for count in spread.fine if count] == [32, 4]
    assert spread.low < 90 < 900 < spread.high


def test_a_filter_narrows_what_is_counted_but_not_what_was_scanned(
    shelf: Shelf, scope: Scope
) -> None:
    found = shelf.reads.trace_page.rows(TraceQuestion("fault", scope))
    assert (found.matching, found.scanned) == (4, 40)


def test_a_mistake_is_drawn_and_marked(shelf: Shelf, scope: Scope) -> None:
    found = shelf.reads.trace_page.rows(TraceQuestion("responsetim > 1", scope))
    assert "responsetim > 1\n" in found.mistake
    [mistake] = shelf.reads.trace_page.mistakes("responsetim > 1")
    assert (mistake.start, mistake.end) == (0, 11)


def test_what_chance_alone_makes_differ_is_not_told(shelf: Shelf, scope: Scope) -> None:
    common = shelf.reads.trace_page.common(TraceQuestion("", scope, Chosen(low_ms=800)))
    assert (common.chosen, common.others) == (4, 36)
    assert [one for one in common.shared if one.kind == "annotation"] == []


def test_what_tells_some_traces_apart_can_be_kept(tmp_path: Path) -> None:
    # Those of one tenant are made slow.
    made = [handed_over(*blog_request(100 + n, slow=20 if n % 3 == 1 else 1)) for n in range(9)]
    shelf = Shelf(tmp_path)
    shelf.commit(Batch(traces=made))
    scope = shelf.scope(timedelta(hours=3))
    users = " OR ".join(f'user = "u-{100 + n}"' for n in range(9))
    common = shelf.reads.trace_page.common(TraceQuestion(users, scope, Chosen(low_ms=1000)))
    [tenant] = [one for one in common.shared if one.kind == "annotation"]
    assert (tenant.key, tenant.value, tenant.inside, tenant.outside) == ("tenant", '"t2"', 1.0, 0.0)
    assert tenant.keep == 'annotation.tenant = "t2"'
    kept = shelf.reads.trace_page.rows(TraceQuestion(f"({users}) AND {tenant.keep}", scope))
    assert kept.matching == 3
    shelf.close()


def test_words_hold_the_language_and_what_occurs(shelf: Shelf, scope: Scope) -> None:
    words = shelf.reads.trace_page.words(scope)
    assert {"responsetime", "http.url", "service()"} <= {word.text for word in words.keywords}
    assert [word.text for word in words.annotations] == ["annotation.tenant"]
    assert set(words.values["annotation.tenant"]) == {"t0", "t1", "t2"}
    assert "posts" in words.values["service()"]
    assert words.values["http.url"] == ("https://blog.example.org/posts",)


def test_a_trace_is_found_by_either_form_of_its_id(shelf: Shelf) -> None:
    places = shelf.reads.places
    for id_ in (trace_id(3), w3c_id(trace_id(3)), w3c_id(trace_id(3)).upper()):
        found = shelf.reads.trace_page.trace(id_, places)
        assert found.value is not None
    assert shelf.reads.trace_page.trace("teapot", places).value is None


def test_a_trace_that_grows_is_seen_as_it_is_now(tmp_path: Path) -> None:
    made = Shelf(tmp_path)
    stage, service, function = blog_request(4)
    made.commit(Batch(traces=[handed_over(stage)]))
    before = made.reads.trace_page.trace(trace_id(4), made.reads.places).value
    again = made.reads.trace_page.trace(trace_id(4), made.reads.places).value
    assert again is before
    made.commit(Batch(traces=[handed_over(service, function)]))
    after = made.reads.trace_page.trace(trace_id(4), made.reads.places).value
    assert before is not None
    assert after is not None
    assert len(list(after.walk())) > len(list(before.walk()))
    made.close()


def test_the_typical_trace_of_a_kind_has_the_median_response_time(
    shelf: Shelf, scope: Scope
) -> None:
    slow = shelf.reads.trace_page.trace(trace_id(7), shelf.reads.places).value
    assert slow is not None
    other = shelf.reads.trace_page.typical(slow, scope)
    found = shelf.reads.trace_page.trace(other, shelf.reads.places).value
    assert found is not None
    assert found.summary.response_time == 90_000


def test_failed_and_slowest_come_first_of_what_passed_a_node(shelf: Shelf, scope: Scope) -> None:
    rows = shelf.reads.trace_page.passing_by(["posts"], scope, 4)
    assert {row.outcome for row in rows} == {Outcome.FAULT}
    assert shelf.reads.trace_page.passing_by(["nowhere"], scope, 4) == ()


def test_an_exemplar_tells_how_long_the_node_itself_took(shelf: Shelf, scope: Scope) -> None:
    found = shelf.reads.trace_page.exemplars(["posts"], scope)
    assert max(one.ms for one in found) == 300.0  # the call, 30 ms times 10, and not the trace


def test_a_request_of_a_function_leads_to_its_trace(shelf: Shelf, scope: Scope) -> None:
    assert shelf.reads.trace_page.of_request("r-12", scope) == trace_id(12)
    assert shelf.reads.trace_page.of_request("r-999", scope) == ""


def test_the_map_counts_clients_by_their_requests_and_says_what_it_cannot_see(
    shelf: Shelf, scope: Scope
) -> None:
    found = shelf.reads.trace_page.map(TraceQuestion("fault", scope))
    client = next(node for node in found.nodes if node.type == "client")
    assert (client.counts.total, client.counts.fault) == (4, 4)
    assert found.traces == 4
    assert any("mail" in words for words in found.unseen)
    assert "teapot" in shelf.reads.trace_page.map(TraceQuestion("teapot", scope)).mistake


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ('{"level":"error","msg":"x"}', "error"),
        ('{"severity": "WARNING"}', "warn"),
        ('{"level":"info","msg":"ERROR in text"}', ""),
        ("2026 ERROR no", "error"),
        ("Task timed out after 3.00 seconds", "error"),
        ("all is well", ""),
    ],
)
def test_a_line_tells_its_level(line: str, level: str) -> None:
    assert level_of(line) == level


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        ("https://a.org/posts/12/likes/7?x=1", "https://a.org/posts/*/likes/*"),
        ("https://a.org:8443/posts/1/2/3", "https://a.org:8443/posts/*/*/*"),
        ("https://a.org/posts", "https://a.org/posts"),
        ("https://a.org/api/v2/posts/12", "https://a.org/api/v2/posts/*"),
        ("https://a.org/u/0b2d9d4e-5b0f-4c61-8a5f-aa11bb22cc33#top", "https://a.org/u/*"),
        ("https://a.org/blobs/deadbeefdeadbeef", "https://a.org/blobs/*"),
        ("https://a.org?next=/posts/1", "https://a.org"),
        ("/posts/1", "/posts/*"),
    ],
)
def test_addresses_that_differ_in_ids_are_one_kind(url: str, shape: str) -> None:
    found = pl.select(shape_of_url(pl.lit(url))).item()
    assert found == shape
