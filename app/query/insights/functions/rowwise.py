"""Functions that polars has no expression for, applied to each distinct text once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import polars as pl

from app.query.insights.values import Value

T = TypeVar("T")


def each_text(expr: pl.Expr, apply: Callable[[str], T | None], dtype: pl.DataType) -> pl.Expr:
    """``apply`` of every text; absent stays absent, and so does what ``apply`` answers None to."""

    def batch(texts: pl.Series) -> pl.Series:
        distinct = texts.drop_nulls().unique()
        if distinct.is_empty():
            return pl.Series([None], dtype=dtype).new_from_index(0, len(texts))
        answers = pl.Series([apply(text) for text in distinct.to_list()], dtype=dtype)
        if not dtype.is_nested():
            return texts.replace_strict(distinct, answers, default=None, return_dtype=dtype)
        known = pl.DataFrame({"text": distinct, "is": answers})
        named = texts.alias("text").to_frame()
        return named.join(known, on="text", how="left", maintain_order="left")["is"]

    return expr.map_batches(batch, return_dtype=dtype, is_elementwise=True)


def each_texts(
    values: Sequence[Value], apply: Callable[..., T | None], dtype: pl.DataType
) -> pl.Expr:
    """``apply`` of the texts of all values, where none is absent; constants are passed as such."""
    constants = {n: v.literal for n, v in enumerate(values[1:]) if isinstance(v.literal, str)}
    if len(constants) == len(values) - 1:
        rest = list(constants.values())
        return each_text(values[0].text(), lambda text: apply(text, *rest), dtype)

    def batch(columns: Sequence[pl.Series]) -> pl.Series:
        height = next((len(column) for column in columns if len(column) != 1), 1)
        lists = [c.to_list() * (height if len(c) == 1 else 1) for c in columns]
        rows = list(zip(*lists, strict=True))
        known = {row: apply(*row) for row in set(rows) if None not in row}
        return pl.Series([known.get(row) for row in rows], dtype=dtype)

    return pl.map_batches([value.text() for value in values], batch, return_dtype=dtype)


def each_list(expr: pl.Expr, apply: Callable[[Sequence[Any]], str]) -> pl.Expr:
    """``apply`` of every list as a text; an absent list stays absent."""

    def batch(lists: pl.Series) -> pl.Series:
        texts = [None if items is None else apply(items) for items in lists.to_list()]
        return pl.Series(texts, dtype=pl.String())

    return expr.map_batches(batch, return_dtype=pl.String(), is_elementwise=True)
