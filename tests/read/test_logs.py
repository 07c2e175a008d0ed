"""A query over the store answers as one over the same events at hand."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from app.config import QuerySettings, StoreSettings
from app.model.errors import ConfigError
from app.model.hashing import event_hashes
from app.model.ids import Place
from app.model.logs import EVENT_COLUMNS, LogGroupKey, LogRows
from app.model.rounds import Batch
from app.model.time import Window, epoch_ms
from app.query.insights import Limits, QueryError, Result, Watch, run_query
from app.query.insights.shred import shred
from app.read.logs import LogsReader, limits_of
from app.store import Store, open_store
from tests.support.shelf import HOME, NOW

API, FUNCTION = LogGroupKey(HOME, "/api"), LogGroupKey(HOME, "/aws/lambda/f")
START = NOW - timedelta(hours=2)
WINDOW = Window(START, NOW)
REQUESTS = [f"8286a188-ba32-4475-8077-530cd35c{n:04x}" for n in range(40)]


def events() -> list[tuple[LogGroupKey, datetime, str]]:
    """Two hours of two groups; a field changes its type, another is seldom."""
    found = []
    for n in range(240):
        at, request = START + timedelta(seconds=29 * n, milliseconds=n), REQUESTS[n % 40]
        level = "ERROR" if n % 37 == 0 else "INFO"
        status: object = f"{200 + n % 300}" if n > 180 else 200 + n % 300
        line: dict[str, object] = {
            "level": level,
            "status": status,
            "requestId": request,
            "ms": n / 4,
        }
        if n % 50 == 3:
            line["rare"] = {"why": f"because {n}"}
        found.append((API, at, json.dumps(line)))
        found.append(
            (FUNCTION, at + timedelta(milliseconds=5), f"START RequestId: {request} Version: 1")
        )
        found.append(
            (
                FUNCTION,
                at + timedelta(seconds=1),
                (
                    f"REPORT RequestId: {request}\tDuration: {n}.5 ms\t"
                    f"Billed Duration: {n + 1} ms\tMemory Size: 128 MB\tMax Memory Used: 67 MB\t"
                ),
            )
        )
    return found


def rows_of(some: Sequence[tuple[LogGroupKey, datetime, str]], *, columns: bool) -> LogRows:
    groups = tuple(dict.fromkeys(group for group, _, _ in some))
    messages = pl.Series("message", [message for _, _, message in some])
    found = shred(messages, [group.name for group, _, _ in some])
    frame = pl.DataFrame(
        {
            "group": [groups.index(group) for group, _, _ in some],
            "at": [at for _, at, _ in some],
            "ingested": [at for _, at, _ in some],
            "stream": ["s"] * len(some),
            "event": event_hashes(API, pl.Series([f"{a}{b}{c}" for a, b, c in some])),
            "message": messages,
        },
        schema=EVENT_COLUMNS,
    )
    if not columns:  # as if every field were rare
        infos = {
            name: type(info)(info.kind, info.count, column=False)
            for name, info in found.fields.items()
        }
        return LogRows(groups, frame, infos)
    return LogRows(groups, frame.with_columns(found.columns), found.fields)


def filled(folder: Path, *, columns: bool, merged: bool) -> Store:
    store = open_store(StoreSettings(path=folder), NOW)
    lease = store.acquire("tests", NOW, timedelta(hours=1))
    assert lease is not None
    everything = events()
    for start in range(0, len(everything), 100):
        logs = rows_of(everything[start : start + 100], columns=columns)
        store.commit(Batch(logs=logs), lease=lease, now=NOW)
    if merged:
        store.upkeep.compact(lease, NOW)
    return store


@pytest.fixture(scope="module", params=["columns", "parsed", "merged"])
def reader(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LogsReader]:
    folder = tmp_path_factory.mktemp("store")
    store = filled(folder, columns=request.param != "parsed", merged=request.param == "merged")
    yield LogsReader(store)
    store.close()


def ask(reader: LogsReader, text: str, *groups: str, window: Window = WINDOW) -> Result:
    return reader.query(text, groups, window, [HOME], now=NOW).result()


def expected(text: str, *groups: str, window: Window = WINDOW) -> Result:
    given = [
        {
            "timestamp": epoch_ms(at),
            "ingestionTime": epoch_ms(at),
            "message": message,
            "logStream": "s",
            "logGroup": group.name,
            "account": HOME.account,
        }
        for group, at, message in events()
    ]
    return run_query(
        text, given, start=window.start, end=window.end, now=NOW, log_groups=groups or None
    )


QUERIES = (
    "fields @timestamp, @message | limit 7",
    "fields @timestamp, level, status | filter level = 'ERROR' | sort @timestamp desc | limit 3",
    "filter @message like 'ERROR' | fields @timestamp, requestId",
    "stats count(*) as n, avg(ms), pct(ms, 99) by level",
    "stats count(*) by bin(5m)",
    "filter status >= 450 | stats count(*) as n, max(status) by level",
    f"filter requestId = '{REQUESTS[7]}' | fields @timestamp, status, ms",
    f"filter @message like '{REQUESTS[7]}' | fields @log, @logStream | sort @timestamp asc",
    "filter @type = 'REPORT' | stats max(@duration), min(@billedDuration), avg(@memorySize)",
    "filter ispresent(rare.why) | fields rare.why, status | sort status desc",
    "parse @message 'Duration: * ms' as d | filter ispresent(d) | stats sum(d), count(*) as n",
    "fields strlen(@message) as size | sort size desc | limit 5",
    "stats count(*) as n by requestId | sort n desc, requestId asc | limit 4",
    "filter status = '201' | stats earliest(ms), latest(ms)",
    "fields level, status | dedup level",
    "pattern @message",
    "filter level in ['ERROR'] | stats count(*) by @log",
    "fields nothing | limit 2",
    "filter nothing = 1",
    "stats count(*)",
    "stats count(*) as n by bin(1m)",
    "stats count() as n, n * 2 as twice by datefloor(@timestamp, 1h) as t",
    "stats count(*) by bin(7s)",
    "stats count(*) as n by @log",
    "stats count(*) as n by bin(10m), @log",
    "stats count(*) as n by bin(10m) | filter level = 'ERROR'",
    "filter @message like /ERROR/ | stats count(*) as n by bin(10m)",
    "filter @message not like 'ERROR' | stats count(*) as n",
    "filter @message like /(ERROR|WARN)/ or @message like 'timeout' | fields @timestamp, @message",
    "filter @message like 'WARN' | stats count(*) as n",
    "accum ms as total | filter @message like 'ERROR' | fields total",
    "fields @message as m | filter m like /ERROR/ | stats count(*) as n",
    "filter @message like /^REPORT/ | stats count(*) as n by @log",
)  # fmt: skip


@pytest.mark.parametrize("text", QUERIES)
def test_the_store_answers_as_the_events_at_hand(reader: LogsReader, text: str) -> None:
    found, wanted = ask(reader, text), expected(text)
    assert (found.columns, found.rows) == (wanted.columns, wanted.rows)


def test_a_group_is_asked_alone(reader: LogsReader) -> None:
    text = "stats count(*) as n by @log"
    assert (
        ask(reader, text, "/api").rows
        == expected(text, "/api").rows
        == [[f"{HOME.account}:/api", 240]]
    )


def test_the_window_holds_both_of_its_ends(reader: LogsReader) -> None:
    first = events()[0][1]
    found = ask(
        reader, "stats count(*) as n", window=Window(first, first + timedelta(milliseconds=5))
    )
    assert found.rows == [[2]]


def test_enough_of_the_newest_is_all_that_is_read(reader: LogsReader) -> None:
    found = reader.query("fields @message | limit 5", (), WINDOW, [HOME], now=NOW)
    assert found.data.height == 5
    assert found.scanned.rows + found.scanned.skipped_rows == 720
    assert found.scanned.skipped_rows == 0 or found.scanned.rows < 720


def test_segments_without_the_id_are_not_opened(tmp_path: Path) -> None:
    store = filled(tmp_path, columns=True, merged=False)
    odd = rows_of(
        [(API, NOW - timedelta(minutes=1), '{"requestId":"0f9a6c1e-1111-4222-8333-abcdefabcdef"}')],
        columns=True,
    )
    lease = store.acquire("tests", NOW, timedelta(hours=1))
    assert lease is not None
    store.commit(Batch(logs=odd), lease=lease, now=NOW)
    for condition in (
        "@message like '0f9a6c1e-1111-4222-8333-abcdefabcdef'",
        "requestId = '0f9a6c1e-1111-4222-8333-abcdefabcdef'",
    ):
        found = LogsReader(store).query(
            f"filter {condition} | stats count(*) as n", (), WINDOW, [HOME], now=NOW
        )
        assert found.result().rows == [[1]]
        assert (found.scanned.rows, found.scanned.skipped_rows) == (1, 720)
    store.close()


@pytest.mark.parametrize("text", ["stats count(*) by bin(5m)", "stats count(*) by @log"])
def test_events_are_counted_without_reading_them(reader: LogsReader, text: str) -> None:
    found = reader.query(text, (), WINDOW, [HOME], now=NOW)
    assert (found.scanned.rows, found.scanned.skipped_rows) == (0, 720)


def test_only_segments_across_the_ends_of_a_window_are_read_to_count(reader: LogsReader) -> None:
    text = "stats count(*) as n by bin(5m)"
    inside = Window(START + timedelta(minutes=50), NOW - timedelta(minutes=50, seconds=3))
    found = reader.query(text, (), inside, [HOME], now=NOW)
    given = expected(text, window=inside)
    assert found.result().rows == given.rows
    assert 0 < found.scanned.rows <= 720


def test_a_word_that_no_message_holds_opens_no_segment(reader: LogsReader) -> None:
    text = "filter @message like 'FATAL: disk' | stats count(*) as n"
    found = reader.query(text, (), WINDOW, [HOME], now=NOW)
    assert found.result().rows == [[0]]
    assert (found.scanned.rows, found.scanned.skipped_rows) == (0, 720)


def test_segments_whose_texts_lie_elsewhere_are_not_opened(tmp_path: Path) -> None:
    store = filled(tmp_path, columns=True, merged=False)
    odd = rows_of([(API, NOW - timedelta(minutes=1), '{"level":"TRACE"}')], columns=True)
    lease = store.acquire("tests", NOW, timedelta(hours=1))
    assert lease is not None
    store.commit(Batch(logs=odd), lease=lease, now=NOW)
    found = LogsReader(store).query(
        "filter level = 'TRACE' | stats count(*) as n", (), WINDOW, [HOME], now=NOW
    )
    assert found.result().rows == [[1]]
    assert (found.scanned.rows, found.scanned.skipped_rows) == (1, 720)
    store.close()


def test_an_unknown_group_is_told_with_the_one_that_was_meant(reader: LogsReader) -> None:
    with pytest.raises(ConfigError, match="there is no log group `/apii`; did you mean `/api`"):
        ask(reader, "limit 1", "/apii")


def test_groups_of_other_places_are_not_asked(reader: LogsReader) -> None:
    elsewhere = Place("999999999999", "us-east-1")
    assert reader.groups([elsewhere]) == []
    found = reader.query("stats count(*) as n", (), WINDOW, [elsewhere], now=NOW)
    assert found.result().rows == [[0]]


def test_a_mistake_is_told_before_anything_is_read(reader: LogsReader) -> None:
    with pytest.raises(QueryError, match="unknown function"):
        ask(reader, "stats cuont(*)")


def test_somebody_who_waits_is_told_how_far_it_is(reader: LogsReader) -> None:
    told: list[int] = []
    watch = Watch(progress=lambda scanned: told.append(scanned.rows))
    reader.query("filter level like 'NONE'", (), WINDOW, [HOME], now=NOW, watch=watch)
    assert told
    assert told[-1] == 720


@pytest.mark.parametrize("text", ["stats count(*) by @message", "filter level like 'NONE'"])
def test_a_query_that_was_given_up_says_so(reader: LogsReader, text: str) -> None:
    watch = Watch(cancel=threading.Event())
    assert watch.cancel is not None
    watch.cancel.set()
    found = reader.query(text, (), WINDOW, [HOME], now=NOW, watch=watch)
    assert (found.scanned.stopped, found.data.height) == ("cancelled", 0)


def test_limits_of_the_settings_hold_for_every_query(tmp_path: Path) -> None:
    store = filled(tmp_path, columns=True, merged=False)
    reader = LogsReader(store, limits_of(QuerySettings(rows=3, read_gb=20e-6)))
    found = reader.query("fields @message", (), WINDOW, [HOME], now=NOW, limits=Limits(rows=900))
    assert (found.data.height, found.more) == (3, True)
    found = reader.query("stats sum(ms)", (), WINDOW, [HOME], now=NOW, limits=Limits())
    assert found.scanned.stopped == "the limit of 20 kB to read"
    assert 0 < found.scanned.bytes <= 20_000
    store.close()


def test_a_narrower_limit_of_a_query_counts(reader: LogsReader) -> None:
    limits = Limits(rows=2)
    found = reader.query("fields @message", (), WINDOW, [HOME], now=NOW, limits=limits)
    assert found.data.height == 2


def test_an_explanation_reads_nothing_and_tells_what_is_left_out(reader: LogsReader) -> None:
    text = "filter @message like 'FATAL' or nothing > 3 | stats count(*)"
    told = reader.explain(text, (), WINDOW, [HOME], now=NOW).steps
    assert any(step.startswith("reads 720 events") for step in told)
    text = "filter @message like 'FATAL' | stats count(*)"
    told = reader.explain(text, (), WINDOW, [HOME], now=NOW).steps
    assert [step for step in told if step.startswith("leaves out")]
    assert any(step.startswith("reads 0 events") for step in told)


def test_a_query_that_takes_too_long_ends_with_the_limit_named(reader: LogsReader) -> None:
    limits = Limits(seconds=0.0)
    found = reader.query("stats count(*)", (), WINDOW, [HOME], now=NOW, limits=limits)
    assert found.scanned.stopped == "the limit of 0 s"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('filter levl = "ERROR"', ["no event has a field `levl`; did you mean `level`?"]),
        ('filter level = "none" and rare.why = "x" and ispresent(rare)', []),
        ("parse @message 'a*' as x | fields ms / 2 as y | filter y > 1e9 and x = 1", []),
        (
            "fields ms as status2 | stats sum(status2) as s by sttus | filter s > 1",
            ["no event has a field `sttus`; did you mean `status`?"],
        ),
        ("stats count(*) as n by level | filter nosuch > n", []),
    ],
)
def test_fields_that_no_event_has_are_named(reader: LogsReader, text: str, said: list[str]) -> None:
    assert reader.absent(text, ["/api"], WINDOW, [HOME]) == said
