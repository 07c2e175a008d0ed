"""Columns of fields hold what each message holds by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.logs import FieldInfo, FieldKind
from app.query.insights.discover import fields
from app.query.insights.shred import read_fields, shred
from app.query.insights.values import spelled_scalar

REQUEST = "8286a188-ba32-4475-8077-530cd35c09a9"
LINES = (
    f"START RequestId: {REQUEST} Version: $LATEST\n",
    f"END RequestId: {REQUEST}",
    (
        f"REPORT RequestId: {REQUEST}\tDuration: 14.97 ms\tBilled Duration: 15 ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 67 MB\tInit Duration: 145.69 ms\t\n"
        "XRAY TraceId: 1-5e1b\tSegmentId: 07f0\tSampled: true\n"
    ),
    f"REPORT RequestId: {REQUEST}\tMemory Size: 128 MB\tDuration: 1.5 ms",
    "INIT_START Runtime Version: python:3.13.v42\tRuntime Version ARN: arn:aws:lambda:x",
    "INIT_REPORT Init Duration: 10009.18 ms\tPhase: init\tStatus: timeout",
    f'2026-11-23T10:00:00.000Z\t{REQUEST}\tINFO\ttext {{"a": 1, "b": [2]}} and {{"c": 3}}',
    f"[ERROR]\t2026-11-23T10:00:00.000Z\t{REQUEST}\ttext",
    f"RequestId: {REQUEST} Error: exit status 1",
    f"({REQUEST}) Method completed with status: 502",
    f'192.0.2.1 - ana [23/Nov/2026:10:00:00 +0000] "GET /o HTTP/1.1" 502 31 {REQUEST}',
    (
        'http 2018-07-02T22:23:00.186641Z app/a/5 192.0.2.1:2817 - -1 -1 -1 502 - 0 57 "GET /" '
        '"curl" - - arn "Root=1" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-"'
    ),
    (
        "2 123456789010 eni-1 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 "
        "ACCEPT OK"
    ),
    "1.0 2017-12-13T08:16:02.130Z Z1 example.com A NOERROR UDP FRA6 192.168.1.1 -",
    '{"time": "x", "type": "platform.report", "record": {"metrics": {"durationMs": 2}}}',
    '{"a": 1, "b": {"c": true, "d.e": null}, "f": [1, "x", {"a": 0.5}]}',
    '{"a": 2, "b": {"c": false, "d.e": "y"}, "f": [1, "x", {"a": 7}]}',
    '{"a": 12345678901234567890, "b": {"c": 0}, "f": {}}',
    ' {"d.e": 1, "d": {"e": "last"}}',
    '{"d": {"e": "last"}, "d.e": 1} and more',
    json.dumps([{"a": 1}]),
    json.dumps({f"k{n}": n for n in range(1200)}),
    '{"damaged": ',
    "plain text {",
    "",
)
GROUPS = ("/aws/lambda/f", "/other")
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "b", "@c", "d.e", ""]), inner, max_size=3)
    ),
    max_leaves=6,
)
documents = st.dictionaries(st.sampled_from(["a", "b", "@c", "d.e", "d"]), values, max_size=4)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    line = draw(st.sampled_from(LINES))
    start = draw(st.integers(0, len(line)))
    end = draw(st.integers(start, min(start + 4, len(line))))
    return line[:start] + draw(st.text(max_size=2)) + line[end:]


messages = st.sampled_from(LINES) | documents.map(json.dumps) | damaged()
repeated = st.lists(
    st.tuples(messages, st.sampled_from(GROUPS), st.sampled_from([1, 7])), max_size=8
).map(lambda some: [(message, group) for message, group, times in some for _ in range(times)])


def held(columns: Sequence[pl.Series], height: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [{} for _ in range(height)]
    for column in columns:
        for row, value in zip(rows, column.to_list(), strict=True):
            if value is not None:
                row[column.name.removeprefix("f.")] = value
    return rows


def one_by_one(given_: list[tuple[str, str]], kinds: Mapping[str, FieldKind]) -> list[object]:
    return [
        {
            name: spelled_scalar(value) if kinds[name] is FieldKind.MIXED else value
            for name, value in fields(message, group).items()
            if name in kinds
        }
        for message, group in given_
    ]


@given(repeated)
@settings(deadline=None, max_examples=300)
def test_columns_hold_the_fields_of_each_message(given_: list[tuple[str, str]]) -> None:
    are_the_fields_of_each(given_)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("line", LINES)
def test_messages_of_one_kind_have_their_fields(line: str, group: str) -> None:
    are_the_fields_of_each([(line, group)] * 7)


def are_the_fields_of_each(given_: list[tuple[str, str]]) -> None:
    texts = pl.Series([message for message, _ in given_], dtype=pl.String)
    found = shred(texts, [group for _, group in given_])
    kinds = {name: info.kind for name, info in found.fields.items() if info.column}
    rows = held(found.columns, len(given_))
    assert rows == one_by_one(given_, kinds)
    assert {name: found.fields[name].count for name in kinds} == {
        name: sum(name in row for row in rows) for name in kinds
    }
    names = {name for message, group in given_ for name in fields(message, group)}
    assert found.more_fields or found.fields.keys() == names


some_names = st.sets(
    st.sampled_from(
        ["", "a", "b.", "@@c", "d.e", "b.c", "f.2.a", "@requestId", "@type", "@duration", "version"]
    )
)


@given(repeated, some_names)
@settings(deadline=None, max_examples=100)
def test_reading_some_fields_gives_the_same(given_: list[tuple[str, str]], names: set[str]) -> None:
    texts = pl.Series([message for message, _ in given_], dtype=pl.String)
    found = read_fields(texts, [group for _, group in given_], names)
    rows = held([data for _, data in found.values()], len(given_))
    assert rows == one_by_one(given_, {name: kind for name, (kind, _) in found.items()})
    assert found.keys() == names & {n for text, group in given_ for n in fields(text, group)}


def test_long_messages_are_taken_apart_few_at_a_time() -> None:
    long = json.dumps({"a": "x" * 1_000_000})
    batches = []
    found = read_fields(pl.Series([long] * 40), ["/g"] * 40, ["a"], lambda: batches.append(1))
    assert found["a"][1].str.len_bytes().to_list() == [1_000_000] * 40
    assert len(batches) == 6


def test_a_field_that_is_rare_in_every_group_has_no_column() -> None:
    texts = ['{"often": 1}'] * 150 + ['{"often": 1, "rare": 2}'] + ['{"own": 1}']
    found = shred(pl.Series(texts), [*["/large"] * 151, "/small"])
    assert {name for name, info in found.fields.items() if info.column} == {"often", "own"}
    assert found.fields["rare"] == FieldInfo(FieldKind.NUMBER, 1, False)


def test_a_field_of_several_kinds_is_mixed() -> None:
    texts = pl.Series(['{"n": 1}', '{"n": "x"}', '{"n": true}', '{"n": 0.5}'])
    found = shred(texts, ["/a"] * 4)
    assert found.fields == {"n": FieldInfo(FieldKind.MIXED, 4, True)}
    assert found.columns[0].to_list() == ["1", "x", "true", "0.5"]


def test_only_the_most_frequent_fields_have_a_column() -> None:
    texts = [json.dumps({f"f{n}": n for n in range(300)} | {"often": 1}), '{"often": 2}']
    found = shred(pl.Series(texts), ["/a"] * 2)
    assert len(found.columns) == 256
    assert found.fields["often"].column
    assert sum(not info.column for info in found.fields.values()) == 45
    assert not found.more_fields


def test_names_beyond_the_bound_are_known_to_be_there() -> None:
    texts = [
        json.dumps({f"f{n}": n for n in range(700)}),
        json.dumps({f"g{n}": 1 for n in range(700)}),
    ]
    found = shred(pl.Series(texts), ["/a"] * 2)
    assert (len(found.fields), found.more_fields) == (1000, True)


@pytest.mark.parametrize(
    ("value", "text"), [(200.0, "200"), (0.5, "0.5"), (True, "true"), ("", "")]
)
def test_values_are_spelled_shortly(value: float | str | bool, text: str) -> None:
    assert spelled_scalar(value) == text
