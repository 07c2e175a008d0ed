"""A trace on one time line: nesting, own time, critical path, comparison, what is wrong in it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.traces import Outcome, SpanKind
from app.read.waterfall import (
    Change,
    Span,
    critical_path,
    differences,
    operations,
    tree,
    waterfall,
)


def span(id_: str, start: int, end: int | None, parent: str = "", **more: Any) -> Span:
    return Span(id_, parent, **{"name": id_, "service": "api"} | more, start=start, end=end)


def path(*spans: Span) -> dict[str, list[tuple[int, int]]]:
    found = tree(spans)
    return {found.spans[n].id: s for n, s in critical_path(found, found.roots[0]).items()}


def outline(*spans: Span) -> list[tuple[int, str]]:
    return [(row.depth, row.span.id) for row in waterfall(spans).rows]


ROOT = span("root", 0, 100)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([ROOT], {"root": [(0, 100)]}, id="a lone span is the path"),
        pytest.param(
            [ROOT, span("a", 10, 30, "root"), span("b", 40, 90, "root")],
            {"root": [(0, 10), (30, 40), (90, 100)], "a": [(10, 30)], "b": [(40, 90)]},
            id="one after the other",
        ),
        pytest.param(
            [ROOT, span("a", 10, 50, "root"), span("b", 20, 90, "root")],
            {"root": [(0, 10), (90, 100)], "a": [(10, 20)], "b": [(20, 90)]},
            id="the last to end was waited for, the other until that one began",
        ),
        pytest.param(
            [ROOT, span("a", 10, 60, "root"), span("b", 20, 40, "root")],
            {"root": [(0, 10), (60, 100)], "a": [(10, 60)]},
            id="what ran beside the longer one is off the path",
        ),
        pytest.param(
            [ROOT, span("a", 40, 250, "root")],
            {"root": [(0, 40)], "a": [(40, 100)]},
            id="a child that outlives its parent is cut",
        ),
        pytest.param(
            [ROOT, span("a", 120, 250, "root")],
            {"root": [(0, 100)]},
            id="a child that begins after its parent is not waited for",
        ),
        pytest.param(
            [ROOT, span("a", -30, 20, "root")],
            {"root": [(20, 100)], "a": [(0, 20)]},
            id="a clock that runs ahead is cut at the parent's start",
        ),
        pytest.param(
            [ROOT, span("a", 10, 90, "root"), span("deep", 20, 80, "a")],
            {"root": [(0, 10), (90, 100)], "a": [(10, 20), (80, 90)], "deep": [(20, 80)]},
            id="the path goes down",
        ),
        pytest.param(
            [ROOT, span("a", 50, 50, "root")], {"root": [(0, 50), (50, 100)]}, id="no length"
        ),
    ],
)
def test_the_critical_path(spans: list[Span], expected: dict[str, list[tuple[int, int]]]) -> None:
    assert path(*spans) == expected


def test_the_part_of_a_child_on_the_path_ends_where_the_next_was_waited_for() -> None:
    spans = [ROOT, span("a", 10, 60, "root"), span("b", 30, 90, "root"), span("in", 20, 55, "a")]
    assert path(*spans)["in"] == [(20, 30)]


def test_own_time_is_what_no_child_covers() -> None:
    found = waterfall([ROOT, span("a", 10, 40, "root"), span("b", 30, 120, "root")])
    assert found.rows[0].own == ((0, 10),)
    assert [row.self_time for row in found.rows] == [10, 30, 90]
    assert (found.start, found.end) == (0, 120)


def test_rows_nest_by_parent_in_the_order_of_their_start() -> None:
    rows = outline(
        span("b", 50, 60, "root"), span("c", 20, 25, "a"), ROOT, span("a", 10, 30, "root")
    )
    assert rows == [(0, "root"), (1, "a"), (2, "c"), (1, "b")]


def test_a_parent_that_is_not_there_leaves_its_child_at_the_top() -> None:
    found = waterfall([ROOT, span("lost", 10, 20, "nobody")])
    assert [(row.depth, row.orphan) for row in found.rows] == [(0, False), (0, True)]


def test_spans_that_are_their_own_parents_stand_at_the_top() -> None:
    loop = [span("a", 1, 2, "b"), span("b", 2, 3, "a"), span("c", 4, 5, "c")]
    found = waterfall([ROOT, *loop])
    assert [(r.depth, r.span.id, r.looped) for r in found.rows] == [
        (0, "root", False),
        (0, "a", True),
        (1, "b", False),
        (0, "c", True),
    ]


def test_a_span_that_is_not_over_lasts_until_the_end() -> None:
    found = waterfall([span("root", 0, None), span("a", 10, 80, "root")])
    assert (found.rows[0].start, found.rows[0].end) == (0, 80)


def test_a_completed_span_wins_over_one_in_progress() -> None:
    found = waterfall([span("root", 0, 70), span("root", 0, None)])
    assert [(row.span.end, row.end) for row in found.rows] == [(70, 70)]


def test_an_end_before_the_start_has_no_length() -> None:
    row = waterfall([span("root", 50, 20)]).rows[0]
    assert (row.start, row.end, row.self_time) == (50, 50, 0)


def test_an_inferred_segment_names_what_its_caller_called() -> None:
    asked = span("ask", 10, 20, "root")
    table = span("inferred", 10, 20, "ask", kind=SpanKind.INFERRED, service="posts")
    found = waterfall([ROOT, asked, table])
    assert [(row.span.id, row.span.target) for row in found.rows] == [
        ("root", ""),
        ("ask", "posts"),
    ]


def test_alike_siblings_stand_in_one_row_that_holds_them() -> None:
    many = [
        span(f"get{n}", 10 * n, 10 * n + 5, "root", name="DynamoDB", operation="GetItem",
             outcome=Outcome.THROTTLE if n == 3 else Outcome.OK)
        for n in range(6)
    ]  # fmt: skip
    rows = waterfall([ROOT, *many]).rows
    assert [(r.depth, r.count, r.below) for r in rows[:3]] == [(0, 1, 7), (1, 6, 6), (2, 1, 0)]
    assert rows[1].span.outcome is Outcome.THROTTLE
    assert rows[1].own == ((0, 5), (10, 15), (20, 25), (30, 35), (40, 45), (50, 55))
    assert len(waterfall([ROOT, *many[:4]]).rows) == 5


def test_a_gap_is_where_nothing_of_the_trace_ran() -> None:
    queue = span("worker", 400, 500, service="worker")
    [gap] = waterfall([ROOT, span("a", 10, 150, "root"), queue]).gaps
    assert (gap.start, gap.end, gap.before.id, gap.after.id) == (150, 400, "a", "worker")


def test_work_is_summed_by_its_kind() -> None:
    spans = [ROOT, span("a", 10, 40, "root", name="db"), span("b", 50, 60, "root", name="db")]
    found = {one.label: one for one in operations(waterfall(spans).rows)}
    assert (found["db"].count, found["db"].total, found["db"].longest) == (2, 40, 30)
    assert (found["root"].own, found["root"].path) == (60, 60)


def test_two_traces_are_compared_step_by_step() -> None:
    def trace(slow: int, *more: Span) -> Any:
        return waterfall([span("r", 0, 100_000), span("a", 1_000, 1_000 + slow, "r"), *more]).rows

    here = trace(50_000, span("new", 60_000, 70_000, "r"))
    there = trace(5_000, span("old", 2_000, 4_000, "a"))
    found = [(one.label, one.depth, one.change) for one in differences(here, there)]
    assert found == [
        ("r", 0, Change.FASTER),
        ("a", 1, Change.SLOWER),
        ("old", 2, Change.REMOVED),
        ("new", 1, Change.ADDED),
    ]


def test_a_trace_is_the_same_as_itself() -> None:
    rows = waterfall([ROOT, span("a", 10, 40, "root")]).rows
    assert {one.change for one in differences(rows, rows)} == {Change.SAME}


ANY = st.lists(
    st.builds(
        Span,
        id=st.sampled_from("abcdefgh"),
        parent=st.sampled_from(["", *"abcdefghz"]),
        name=st.sampled_from("xy"),
        service=st.sampled_from("st"),
        start=st.integers(-50, 50),
        end=st.none() | st.integers(-50, 90),
        kind=st.sampled_from(SpanKind),
        outcome=st.sampled_from(Outcome),
    ),
    max_size=12,
)


@given(ANY)
@settings(max_examples=200, deadline=None)
def test_any_spans_make_a_trace_whose_path_covers_its_root_once(spans: list[Span]) -> None:
    found = waterfall(spans)
    shown = [row for row in found.rows if row.count == 1]
    assert len({row.span.id for row in shown}) == len(shown)
    for n, row in enumerate(found.rows):
        assert all(one.depth > row.depth for one in found.rows[n + 1 : n + 1 + row.below])
        assert 0 <= row.self_time <= row.end - row.start
    pieces = sorted(piece for row in shown for piece in row.path)
    assert all(a[1] <= b[0] for a, b in pairwise(pieces))
    if pieces:
        covered = sum(end - start for start, end in pieces)
        assert covered == pieces[-1][1] - pieces[0][0]


@pytest.mark.parametrize("chain", [True, False], ids=["one in the other", "side by side"])
def test_five_thousand_spans_are_no_trouble(chain: bool) -> None:
    spans = [span("0", 0, 1_000_000)]
    spans += [
        span(f"{n}", n, 900_000 - n if chain else n + 40, f"{n - 1}" if chain else "0")
        for n in range(1, 5000)
    ]
    found = waterfall(spans)
    assert len(found.rows) == 5000
    assert len(differences(found.rows, found.rows)) == 5000
