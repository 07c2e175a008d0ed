"""Sums of a large statement over dimensions that most questions do not ask for.

A part tells fewer dimensions than its statement and has one row a day or a month, so
the explorer opens from thousands of rows where the statement has millions. Line items
are also summed by each tag key, with the values of one key a part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import polars as pl

from app.model.spend import (
    AMOUNTS,
    DAY_S,
    LINE_ITEMS,
    MONTH_S,
    SPEND_ROWS,
    TEXTS,
    Cut,
    Dimension,
    SpendDimension,
    Tag,
    cut_of,
    dimension_of,
)
from app.model.time import epoch_ms

LARGE = 50_000
"""Statements of fewer rows are read whole as quickly."""

WORTH = 0.5
"""A part with more than this share of the rows of its statement saves nothing."""

TAG_KEYS = 20
"""So many tag keys of line items have parts, those on most rows first."""

AT_ONCE = 1_000_000
"""Rows of sums in memory before they are added up again."""

PARTS = 40
"""More than a statement can have."""

_D = SpendDimension


@dataclass(frozen=True, slots=True)
class Roll:
    """Which columns are kept, and how long a row is."""

    columns: tuple[str, ...]
    period: int

    @property
    def every(self) -> str:
        return "1mo" if self.period == MONTH_S else "1d"


@dataclass(frozen=True, slots=True)
class Rolled:
    """A part beside the rows of a statement."""

    cut: Cut
    period: int
    rows: pl.DataFrame


_OF_LINE_ITEMS: tuple[tuple[tuple[Dimension, ...], int], ...] = (
    ((_D.SERVICE, _D.REGION, _D.RECORD_TYPE), DAY_S),
    ((_D.LINKED_ACCOUNT, _D.SERVICE, _D.REGION, _D.RECORD_TYPE), DAY_S),
    ((_D.SERVICE, _D.USAGE_TYPE, _D.REGION, _D.RECORD_TYPE, _D.OPERATION), DAY_S),
    ((_D.LINKED_ACCOUNT, _D.SERVICE, _D.USAGE_TYPE), DAY_S),
    ((_D.LINKED_ACCOUNT, _D.SERVICE, _D.USAGE_TYPE, _D.RESOURCE), MONTH_S),
)
_WITH_TAGS = Roll(("account", "service", "tags"), DAY_S)
_OF_A_TAG = ("account", "service", "tag_value")


class Rolling:
    """Adds up the rows of one statement, which may come in pieces."""

    def __init__(self, cut: Cut, start: datetime) -> None:
        self._cut, self._start = cut, start
        self._sums: dict[tuple[Cut, int], tuple[Roll, list[pl.DataFrame]]] = {
            (cut_of(*dimensions), period): (Roll(columns_of(dimensions), period), [])
            for dimensions, period in _rolls(cut)
        }
        self._tags: list[pl.DataFrame] = []
        self._rows = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Take in some rows."""
        self._rows += rows.height
        for roll, sums in self._sums.values():
            self._gather(roll, sums, rows)
        if self._cut == LINE_ITEMS:
            self._gather(_WITH_TAGS, self._tags, rows)

    def parts(self) -> Iterator[Rolled]:
        """What is worth keeping of the sums, each once."""
        if self._rows <= LARGE:
            return
        for (cut, period), (roll, sums) in self._sums.items():
            yield from self._worth(cut, period, summed(sums, roll, self._start))
            sums.clear()
        if self._tags:
            yield from self._by_tag(summed(self._tags, _WITH_TAGS, self._start))

    def _gather(self, roll: Roll, sums: list[pl.DataFrame], rows: pl.DataFrame) -> None:
        sums.append(summed([rows], roll, self._start))
        if len(sums) > 1 and sum(some.height for some in sums) > AT_ONCE:
            sums[:] = [summed(sums, roll, self._start)]

    def _by_tag(self, sums: pl.DataFrame) -> Iterator[Rolled]:
        texts = sums.group_by("tags").len().sort("len", "tags", descending=[True, False])
        values = [orjson.loads(text or "{}") for text in texts["tags"].to_list()]
        found: Counter[str] = Counter()
        for tags, rows in zip(values, texts["len"].to_list(), strict=True):
            found.update(dict.fromkeys(tags, rows))
        roll = Roll(_OF_A_TAG, DAY_S)
        for key, _ in found.most_common(TAG_KEYS):
            of_key = texts.select(
                "tags",
                pl.Series("tag_value", [str(t.get(key, "")) for t in values], dtype=pl.String),
            )
            told = sums.drop("tag_value").join(of_key, on="tags")
            cut = cut_of(_D.LINKED_ACCOUNT, _D.SERVICE, Tag(key))
            yield from self._worth(cut, DAY_S, summed([told], roll, self._start))

    def _worth(self, cut: Cut, period: int, rows: pl.DataFrame) -> Iterator[Rolled]:
        if rows.height <= WORTH * self._rows:
            yield Rolled(cut, period, rows)


def columns_of(dimensions: Iterable[Dimension]) -> tuple[str, ...]:
    """The columns that hold these dimensions in the rows of a part."""
    return tuple(d.column if isinstance(d, SpendDimension) else "tag_value" for d in dimensions)


def _rolls(cut: Cut) -> Sequence[tuple[tuple[Dimension, ...], int]]:
    """What is summed of statements of a cut."""
    if cut == LINE_ITEMS:
        return _OF_LINE_ITEMS
    if len(cut) < 2:
        return ()
    dimensions = tuple(dimension_of(one) for one in cut)
    return [*(((one,), DAY_S) for one in dimensions), (dimensions, MONTH_S)]


def summed(frames: Sequence[pl.DataFrame], roll: Roll, start: datetime) -> pl.DataFrame:
    """One row a slot, unit and value of the kept columns; slots do not begin before ``start``."""
    told = [a for a in AMOUNTS if any(f[a].null_count() < f.height for f in frames)]
    kept = (*roll.columns, "unit")
    at = pl.col("at").dt.truncate(roll.every).clip(_at(start))
    found = (
        pl.concat([frame.lazy() for frame in frames])
        .group_by(at, *kept)
        .agg(
            # Wider than the columns: what does not fit must be an error and never wrap.
            *(pl.col(a).cast(pl.Int128).sum().cast(pl.Int64) for a in told),
            pl.col("quantity").sum(),
            pl.col("estimated").any(),
        )
        .with_columns(
            pl.lit(roll.period, pl.Int32).alias("period"),
            *(pl.lit(None, pl.String).alias(t) for t in TEXTS if t not in kept),
            *(pl.lit(None, pl.Int64).alias(a) for a in AMOUNTS if a not in told),
        )
        .select(list(SPEND_ROWS))
    )
    return found.collect(engine="streaming")


def _at(when: datetime) -> pl.Expr:
    return pl.lit(epoch_ms(when)).cast(SPEND_ROWS["at"])
