"""Functions that polars has no expression for, applied to each distinct text once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import polars as pl

T = TypeVar("T")


def each_text(expr: pl.Expr, apply: Callable[[str], T | None], dtype: pl.DataType) -> pl.Expr:
    """``apply`` of every text; absent stays absent, and so does what ``apply`` answers None to."""

    def batch(texts: pl.Series) -> pl.Series:
        distinct = texts.drop_nulls().unique()
        known = {text: apply(text) for text in distinct.to_list()}
        return pl.Series([known.get(text) for text in texts.to_list()], dtype=dtype, strict=False)

    return expr.map_batches(batch, return_dtype=dtype, is_elementwise=True)


def each_pair(
    left: pl.Expr, right: pl.Expr, apply: Callable[[str, str], T | None], dtype: pl.DataType
) -> pl.Expr:
    """``apply`` of every pair of texts of which neither is absent."""

    def batch(columns: Sequence[pl.Series]) -> pl.Series:
        one, other = (column.to_list() for column in columns)
        if len(other) == 1 and len(one) != 1:
            other = other * len(one)
        pairs = list(zip(one, other, strict=False))
        known = {(a, b): apply(a, b) for a, b in set(pairs) if a is not None and b is not None}
        return pl.Series([known.get(pair) for pair in pairs], dtype=dtype, strict=False)

    return pl.map_batches([left, right], batch, return_dtype=dtype)
