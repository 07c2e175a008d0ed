"""Values of a bill's columns, whatever type a file gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from app.model.spend import PLACES, SPEND_ROWS, UNITS_PER_USD, SpendSource

AT = SPEND_ROWS["at"]
EXACT = pl.Decimal(38, PLACES)
_TIMES = ("%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the columns of one kind of bill mean.

    ``period`` names start and end of a charge; ``texts`` name for each of our columns those
    that may tell it. ``service`` is given names of codes that a file tells itself.
    ``invoice`` is filled once amounts are final.
    """

    source: SpendSource
    columns: frozenset[str]
    period: tuple[str, str]
    payer: str
    currency: str
    quantity: tuple[str, ...]
    texts: Mapping[str, tuple[str, ...]]
    is_tag: Callable[[str], bool]
    amounts: Callable[[pl.DataFrame], dict[str, pl.Expr]]
    invoice: str
    estimated: Callable[[pl.DataFrame], pl.Expr]
    service: Callable[[pl.DataFrame, Mapping[str, str]], pl.Expr]


def text(frame: pl.DataFrame, names: Sequence[str]) -> pl.Expr:
    """The first of some columns that tells something; "" where none does."""
    found = [pl.col(name).cast(pl.String) for name in names if name in frame.columns]
    if len(found) < 2:
        return found[0].fill_null("") if found else pl.lit("")
    return pl.coalesce(*(one.replace("", None) for one in found), pl.lit(""))


def is_empty(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Whether a column tells nothing; no where there is no such column."""
    if name not in frame.columns:
        return pl.lit(value=False)
    told: pl.Expr = text(frame, [name]) == ""
    return told


def units(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Dollars as whole units, 0 where there are none."""
    if name not in frame.columns:
        return pl.lit(0, pl.Int64)
    kind = frame.schema[name]
    whole: pl.Expr
    if kind.is_float():
        whole = (pl.col(name) * UNITS_PER_USD).round().cast(pl.Int64)
    else:
        # Text is taken to the last place that it tells, also as 1.2E-7.
        whole = pl.col(name).cast(EXACT, strict=kind != pl.String).to_physical().cast(pl.Int64)
    return whole.fill_null(0)


def number(frame: pl.DataFrame, names: Sequence[str]) -> pl.Expr:
    """The first of some columns that tells a number."""
    found = [pl.col(name).cast(pl.Float64, strict=False) for name in names if name in frame.columns]
    return pl.coalesce(*found) if found else pl.lit(None, pl.Float64)


def when(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A time in UTC."""
    if name not in frame.columns:
        return pl.lit(None, AT)
    kind = frame.schema[name]
    if kind == pl.String:
        forms = [
            pl.col(name).str.to_datetime(form, time_unit="ms", strict=False) for form in _TIMES
        ]
        return pl.coalesce(*forms).dt.replace_time_zone("UTC")
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        return pl.col(name).dt.convert_time_zone("UTC").dt.cast_time_unit("ms")
    return pl.col(name).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
