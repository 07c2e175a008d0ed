"""Under which span a log line stands, and the rows between the spans of a waterfall."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.model.traces import Trace
from app.read import TraceLine
from app.read.trace_page.placing import placed
from app.read.waterfall import Span, entries, pauses, spans_of, waterfall
from tests.support.traces import START, Documents, whole

REQUEST, GATEWAY = "8286a188-ba32-4475-8077-530cd35c0007", "0a0a0a0a-ba32-4475-8077-530cd35c0007"


@pytest.fixture(scope="module")
def trace() -> Trace:
    """A stage, a function in its two parts with nested steps, and a container called by it."""
    make = Documents()
    call = make.call("DynamoDB", 30, 20, operation="GetItem", table_name="posts")
    ask = make.subsegment("web", 55, 20, namespace="remote")
    step = make.subsegment("render", 28, 50, subsegments=[call, ask])
    handler = make.subsegment("handler", 20, 70, subsegments=[step])
    stage = make.segment("blog/prod", 0, 100, aws={"request_id": GATEWAY})
    service = make.segment("posts", 10, 85, origin="AWS::Lambda", aws={"request_id": REQUEST})
    code = make.segment(
        "posts", 18, 75, origin="AWS::Lambda::Function", aws={"request_id": REQUEST},
        subsegments=[handler], of=service,
    )  # fmt: skip
    web = make.segment("web", 58, 10, aws={"cloudwatch_logs": [{"log_group": "/ecs/web"}]}, of=ask)
    return whole(stage, service, code, web)


@pytest.mark.parametrize(
    ("ms", "group", "message", "expected"),
    [
        pytest.param(40, "/aws/lambda/posts", REQUEST, "render", id="the innermost own step"),
        pytest.param(22, "/aws/lambda/posts", REQUEST, "handler", id="a step around it"),
        pytest.param(120, "/aws/lambda/posts", f"END {REQUEST}", "posts", id="after its end"),
        pytest.param(40, "/aws/lambda/posts", "no id", "render", id="by the name of its group"),
        pytest.param(60, "/ecs/web", "no id", "web", id="by the group that the segment names"),
        pytest.param(60, "/of/nobody", "no id", "web", id="by time alone, the shortest"),
        pytest.param(99, "/of/nobody", "no id", "blog/prod", id="by time, only one ran"),
        pytest.param(40, "/x", f"({GATEWAY}) calls {REQUEST}", "blog/prod", id="first named"),
    ],
)  # fmt: skip
def test_a_line_stands_under_the_span_that_wrote_it(
    trace: Trace, ms: int, group: str, message: str, expected: str
) -> None:
    [span] = placed(trace, [TraceLine(START + timedelta(milliseconds=ms), group, message)])
    found = next(one for one in trace.walk() if one.id == span)
    assert found.name == expected
    assert found.namespace is None
    assert found.origin != "AWS::Lambda"


def test_a_line_of_a_trace_without_segments_stands_nowhere() -> None:
    bare = whole({"trace_id": Documents().trace_id})
    assert placed(bare, [TraceLine(START, "/a", "b")]) == ("",)


def span(id_: str, start: int, end: int, parent: str = "") -> Span:
    return Span(id_, parent, id_, "web", start, end)


TREE = [span("a", 0, 50_000), span("b", 10_000, 20_000, "a"), span("c", 80_000, 90_000)]


def told(lines: list[str]) -> list[tuple[int, str, int, int]]:
    """Depth, what it is, how many rows below, how many of them spans."""
    return [
        (
            one.depth,
            one.row.span.id if one.row else f"{len(one.lines)} lines" if one.lines else "gap",
            one.below,
            one.inner,
        )
        for one in entries(waterfall(TREE), lines)
    ]


def test_few_lines_stand_below_their_span_and_many_behind_a_row() -> None:
    assert told(["b", "b", "a", "a", "a", "a"]) == [
        (0, "a", 8, 1),
        (1, "4 lines", 4, 0),
        *[(2, "1 lines", 0, 0)] * 4,
        (1, "b", 2, 0),
        *[(2, "1 lines", 0, 0)] * 2,
        (0, "gap", 0, 0),
        (0, "c", 0, 0),
    ]


def test_lines_of_no_span_stand_at_the_end() -> None:
    assert told(["gone"])[-1] == (0, "1 lines", 0, 0)
    assert entries(waterfall([]), []) == []


def test_a_gap_stands_before_the_span_that_ended_it() -> None:
    [gap] = [one.gap for one in entries(waterfall(TREE)) if one.gap]
    assert (gap.start, gap.end, gap.before.id, gap.after.id) == (50_000, 80_000, "a", "c")


def test_pauses_lie_between_calls_and_are_long_enough_to_be_seen() -> None:
    calls = [(10, 20), (20.5, 40), (60, 90)]
    spans = [span("top", 0, 100_000)]
    spans += [span(f"{at}", int(at * 1000), int(end * 1000), "top") for at, end in calls]
    shown = waterfall(spans)
    assert pauses(shown, shown.rows[0]) == ((40_000, 60_000),)
    assert pauses(shown, shown.rows[1]) == ()


def test_every_line_has_a_place_in_a_whole_trace(trace: Trace) -> None:
    lines = [
        TraceLine(START + timedelta(milliseconds=n), "/aws/lambda/posts", "x") for n in range(99)
    ]
    found = entries(waterfall(spans_of(trace)), placed(trace, lines))
    assert sorted(n for one in found if len(one.lines) == 1 for n in one.lines) == list(range(99))
    roots = [one for one in found if one.depth == 0]
    assert sum(one.inner for one in roots) == sum(bool(one.row and one.depth) for one in found) > 0
