"""The page of logs: groups, query, answer, mistakes, fields."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plotly.utils import PlotlyJSONEncoder

from app.catalogue import load_catalogue
from app.config import Settings, StoreSettings
from app.model.time import Window
from app.read import Reads, Scope
from app.store import open_store
from dashboards.pages import logs
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


def test_the_newest_events_come_first_with_their_count_over_time(reads: Reads, seen: Seen) -> None:
    found = logs.answer(reads, logs.FIRST, "", scope(reads), seen)
    figure, grid = found[0], found[4]
    assert size(valid(figure)) < LARGEST_FIGURE
    [bar] = figure["data"]
    assert total(bar) == 720
    assert [column["field"] for column in grid.columnDefs] == ["@timestamp", "@message"]
    assert grid.rowData[0]["@message"].startswith("REPORT RequestId: 8286a188")
    assert "100 rows · 720 events read" in said(found)


def test_the_chart_counts_what_the_filter_lets_through(reads: Reads, seen: Seen) -> None:
    text = "fields level | filter level = 'ERROR' | stats count(*) as n by level"
    found = logs.answer(reads, text, "/api", scope(reads), seen)
    [bar] = found[0]["data"]
    assert total(bar) == 7
    assert found[4].rowData == [{"id": "0", "level": "ERROR", "n": 7}]


def test_fields_are_listed_with_their_share(reads: Reads, seen: Seen) -> None:
    words = said(logs.answer(reads, logs.FIRST, "", scope(reads), seen)[-4])
    assert words.index("@requestId") < words.index("level") < words.index("rare.why")
    assert "0.69\u00a0% · text" in words


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
    found = logs.answer(reads, text, groups, scope(reads), seen)
    assert words in said(found[4])
    assert found[5] == "panel look-data"


def test_a_range_without_events_has_nothing_there(reads: Reads, seen: Seen) -> None:
    found = logs.answer(reads, logs.FIRST, "", scope(reads, timedelta(seconds=1)), seen)
    assert found[1] == found[5] == "panel look-nothing"
    assert "No event matches in this range." in said(found[6])


def test_before_the_first_collection_that_is_said(tmp_path: Path, seen: Seen) -> None:
    open_store(StoreSettings(path=tmp_path), NOW).close()
    empty = reads_of(tmp_path)
    found = logs.answer(empty, logs.FIRST, "", scope(empty), seen)
    assert found[5] == "panel look-not-collected"
    empty.store.close()


def test_an_event_opens_in_full_beside_the_list() -> None:
    words = said(logs.beside({"id": "3", "@message": "a" * 500, "status": 200, "none": None}))
    assert "a" * 500 in words
    assert "status" in words
    assert "none" not in words


def test_groups_are_offered_and_the_address_fills_the_form(reads: Reads) -> None:
    words = said(logs.layout(reads, q="stats count(*)", group="/api"))
    assert '"value": "/aws/lambda/f"' in words
    assert '"value": "stats count(*)"' in words
