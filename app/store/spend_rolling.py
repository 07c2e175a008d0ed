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
    cut_of,
    dimension_of,
    keyed,
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

    def is_of(self, finer: Roll) -> bool:
        """Whether these sums can be made of finer ones."""
        return self.period == finer.period and set(self.columns) <= set(finer.columns)


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
_FINEST = Roll(("account", "service", "usage_type", "region", "record_type", "operation"), DAY_S)
_WITH_TAGS = Roll(("account", "service", "tags"), DAY_S)
_OF_A_TAG = ("account", "service", "tag_value")


class Sums:
    """What one roll has added up so far."""

    def __init__(self, roll: Roll, start: datetime) -> None:
        self._roll, self._start = roll, start
        self._frames: list[pl.DataFrame] = []
        self._most = AT_ONCE

    def add(self, rows: pl.DataFrame) -> None:
        self._frames.append(summed([rows], self._roll, self._start))
        if len(self._frames) > 1 and sum(some.height for some in self._frames) > self._most:
            self._frames = [summed(self._frames, self._roll, self._start)]
            # What does not become less is not added up again for each piece.
            self._most = max(AT_ONCE, 2 * self._frames[0].height)

    def take(self) -> pl.DataFrame:
        """All of it; nothing is left."""
        frames, self._frames = self._frames, []
        return summed(frames, self._roll, self._start)


class Rolling:
    """Adds up the rows of one statement, which may come in pieces.

    Sums of line items by day are made of the finest of them, so that each line is grouped
    three times instead of six.
    """

    def __init__(self, cut: Cut, start: datetime) -> None:
        self._cut, self._start, self._rows = cut, start, 0
        rolls = {
            (cut_of(*dimensions), period): Roll(columns_of(dimensions), period)
            for dimensions, period in _rolls(cut)
        }
        finest = _FINEST if cut == LINE_ITEMS else None
        self._finest = None if finest is None else Sums(finest, start)
        self._tags = Sums(_WITH_TAGS, start) if cut == LINE_ITEMS else None
        self._coarser = {key: roll for key, roll in rolls.items() if finest and roll.is_of(finest)}
        self._others = {
            key: Sums(roll, start) for key, roll in rolls.items() if key not in self._coarser
        }

    def add(self, rows: pl.DataFrame) -> None:
        """Take in some rows."""
        self._rows += rows.height
        for sums in (self._finest, self._tags, *self._others.values()):
            if sums is not None:
                sums.add(rows)

    def parts(self) -> Iterator[Rolled]:
        """What is worth keeping of the sums, each once."""
        if self._rows <= LARGE:
            return
        for (cut, period), sums in self._others.items():
            yield from self._worth(cut, period, sums.take())
        if self._finest is not None:
            finest = self._finest.take()
            for (cut, period), roll in self._coarser.items():
                yield from self._worth(cut, period, summed([finest], roll, self._start))
        if self._tags is not None:
            yield from self._by_tag(self._tags.take())

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
            cut = cut_of(_D.LINKED_ACCOUNT, _D.SERVICE, keyed(key))
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
