"""The log lines of a trace, and what is said where not all could be searched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.model.logs import LogGroupKey
from app.model.rounds import Batch
from app.model.traces import Trace
from app.read import TraceLines
from app.read.logs import LogsReader
from app.read.trace_page import lines
from tests.store.log_samples import rows
from tests.support.shelf import HOME, Shelf
from tests.support.traces import blog_request, handed_over, trace_id

GROUP = LogGroupKey(HOME, "/aws/lambda/blog-posts")
FIRST, SECOND = (f"8286a188-ba32-4475-8077-530cd35c000{n}" for n in (7, 8))


def of(id_: str) -> str:
    return f"REPORT RequestId: {id_}\tDuration: 9 ms\nXRAY TraceId: {trace_id(5)}\tSegmentId: 1"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    told = [(0, f"START RequestId: {FIRST}"), (1, of(FIRST)), (2, of(SECOND)), (2, "of another")]
    logged = rows({GROUP: [*told, (30, f"long after {FIRST}")]})
    shelf.commit(Batch(traces=[handed_over(*blog_request(5))], logs=logged))
    yield shelf
    shelf.close()


def found(made: Shelf) -> TraceLines:
    return made.reads.trace_page.lines(trace_of(made), made.scope())


def trace_of(made: Shelf) -> Trace:
    trace = made.reads.trace_page.trace(trace_id(5), made.reads.places).value
    assert trace is not None
    return trace


def test_lines_are_those_that_name_the_trace_and_those_of_its_requests(made: Shelf) -> None:
    told = found(made)
    assert [(line.group, line.message[:6]) for line in told.lines] == [
        ("/aws/lambda/blog-posts", "START "),
        ("/aws/lambda/blog-posts", "REPORT"),
        ("/aws/lambda/blog-posts", "REPORT"),
    ]
    assert told.lacking == ()


def test_a_search_that_reached_its_time_is_no_whole_answer(
    made: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "SECONDS", -1.0)
    said = "The search for log lines ended early, the limit of -1 s was reached"
    assert found(made) == TraceLines((), (f"{said}: there may be more lines.",))


def test_a_search_that_failed_is_told(made: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise lines.OpsError("the bucket does not answer.")

    monkeypatch.setattr(LogsReader, "query", refused)
    said = "The log lines could not be searched: the bucket does not answer."
    assert found(made) == TraceLines((), (said,))


def test_lines_beyond_those_that_are_shown_are_told(
    made: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 3)
    assert found(made).lacking == ()
    monkeypatch.setattr(lines, "MOST_LINES", 1)
    told = lines.lines_of(trace_of(made), LogsReader(made.store), made.scope())
    assert [line.message[:5] for line in told.lines] == ["START"]
    assert told.lacking == ("Only the first 1 lines are shown; there are more.",)


def test_requests_that_are_not_searched_for_are_told(
    made: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_IDS", 1)
    said = "Log lines were searched for 1 of the 2 requests of this trace: there may be more lines."
    assert found(made).lacking == (said,)
