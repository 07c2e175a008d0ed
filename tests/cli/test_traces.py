"""``watchdeck traces`` over a store at rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from app.model.groups import TRACES
from app.model.rounds import Batch
from app.model.rounds import Result as Refusal
from app.model.traces import w3c_id
from app.run.exits import Exit
from tests.support.shelf import HOME, Shelf
from tests.support.traces import Documents, blog_request, handed_over, trace_id

CONFIG = """
accounts: [{id: "111111111111", name: prod, regions: [eu-central-1]}]
store: {path: store}
"""
SPAN = ("--since", "2026-11-24T10:30", "--until", "2026-11-24T12:00")


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """Settings, and a store with one request that went well, one that failed, one summary."""
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    shelf = Shelf(tmp_path / "store")
    make = Documents(trace_id(3))
    open_ = make.segment("job", took=None, of={"id": "ffffffffffffffff"})
    given = [
        handed_over(*blog_request(1)),
        handed_over(*blog_request(2, status=502, slow=3)),
        handed_over(open_),
        handed_over(trace_id=trace_id(4), summary={"Id": trace_id(4), "Duration": 1.0}),
    ]
    shelf.commit(Batch(traces=given))
    shelf.close()
    return path


def asked(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["traces", *words, "-c", str(config)])


def test_matching_traces_are_listed_with_their_outcome(config: Path) -> None:
    shown = asked(config, "list", "responsetime > 0.05", *SPAN).output.splitlines()
    assert [line.split()[2:4] for line in shown[1:]] == [
        [trace_id(2), "fault"],
        [trace_id(1), "ok"],
    ]
    assert "270 ms" in shown[1]
    assert "502" in shown[1]


def test_a_limit_says_that_there_are_more(config: Path) -> None:
    shown = asked(config, "list", "--slowest", "--limit", "1", *SPAN).output
    assert trace_id(2) in shown
    assert "There are more than 1" in shown


def test_what_braces_cannot_ask_is_said(config: Path) -> None:
    answer = asked(config, "list", 'service("posts") { ok }', "--json", *SPAN)
    found = json.loads(answer.output)
    assert sorted(row["trace_id"] for row in found["traces"]) == [trace_id(1), trace_id(2)]
    assert (found["more"], found["undecided"]) == (False, 1)
    assert "Of 1 trace only the summary is stored" in asked(config, "list", "edge", *SPAN).output


def test_nothing_that_matches_is_said(config: Path) -> None:
    wanted = "No trace matches; 4 traces of this time are stored."
    assert wanted in asked(config, "list", "throttle", *SPAN).output
    assert wanted in asked(config, "map", "throttle", *SPAN).output


@pytest.mark.parametrize("command", ["list", "map", "malformed"])
def test_a_time_without_traces_is_not_one_without_a_match(config: Path, command: str) -> None:
    shown = asked(config, command, "--since", "2026-11-20", "--until", "2026-11-21").output
    wanted = "No trace of this time is stored; the newest began 2026-11-24 11:00:00 (UTC)."
    assert shown.splitlines()[0] == wanted


def test_nothing_collected_and_nothing_readable_is_said(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    shelf = Shelf(tmp_path / "store")
    said = "No trace is stored.\nThey have not been collected here yet.\n"
    assert asked(path, "list").output == said
    denied = "xray:GetTraceSummaries is not allowed"
    shelf.round("traces", TRACES, Refusal.DENIED, message=denied)
    shelf.close()
    assert f"of {HOME} could not be read: {denied}" in asked(path, "map").output


def test_a_trace_of_which_only_the_summary_is_stored_is_summed_up(config: Path) -> None:
    shown = asked(config, "show", trace_id(4)).output.splitlines()
    assert shown[:2] == [f"{trace_id(4)}  1 s", "  ok"]
    assert shown[-1] == f"Of its part in {HOME} only X-Ray's summary is stored."


def test_what_is_no_id_is_told_from_what_is_not_there(config: Path) -> None:
    assert "blog is no id of a trace; write it as X-Ray" in str(
        asked(config, "show", "blog").exception
    )


def test_the_ends_of_a_call_are_told_apart(config: Path) -> None:
    shown = asked(config, "map", "http.url", *SPAN).output
    calls = [line.split("  ")[0] for line in shown.splitlines() if ")  " in line]
    assert calls[0] == "blog-posts (AWS::Lambda)"
    assert "blog/prod (client)" in calls


def test_a_mistake_is_drawn_and_is_wrong_usage(config: Path) -> None:
    answer = CliRunner().invoke(app, ["traces", "list", "falt", "-c", str(config)])
    assert answer.exception is not None
    assert "did you mean `fault`" in str(answer.exception)


def test_a_trace_is_a_tree_with_what_is_wrong(config: Path) -> None:
    shown = asked(config, "show", w3c_id(trace_id(2))).output.splitlines()
    assert shown[0] == f"{trace_id(2)}  270 ms"
    assert shown[1].endswith("blog/prod  AWS::ApiGateway::Stage  fault")
    assert [line[28:].strip().split()[0] for line in shown[1:]] == [
        "blog/prod", "Lambda", "blog-posts", "blog-posts", "handler",
        "DynamoDB", "DynamoDB", "SQS", "SQS",
    ]  # fmt: skip
    broken = asked(config, "show", trace_id(3)).output
    assert "Malformed:" in broken
    assert "its parent is not there" in broken


def test_a_trace_that_is_not_there_is_said(config: Path) -> None:
    answer = asked(config, "show", trace_id(9))
    assert f"there is no trace {trace_id(9)}" in str(answer.exception)


def test_a_trace_as_json_holds_its_documents(config: Path) -> None:
    found = json.loads(asked(config, "show", trace_id(2), "--json").output)
    assert found["summary"]["fault"] is True
    assert len(found["segments"]) == 9
    assert found["segments"][0]["outcome"] == "fault"


def test_the_map_tells_services_and_calls(config: Path) -> None:
    shown = asked(config, "map", "http.url", *SPAN).output
    (service,) = [line.split() for line in shown.splitlines() if " AWS::ApiGateway" in line]
    assert service == ["blog/prod", "AWS::ApiGateway::Stage", "2", "50.0%", "90", "ms", "270", "ms"]
    assert "Drawn from 2 traces; these are sampled requests." in shown
    found = json.loads(asked(config, "map", "http.url", "--json", *SPAN).output)
    assert (len(found["nodes"]), len(found["edges"]), found["traces"]) == (6, 5, 2)


def test_what_is_malformed_is_counted(config: Path) -> None:
    shown = asked(config, "malformed", *SPAN).output
    (line,) = [line for line in shown.splitlines() if line.startswith("its parent is not there")]
    assert line.split()[-3:] == ["1", "1", trace_id(3)]
    told = json.loads(asked(config, "malformed", "--json", *SPAN).output)
    assert {one["flaw"]: one["count"] for one in told} == {
        "its parent is not there": 1,
        "in progress, never finished": 1,
    }


def test_the_end_does_not_lie_before_the_start(config: Path) -> None:
    answer = asked(config, "list", "--since", "1h", "--until", "2h")
    assert "lies before --since" in str(answer.exception)
    assert Exit.USAGE == 2
