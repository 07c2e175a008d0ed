"""Files of log events: what they hold, whatever way they are packed, cut or damaged."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.log_formats import events
from collectors.log_unpacking import PIECE, Unreadable, texts

AT = 1_795_514_850_123  # 2026-11-24T10:07:30.123Z
EXPORT = "exportedlogs/0f3a/2026-11-24-[$LATEST]abc/000000.gz"


def message(*lines: str, **changes: Any) -> bytes:
    """One record of a subscription."""
    found = [{"id": f"id-{line}", "timestamp": AT, "message": line} for line in lines]
    return json.dumps(
        {
            "messageType": "DATA_MESSAGE",
            "owner": "111111111111",
            "logGroup": "/app",
            "logStream": "s",
            "subscriptionFilters": ["all"],
            "logEvents": found,
            **changes,
        }
    ).encode()


CONTROL = message(
    "CWL CONTROL MESSAGE: Checking health of destination Firehose.", messageType="CONTROL_MESSAGE"
)


def read(content: bytes, name: str = "file") -> list[tuple[Any, ...]]:
    """Account, group, time, stream, id and message of each event."""
    rows = []
    for owner, frame in events(texts(content), name):
        rows += [
            (*owner, *row) for row in frame.select("at", "stream", "id", "message").iter_rows()
        ]
    return rows


def lines(content: bytes, name: str = EXPORT) -> list[str]:
    return [row[-1] for row in read(content, name)]


ONE = [("111111111111", "/app", AT, "s", "id-a", "a")]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(message("a"), id="plain"),
        pytest.param(gzip.compress(message("a")), id="gzip"),
        pytest.param(gzip.compress(gzip.compress(message("a"))), id="compressed twice"),
        pytest.param(gzip.compress(CONTROL) + gzip.compress(message("a")), id="two gzip records"),
        pytest.param(gzip.compress(CONTROL + message("a") + CONTROL), id="without separators"),
        pytest.param(b"\n\n" + CONTROL + b"\n" + message("a") + b"\n", id="with line ends"),
        pytest.param(b"\xef\xbb\xbf" + message("a"), id="byte order mark"),
        pytest.param(gzip.compress(message("a")) + b"\0\0\n", id="padded"),
    ],
)
def test_records_of_a_subscription_are_taken_apart(content: bytes) -> None:
    assert read(content) == ONE


def test_several_records_one_behind_the_other() -> None:
    content = gzip.compress(message("a", "b") + message("c", logGroup="/other", owner="2"))
    assert [row[:2] + row[-1:] for row in read(content)] == [
        ("111111111111", "/app", "a"),
        ("111111111111", "/app", "b"),
        ("2", "/other", "c"),
    ]


def test_what_is_longer_than_a_piece_is_put_together() -> None:
    long = "é" * (PIECE + 7)
    content = gzip.compress(message(long, "b") + message("c"))
    assert [row[-1] for row in read(content)] == [long, "b", "c"]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=6), st.integers(1, 9))
def test_however_the_text_is_cut_the_events_are_the_same(parts: list[str], size: int) -> None:
    whole = "".join(message(part).decode() for part in parts)

    def pieces() -> Iterator[str]:
        for start in range(0, len(whole), size):
            yield whole[start : start + size]

    found = [row for _, frame in events(pieces(), "file") for row in frame["message"].to_list()]
    assert found == parts


def test_an_empty_file_and_a_test_of_the_connection_hold_nothing() -> None:
    assert read(b"") == read(b" \n") == read(gzip.compress(b"")) == read(CONTROL) == []


def test_lines_of_an_export_are_events_and_others_go_on() -> None:
    content = gzip.compress(
        b"2026-11-24T10:07:30.123Z Traceback (most recent call last):\n"
        b'  File "a.py", line 1\n\n'
        b"ValueError: no\n"
        b"2026-11-24T10:07:31.000Z done\n"
    )
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1\n\nValueError: no'
    assert read(content, EXPORT) == [
        ("", "", AT, "2026-11-24-[$LATEST]abc",
         f"{AT} 0 2026-11-24-[$LATEST]abc {trace}", trace),
        ("", "", AT + 877, "2026-11-24-[$LATEST]abc",
         f"{AT + 877} 0 2026-11-24-[$LATEST]abc done", "done"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-11-24T10:07:30Z a", ["a"], id="whole seconds"),
        pytest.param("2026-11-24T10:07:30.123Z", [""], id="nothing"),
        pytest.param("2026-11-24T10:07:30.123Z  a ", [" a "], id="blanks stay"),
        pytest.param("2026-11-24T10:07:30.123Z a\r\n2026-11-24T10:07:30.124Z b\r\n",
                     ["a\r", "b\r"], id="carriage returns"),
        pytest.param("2026-11-24T10:07:30.123Z a\n2026-13-45T99:99:99.000Z b",
                     ["a\n2026-13-45T99:99:99.000Z b"], id="no time"),
    ],
)  # fmt: skip
def test_lines_of_an_export(text: str, expected: Sequence[str]) -> None:
    assert lines(text.encode()) == expected


def test_ids_of_exports_stay_the_same_and_equal_lines_are_told_apart() -> None:
    content = b"2026-11-24T10:07:30.123Z a\n" * 3
    first = [row[4] for row in read(content, EXPORT)]
    again = [row[4] for row in read(content, "exportedlogs/other/2026-11-24-[$LATEST]abc/0.gz")]
    assert first == again
    assert len(set(first)) == 3
    assert set(first).isdisjoint(row[4] for row in read(content, "exportedlogs/0f3a/def/0.gz"))


@pytest.mark.parametrize(
    ("content", "kept", "why"),
    [
        pytest.param(gzip.compress(message("a") * 2000)[:-9], None, "it breaks off", id="cut"),
        pytest.param(gzip.compress(message("a"))[:20] + b"\xff" * 9, None, "is damaged", id="bits"),
        pytest.param(message("a") + message("b")[:-20], ["a"], "middle of a message", id="half"),
        pytest.param(message("a") + b'{"other": 1}', ["a"], "no message of a sub", id="other"),
        pytest.param(b'{"a":' * 100_000, [], "JSON", id="deep"),
        pytest.param(b"\x00\x01\x02 binary", [], "neither messages", id="binary"),
        pytest.param(message(logEvents=[{"timestamp": 1}]), [], "lacks an id", id="id"),
        pytest.param(message(logEvents=[{"id": "1", "timestamp": "x", "message": "x"}]), [],
                     "lacks an id, a timestamp", id="time"),
        pytest.param(message(logEvents=7), [], "lacks an id", id="no list"),
        pytest.param(message(logEvents=["a"]), [], "lacks an id", id="no object"),
        pytest.param(b"[1, 2]", [], "neither messages", id="array"),
    ],
)  # fmt: skip
def test_damaged_files_say_why_and_what_came_before_is_kept(
    content: bytes, kept: list[str] | None, why: str
) -> None:
    found: list[str] = []

    def take() -> None:
        for _, frame in events(texts(content), "file"):
            found.extend(frame["message"].to_list())

    with pytest.raises(Unreadable, match=why):
        take()
    assert kept is None or found == kept


def test_nobody_is_held_up_by_a_file_that_is_compressed_over_and_over() -> None:
    content = message("a")
    for _ in range(4):
        content = gzip.compress(content)
    with pytest.raises(Unreadable, match="more than 3 times"):
        read(content)
