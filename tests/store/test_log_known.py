"""What a segment knows of its events: words in their messages, and how many each minute has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from app.model.time import epoch_ms
from app.store.log_facts import _read, _written
from app.store.log_known import NOTHING_KNOWN, Known, by_minute, with_words

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def test_a_word_that_some_message_holds_is_a_column() -> None:
    messages = ["an ERROR here", "ERRORS", "error", "Task timed out", ""]
    rows, counts = with_words(pl.DataFrame({"message": messages}))
    assert {word: n for word, n in counts.items() if n} == {"ERROR": 2, "error": 1, "timed out": 1}
    assert rows.columns == ["message", "has.ERROR", "has.error", "has.timed out"]
    assert rows["has.ERROR"].to_list() == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("literal", "lacks"),
    [
        pytest.param("FATAL", True, id="the word"),
        pytest.param("a FATAL one", True, id="more than the word"),
        pytest.param("FATA", False, id="less than the word"),
        pytest.param("ERROR", False, id="a word that is there"),
        pytest.param("WARN", False, id="a word that was not looked for"),
    ],
)
def test_a_text_is_surely_absent_only_with_a_word_that_was_looked_for(
    literal: str, lacks: bool
) -> None:
    assert Known({"FATAL": 0, "ERROR": 2}, {}).lacks(literal) is lacks


def test_events_are_counted_by_the_minute_they_begin_in() -> None:
    seconds = [-1, 0, 59, 60]
    times = pl.Series(
        [NOON + timedelta(seconds=s) for s in seconds], dtype=pl.Datetime("ms", "UTC")
    )
    minute = epoch_ms(NOON) // 60_000
    assert by_minute(times) == {minute - 1: 1, minute: 2, minute + 1: 1}


def test_what_is_known_is_read_as_it_was_written() -> None:
    known = Known({"ERROR": 2, "FATAL": 0}, {7: 3})
    assert _read(_written({"a": ["text", 1, True]}, known)) == ({"a": ["text", 1, True]}, known)


def test_of_an_older_segment_nothing_is_known() -> None:
    assert _read('{"a": ["text", 1, true]}') == ({"a": ["text", 1, True]}, NOTHING_KNOWN)
