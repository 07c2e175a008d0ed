"""Groups of an expression that is taken in halves are those of the whole."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.query.insights.captures import _halves, captured
from app.query.insights.regex import unnamed
from app.query.insights.state import State

HALVED = (
    r"a([\d.]+) b.*cd(\d+) e",
    r"a(?<x>\d+)b.*c(?<y>[^b]+)",
    r"([ab]+)d.*c a(\d+)b(\w+)",
    r"b ([^\tc]+)\t.*cb(\S+)",
    r"Duration: (?<took>[\d.]+) ms\tBilled.*Max Memory Used: (?<used>\d+) MB",
)
WHOLE = (
    r"b ([^c]+)\t.*cb(\S+)",
    r"a(\d+).*cd(\d+)",  # the class would give back
    r"a(\d+)b.*(\d+)c",  # the last of several beginnings
    r"a(\d+)b.*?c(\d+)",
    r"a(\d+)b.*bc(\d+)",  # the first half may hold the second's beginning
    r"a([^b]+)b.*c(\d+)",
    r"a(\d+)b.*caca(\d+)",  # a beginning that overlaps itself
    r"a(\d+)b.*c(\d+)d.*",
    r"a(\d+|b)b.*c(\d)",
    r"^a(\d+)b.*c(\d+)",
    r"(?i)a(\d+)b.*c(\d+)",
    r"a(\d+?)b.*c(\d+)",
    r"a(\d+)b.*c(\d)",
    r"a(\d+)b(.*)c(\d+)",
    r"a(\d+)b.*c",
    r"a(\d*)b.*c(\d+)",
)
PIECES = ["a", "b", "c", "d", "e", "1", "23", ".5", " ", "\t", "\n", "é", "ab", "cd", "c a", " e"]
LINES = ["a1 b", "cd2 e", "a7b", "c8", "aad", "b x\t", "cbq"]
texts = st.lists(st.sampled_from([*PIECES, *LINES]), max_size=14).map("".join)


@pytest.mark.parametrize("pattern", HALVED)
def test_an_expression_is_taken_in_halves(pattern: str) -> None:
    assert _halves(pattern) is not None


@pytest.mark.parametrize("pattern", WHOLE)
def test_an_expression_is_left_whole(pattern: str) -> None:
    assert _halves(pattern) is None


@pytest.mark.parametrize("pattern", HALVED)
@example(found=["a1 b\na2 bcd3 e", "a1b\na2bc8", "b x\t\nb y\tcbq", "cd2 e a1 b", "a1 bcd2 ecd3 e"])
@given(found=st.lists(texts | st.none(), min_size=1, max_size=30))
def test_halves_hold_what_the_whole_holds(pattern: str, found: list[str | None]) -> None:
    frame = pl.DataFrame({"m": found}, schema={"m": pl.String})
    whole = frame.select(pl.col("m").str.extract_groups(unnamed(pattern)).alias("g"))
    assert groups_of(frame, pattern) == whole["g"].struct.unnest().rows()


def test_a_report_line_is_read_in_halves() -> None:
    text = "REPORT\tDuration: 1.5 ms\tBilled Duration: 2 ms\tMax Memory Used: 67 MB\tDuration: 9 ms"
    assert groups_of(pl.DataFrame({"m": [text]}), HALVED[-1]) == [("1.5", "67")]


def groups_of(frame: pl.DataFrame, pattern: str) -> list[tuple[str | None, ...]]:
    text = pl.col("m")
    state, groups = captured(State(frame.lazy(), {}), text, text, pattern)
    named = [group.alias(str(number)) for number, group in enumerate(groups)]
    return state.frame.select(named).collect().rows()
