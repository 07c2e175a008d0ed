"""Columns of fields hold what each message holds by itself."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.logs import FieldInfo, FieldKind
from app.query.insights.discover import fields
from app.query.insights.shred import shred
from app.query.insights.values import spelled_scalar

REQUEST = "8286a188-ba32-4475-8077-530cd35c09a9"
LINES = (
    f"START RequestId: {REQUEST} Version: $LATEST",
    f"END RequestId: {REQUEST}",
    (
        f"REPORT RequestId: {REQUEST}\tDuration: 14.97 ms\tBilled Duration: 15 ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 67 MB\t"
    ),
    (
        "2 123456789010 eni-1 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 "
        "ACCEPT OK"
    ),
    "plain text",
    "",
)
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
documents = st.dictionaries(st.sampled_from(["a", "b", "@c", "d.e"]), values, max_size=4)
messages = st.sampled_from(LINES) | documents.map(json.dumps)


@given(st.lists(st.tuples(messages, st.sampled_from(["/aws/lambda/f", "/other"])), max_size=12))
@settings(deadline=None)
def test_columns_hold_the_fields_of_each_message(given_: list[tuple[str, str]]) -> None:
    texts = pl.Series([message for message, _ in given_], dtype=pl.String)
    found = shred(texts, [group for _, group in given_])
    rows: list[dict[str, object]] = [{} for _ in given_]
    for column in found.columns:
        for row, value in zip(rows, column.to_list(), strict=True):
            if value is not None:
                row[column.name.removeprefix("f.")] = value
    mixed = {name for name, info in found.fields.items() if info.kind is FieldKind.MIXED}
    assert rows == [
        {
            name: spelled_scalar(value) if name in mixed else value
            for name, value in fields(message, group).items()
        }
        for message, group in given_
    ]
    assert {n: i.count for n, i in found.fields.items()} == {
        name: sum(name in row for row in rows) for name in found.fields
    }


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
