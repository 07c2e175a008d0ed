"""Over many traces at once every expression gives what it gives for each trace alone."""

from __future__ import annotations

import json
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings

from app.model.ids import Place
from app.model.trace_reading import trace_of
from app.model.traces import Origin, TraceSource
from app.query.trace_filter import evaluate, matching, needs_documents, parse
from app.store.trace_rows import frame, span_rows, trace_row
from app.store.trace_tables import SPANS, TRACES
from tests.query.trace_filter.expressions import expressions
from tests.support.traces import START, TRACE, trace_id

CASES = Path("tests/cases/trace-filters")
RULES = [
    topic
    for name in ("rules", "documents", "values")
    for topic in tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))["topic"]
]
NAMED = json.loads((CASES / "traces.json").read_text(encoding="utf-8"))
EXPRESSIONS = sorted({text for topic in RULES for text in (*topic["yes"], *topic["no"])})
BY_ACCOUNT = [text for text in EXPRESSIONS if "account.id" in text]
GROUPS = NAMED["grouped"]["groups"]


def renamed(trace: dict[str, Any], id_: str) -> dict[str, Any]:
    """The same trace under another id, wherever its documents name it."""
    segments = json.loads(json.dumps(trace["segments"]).replace(TRACE, id_))
    return {**trace, "trace_id": id_, "segments": segments, "groups": GROUPS}


def orphaned(trace: dict[str, Any], summary: dict[str, Any]) -> dict[str, Any]:
    """The same without any segment: each is a subsegment of one that is not there."""
    documents = [each for each in collected(trace) if isinstance(each, dict)]
    return {
        "segments": [
            {"parent_id": "00000000000000dd", **document, "type": "subsegment"}
            for document in documents
            if not document.get("inferred")
        ],
        "summary": summary,
    }


TOGETHER = {trace_id(n): renamed(trace, trace_id(n)) for n, trace in enumerate(NAMED.values())}
SUMMARIES = ({}, {"IsPartial": False}, NAMED["summary only"]["summary"])


def collected(trace: dict[str, Any]) -> list[str | dict[str, Any]]:
    """The documents as a collector unwraps them."""
    given = [s.get("Document", s) if isinstance(s, dict) else s for s in trace["segments"]]
    return [each for each in given if each is not None]


def tables(
    traces: dict[str, dict[str, Any]], account: str = ""
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    origin = Origin(Place(account, ""), TraceSource.XRAY)
    whole = [trace_of(i, collected(t), t.get("summary"), origin) for i, t in traces.items()]
    spans = [row for trace in whole for row in span_rows(trace, START)]
    rows = frame(TRACES, [trace_row(trace, START) for trace in whole], 1)
    return rows.lazy(), frame(SPANS, spans, 1).lazy()


TABLES = tables(TOGETHER)
ORPHANED = {
    trace_id(n): renamed(orphaned(trace, summary), trace_id(n))
    for n, (summary, (name, trace)) in enumerate(product(SUMMARIES, NAMED.items()))
    if orphaned(trace, summary)["segments"] and name != "damaged"  # the store takes none of it
}
TABLES_OF_ORPHANS = tables(ORPHANED)


def matched(text: str, traces: pl.LazyFrame, spans: pl.LazyFrame) -> list[str]:
    found = matching(parse(text), traces, lambda: spans, GROUPS)
    return sorted(found.collect(engine="streaming")["trace_id"])


@pytest.mark.parametrize("text", [text for text in EXPRESSIONS if text not in BY_ACCOUNT])
def test_the_same_traces_are_found_at_once_as_one_by_one(text: str) -> None:
    alone = sorted(id_ for id_, trace in TOGETHER.items() if evaluate(text, trace))
    assert matched(text, *TABLES) == alone


@pytest.mark.parametrize("text", [text for text in EXPRESSIONS if text not in BY_ACCOUNT])
def test_traces_without_a_root_are_found_at_once_as_one_by_one(text: str) -> None:
    alone = sorted(id_ for id_, trace in ORPHANED.items() if evaluate(text, trace))
    assert matched(text, *TABLES_OF_ORPHANS) == alone


@settings(max_examples=40)
@given(expressions)
def test_any_expression_finds_the_same(text: str) -> None:
    for traces, found in ((TOGETHER, TABLES), (ORPHANED, TABLES_OF_ORPHANS)):
        alone = sorted(id_ for id_, trace in traces.items() if evaluate(text, trace))
        assert matched(text, *found) == alone


@pytest.mark.parametrize("text", BY_ACCOUNT)
def test_an_account_that_a_document_does_not_tell_is_that_of_the_place(text: str) -> None:
    one = {trace_id(): renamed(NAMED["checkout"], trace_id())}
    found = matched(text, *tables(one, "111122223333"))
    assert bool(found) is evaluate(text, NAMED["checkout"])


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("fault AND user", False),
        ('service("web")', False),
        ('rootcause.fault.service { name = "web" }', False),
        ('!service("web") { fault }', True),
        ("edge", True),
        ('service(id(type: "client"))', True),
        ('group.name = "braces"', True),
    ],
)
def test_only_braces_and_edges_need_documents(text: str, needed: bool) -> None:
    assert needs_documents(parse(text), {"braces": "service() { ok }"}) is needed


def test_spans_are_not_read_where_the_row_of_a_trace_tells() -> None:
    def spans() -> pl.LazyFrame:
        raise AssertionError("spans were read")

    text = 'service("web") fault OR rootcause.json = #[{}]'
    found = matching(parse(text), TABLES[0], spans).collect()["trace_id"]
    names = {name for name, id_ in zip(NAMED, TOGETHER, strict=True) if id_ in found.to_list()}
    assert names == {
        "failed", "refused and failed", "damaged", "explained", "grouped", "open and failing",
        "summary only",
    }  # fmt: skip


def test_columns_stay_as_they_are() -> None:
    text = 'fault OR edge("web", "payments") OR rootcause.fault.service'
    found = matching(parse(text), TABLES[0], lambda: TABLES[1])
    assert found.collect_schema() == TABLES[0].collect_schema()
