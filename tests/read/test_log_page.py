"""What the page of logs asks besides rows: values of fields, fields of an event, mistakes, age."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.catalogue import load_catalogue
from app.config import StoreSettings
from app.model.groups import logs_group
from app.model.readings import Look
from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Window
from app.read.books import Books
from app.read.log_page import Holds, LogPageReader, LogQuestion, Mistake, ValueCount
from app.read.logs import LogsReader
from app.read.scope import Scope
from app.store import open_store
from tests.read.test_logs import START, WINDOW, filled
from tests.support.shelf import HOME, NOW


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    filled(folder, columns=True, merged=True).close()
    return folder


@pytest.fixture
def page(folder: Path) -> Iterator[LogPageReader]:
    store = open_store(StoreSettings(path=folder), NOW, writer=False)
    yield LogPageReader(LogsReader(store), Books(store, load_catalogue()))
    store.close()


def question(text: str, *groups: str, rows: int = 1000) -> LogQuestion:
    return LogQuestion(text, groups, Scope(WINDOW, (HOME,), NOW), 30.0, rows)


def test_times_are_told_from_numbers_and_text(page: LogPageReader) -> None:
    found = page.rows(question("filter level = 'INFO' | fields @timestamp, ms, level | limit 1"))
    assert found.columns == (
        ("@timestamp", Holds.TIME),
        ("ms", Holds.NUMBER),
        ("level", Holds.TEXT),
    )
    last = int(START.timestamp() * 1000) + 239 * 29_000 + 239
    assert found.rows == ((last, 59.75, "INFO"),)


def test_rows_beyond_those_of_a_page_are_told(page: LogPageReader) -> None:
    found = page.rows(question("fields @message", rows=5))
    assert (len(found.rows), found.more) == (5, True)


def test_the_values_of_a_field_are_counted_behind_the_filters(page: LogPageReader) -> None:
    found = page.values(question("filter status >= 430 | sort ms | limit 2", "/api"), "level")
    assert [(v.value, v.count) for v in found.values] == [("INFO", 10)]
    assert (found.different, found.events) == (1, 10)
    everything = page.values(question("limit 1", "/api"), "level")
    assert [(v.value, v.count) for v in everything.values] == [("INFO", 233), ("ERROR", 7)]
    assert everything.values[1].keep == 'level = "ERROR"'
    assert everything.values[1].drop == 'not (level = "ERROR")'


def test_of_many_values_the_most_frequent_are_shown(page: LogPageReader) -> None:
    found = page.values(question("limit 1", "/api"), "ms")
    assert (len(found.values), found.different, found.events) == (12, 240, 240)


def test_the_query_that_counts_values_can_be_run(page: LogPageReader) -> None:
    counted = page.values(question("filter level = 'ERROR' | limit 1", "/api"), "level").query
    assert counted == (
        'filter level = "ERROR"\n| filter ispresent(level)\n'
        "| stats count(*) as events by level\n| sort events desc, level asc"
    )
    assert page.rows(question(counted, "/api")).rows == (("ERROR", 7),)


@pytest.mark.parametrize("field", ["events", "a b", "sort", "x-y.z"])
def test_any_name_of_a_field_can_be_counted(page: LogPageReader, field: str) -> None:
    assert page.values(question("limit 1"), field).mistake == ""


def test_conditions_on_the_fields_of_an_event_find_it_again(page: LogPageReader) -> None:
    text = "filter ispresent(rare.why) | fields @message | limit 1"
    [(message,)] = page.rows(question(text, "/api")).rows
    found = dict(page.event(str(message), "/api"))
    assert found["rare.why"].value == "because 203"
    assert found["ms"] == ValueCount(50.75, 1, "ms = 50.75", "not (ms = 50.75)")
    for each in found.values():
        again = page.rows(question(f"filter {each.keep} | fields @message", "/api"))
        assert (message,) in again.rows
        left = page.rows(question(f"filter {each.drop} | fields @message", "/api"))
        assert (message,) not in left.rows


def test_each_mistake_of_a_query_has_its_place(page: LogPageReader) -> None:
    assert page.mistakes("filter strlenn(a) > 1 | stats cuont(*)") == (
        Mistake("unknown function `strlenn`; did you mean `strlen`?", 7, 17),
        Mistake("unknown function `cuont`; did you mean `count`?", 30, 38),
    )
    assert page.mistakes("fields a |") == (Mistake(page.mistakes("fields a |")[0].message, 10, 11),)
    assert page.mistakes("limit 1") == ()


def test_an_answer_is_as_old_as_what_was_read_least_of_its_groups(tmp_path: Path) -> None:
    store = filled(tmp_path, columns=True, merged=False)
    lease = store.acquire("tests", NOW, timedelta(hours=1))
    assert lease is not None
    for name, minutes in (("/api", 4), ("/aws/lambda/f", 1)):
        window = Window(NOW - timedelta(hours=1), NOW - timedelta(minutes=minutes))
        read = Covered(HOME, logs_group(name), window, Settledness.PROVISIONAL)
        store.commit(Batch(covered=[read]), lease=lease, now=NOW)
    page = LogPageReader(LogsReader(store), Books(store, load_catalogue()))
    both, one = page.rows(question("limit 1")), page.rows(question("limit 1", "/aws/lambda/f"))
    assert both.reading.as_of == NOW - timedelta(minutes=4)
    assert one.reading.as_of == NOW - timedelta(minutes=1)
    assert one.reading.look is Look.DATA
    store.close()
