"""The page of logs: groups, query, answer, mistakes, fields, and what opens beside them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from app.catalogue import load_catalogue
from app.config import Settings, StoreSettings
from app.model.readings import Look, Reading
from app.model.rounds import Result, Round
from app.model.time import Window
from app.query.insights import Scanned
from app.read import Jobs, Mistake, Progress, Reads, Scope
from app.store import open_store
from dashboards.pages import log_answer, log_form, log_side, logs
from dashboards.parts import Seen
from tests.read.test_logs import filled
from tests.support.figures import size, valid
from tests.support.shelf import HOME, NOW

LARGEST_FIGURE = 60_000


def reads_of(folder: Path) -> Reads:
    store = open_store(StoreSettings(path=folder), NOW, writer=False)
    accounts = [{"id": HOME.account, "name": "prod", "regions": [HOME.region]}]
    settings = Settings.model_validate({"accounts": accounts})
    return Reads(store, load_catalogue(), settings)


@pytest.fixture(scope="module")
def reads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reads]:
    folder = tmp_path_factory.mktemp("store")
    filled(folder, columns=True, merged=True).close()
    found = reads_of(folder)
    yield found
    found.store.close()


def scope(reads: Reads, length: timedelta = timedelta(hours=3)) -> Scope:
    return Scope(Window(NOW - length, NOW), reads.places, NOW)


def said(found: Any) -> str:
    return json.dumps(found, cls=PlotlyJSONEncoder, ensure_ascii=False)


def total(bar: dict[str, Any]) -> float:
    """The sum of the heights of a trace, which travel as packed numbers."""
    packed = bar["y"]
    heights = np.frombuffer(base64.b64decode(packed["bdata"]), dtype=packed["dtype"])
    return float(np.nansum(heights))


ROWS, DETAIL, CHART, COUNTED, FIELDS = 4, 8, 9, 13, 14
"""Where what stands in the answer of the page."""


def asked(
    reads: Reads, seen: Seen, text: str, groups: str = "", length: timedelta = timedelta(hours=3)
) -> list[Any]:
    """What the page gets once the whole answer is there."""
    jobs, about = Jobs(), logs.question(text, groups, scope(reads, length))
    name = logs.begin(jobs, reads, about)
    return logs.answer(reads, logs.Shown(name), jobs.look(name, wait=30), about.scope, seen)


def test_the_newest_events_come_first_with_their_count_over_time(reads: Reads, seen: Seen) -> None:
    found = asked(reads, seen, log_form.FIRST)
    assert size(valid(found[CHART])) < LARGEST_FIGURE
    [bar] = found[CHART]["data"]
    assert total(bar) == 720
    grid = found[ROWS]
    assert [column["field"] for column in grid.columnDefs] == ["@timestamp", "@log", "@message"]
    assert grid.rowData[0]["@message"].startswith("REPORT RequestId: 8286a188")
    assert grid.rowData[0]["@timestamp"] == 1_795_521_332_239
    assert found[DETAIL] == "100 rows · 720 events read"
    assert found[COUNTED] == "720 in this range, by 5\u00a0min"


def test_the_chart_counts_what_the_filter_lets_through(reads: Reads, seen: Seen) -> None:
    text = "fields level | filter level = 'ERROR' | stats count(*) as n by level"
    found = asked(reads, seen, text, "/api")
    [bar] = found[CHART]["data"]
    assert total(bar) == 7
    assert found[ROWS].rowData == [{"id": "0", "level": "ERROR", "n": 7}]


def test_fields_are_listed_with_their_share(reads: Reads, seen: Seen) -> None:
    words = said(asked(reads, seen, log_form.FIRST)[FIELDS])
    assert words.index("@requestId") < words.index("level") < words.index("rare.why")
    assert "rare.why: text, in 0.69\u00a0% of the events" in words


def test_the_page_shows_rows_first_and_asks_for_the_rest(reads: Reads, seen: Seen) -> None:
    rows = reads.log_page.rows(logs.question(log_form.FIRST, "", scope(reads)))
    half = Progress((rows,), False, 2.0, Scanned(rows=350, of_rows=720))
    found = logs.answer(reads, logs.Shown("job"), half, scope(reads), seen)
    stored, ended, form, told = found[:ROWS]
    assert (stored, ended, form) == ({"job": "job", "parts": 1}, False, log_form.RUNNING)
    assert told == "Reading 350 of 720 events · 2 s"
    assert len(found[ROWS].rowData) == 100
    assert found[CHART] is no_update
    again = logs.answer(reads, logs.Shown("job", 1), half, scope(reads), seen)
    assert again[ROWS] is no_update


def test_a_job_that_is_forgotten_leaves_the_page_as_it_is(reads: Reads, seen: Seen) -> None:
    found = logs.answer(reads, logs.Shown("long ago", 1), None, scope(reads), seen)
    assert found[:ROWS] == [{}, True, log_form.IDLE, ""]
    assert all(each is no_update for each in found[ROWS:])


@pytest.mark.parametrize(
    ("text", "groups", "words"),
    [
        (
            "stats cuont(*)",
            "",
            "unknown function `cuont`; did you mean `count`?\\n  stats cuont(*)",
        ),
        ("limit 1", "/apy", "there is no log group `/apy`; did you mean `/api`?"),
    ],
)
def test_a_mistake_stands_where_the_answer_would(
    reads: Reads, seen: Seen, text: str, groups: str, words: str
) -> None:
    found = asked(reads, seen, text, groups)
    assert words in said(found[ROWS])
    assert found[ROWS + 1] == "panel look-data"
    assert "Waiting for a query that can be run." in said(found[CHART + 2])


@pytest.mark.parametrize(
    ("length", "text", "words"),
    [
        (timedelta(seconds=1), log_form.FIRST, "No event in this range. Try a longer one"),
        (
            timedelta(hours=3),
            "filter @message like 'teapot'",
            "No event matches. 720 events in this range do not.",
        ),
        (
            timedelta(hours=3),
            "filter levl = 'ERROR'",
            "do not. No event has a field `levl`; did you mean `level`?",
        ),
    ],
)
def test_what_is_not_there_is_said(
    reads: Reads, seen: Seen, length: timedelta, text: str, words: str
) -> None:
    found = asked(reads, seen, text, length=length)
    assert found[ROWS + 1] == found[CHART + 1] == "panel look-nothing"
    assert words in said(found[ROWS + 2])


def test_a_limit_that_ended_a_query_is_told(reads: Reads, seen: Seen) -> None:
    rows = reads.log_page.rows(logs.question(log_form.FIRST, "", scope(reads)))
    cut = log_answer.rows(replace(rows, stopped="the limit of 60 s"), rows.reading, seen)
    assert cut[-1] == "100 rows · 720 events read · incomplete: the limit of 60 s was reached"
    none = replace(rows, rows=(), stopped="cancelled")
    empty = log_answer.rows(none, Reading(None, Look.NOTHING), seen)
    assert "Cancelled before anything was found." in said(empty)


def test_before_the_first_collection_that_is_said(tmp_path: Path, seen: Seen) -> None:
    open_store(StoreSettings(path=tmp_path), NOW).close()
    empty = reads_of(tmp_path)
    found = asked(empty, seen, log_form.FIRST)
    assert found[ROWS + 1] == "panel look-not-collected"
    empty.store.close()


def test_what_could_not_be_asked_is_told_beside_what_there_is(tmp_path: Path, seen: Seen) -> None:
    store = filled(tmp_path, columns=True, merged=False)
    lease = store.acquire("tests", NOW, timedelta(hours=1))
    denied = Round("logs", HOME, "logs/*", NOW, NOW, Result.DENIED, action="logs:FilterLogEvents")
    assert lease is not None
    store.note(lease=lease, now=NOW, round=denied)
    store.close()
    reads = reads_of(tmp_path)
    found = asked(reads, seen, log_form.FIRST)
    assert found[ROWS + 1] == "panel look-stale"
    assert "Missing: logs:FilterLogEvents." in said(found[ROWS + 2])
    reads.store.close()


@pytest.mark.parametrize(
    ("text", "mistakes", "marked", "told"),
    [
        ("limit 1", [], [], []),
        ("stats cuont(*)", [Mistake("unknown", 6, 11)], ["cuont"], ["unknown"]),
        (
            "limit 1\n| fliter a",
            [Mistake("unexpected", 10, 16)],
            ["fliter"],
            ["Line 2: unexpected"],
        ),
        ("limit", [Mistake("ends too early", 5, 6)], [" "], ["ends too early"]),
        ("abcd", [Mistake("b", 1, 3), Mistake("c", 2, 3)], ["bc"], ["b", "c"]),
    ],
)
def test_mistakes_are_marked_in_the_text(
    text: str, mistakes: list[Mistake], marked: list[str], told: list[str]
) -> None:
    parts, words = log_answer.marked(text, mistakes)
    assert [part.children for part in parts if not isinstance(part, str)] == marked
    assert [each.children for each in words] == told
    plain = "".join(part if isinstance(part, str) else part.children for part in parts)
    assert plain.strip() in ("", text)


def test_an_event_opens_in_full_beside_the_list(reads: Reads) -> None:
    message = json.dumps({"level": "ERROR", "ms": 4.0, "text": "a" * 500})
    cells = {"id": "3", "@timestamp": 1_795_521_332_239, "@log": "111111111111:/api"}
    words = said(log_side.event(reads, {**cells, "@message": message, "none": None}, UTC))
    assert "2026-11-24 11:55:32.239 +00:00 (11:55:32.239 UTC)" in words
    assert "a" * 500 in words
    assert '"data-narrow": "level = \\"ERROR\\""' in words
    assert '"data-narrow": "not (ms = 4)"' in words
    assert "none" not in words


def test_events_around_one_are_a_link_away(reads: Reads) -> None:
    cells = {"id": "3", "@timestamp": 1_795_521_332_239, "@log": "111111111111:/api"}
    words = said(log_side.event(reads, {**cells, "@message": "x"}, UTC))
    assert "group=%2Fapi&range=2026-11-24T11%3A55%3A02Z..2026-11-24T11%3A56%3A02Z" in words


def test_an_id_of_an_event_is_followed_through_all_groups(reads: Reads) -> None:
    message = "START RequestId: 8286a188-ba32-4475-8077-530cd35c0007 Version: 1"
    words = said(log_side.event(reads, {"id": "3", "@message": message}, UTC))
    assert 'like \\"8286a188-ba32-4475-8077-530cd35c0007\\"' in words
    assert '"data-everywhere": "yes"' in words


def test_a_field_opens_with_its_values(reads: Reads) -> None:
    about = logs.question("filter level = 'ERROR' | limit 3", "/api", scope(reads))
    words = said(log_side.field(reads, about, "level"))
    assert "1 value in 7 events." in words
    assert "7 · 100\u00a0%" in words
    assert '"data-query": "filter level = \\"ERROR\\"\\n| filter ispresent(level)' in words
    missing = said(log_side.field(reads, about, "teapot"))
    assert "No event has it." in missing


def test_json_is_laid_out_and_other_text_left_alone() -> None:
    assert log_side.readable('{"a":[1,"ü"]}') == '{\n  "a": [\n    1,\n    "ü"\n  ]\n}'
    assert log_side.readable("12") == "12"
    assert log_side.readable("{not json") == "{not json"


def test_groups_are_offered_and_the_address_fills_the_form(reads: Reads) -> None:
    words = said(logs.layout(reads, q="stats count(*)", group="/api"))
    assert '"data-group": "/aws/lambda/f"' in words
    assert '"value": "stats count(*)"' in words
