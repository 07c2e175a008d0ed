"""Columns of text and of chance for many lines at once; no loop goes over lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from app.demo.world.noise import Floats, Hashes, Minutes, hashes, stream_of

_PLACE = re.compile(r"<<(\w+)>>")
_UNIT = 2.0**-53


@dataclass(frozen=True, slots=True)
class Draws:
    """Chance for each of many rows; every method takes a name that keeps draws apart."""

    rows: Hashes

    def bits(self, name: str) -> Hashes:
        return hashes(stream_of(name), self.rows.view(np.int64))

    def uniform(self, name: str) -> Floats:
        """From 0 to just under 1."""
        drawn: Floats = (self.bits(name) >> np.uint64(11)).astype(np.float64) * _UNIT
        return drawn

    def below(self, name: str, end: int) -> Minutes:
        """Whole numbers from 0 to just under ``end``."""
        return (self.bits(name) % np.uint64(end)).astype(np.int64)

    def normal(self, name: str) -> Floats:
        """Mean 0, deviation 1, never beyond 3."""
        bits, total = self.bits(name), np.zeros(len(self.rows))
        for shift in (4, 14, 24, 34, 44, 54):
            total += ((bits >> np.uint64(shift)) & np.uint64(1023)).astype(np.float64)
        centred: Floats = (total / 1023.0 - 3.0) * 1.4142135623730951
        return centred

    def pick(self, name: str, values: Sequence[str]) -> pl.Series:
        """One of the values; one that stands there twice comes twice as often."""
        return chosen(values, self.below(name, len(values)))

    def uuid(self, name: str) -> pl.Series:
        """As in ``f96eea7e-1b2c-4d3e-8f90-a1b2c3d4e5f6``."""
        first, second = self.bits(name), self.bits(f"{name}~")
        second = second & np.uint64(0x3FFFFFFFFFFFFFFF) | np.uint64(0x8000000000000000)
        first = first & np.uint64(0xFFFFFFFFFFFF0FFF) | np.uint64(0x4000)
        a, b, c, d = _quads(first)
        e, f, g, h = _quads(second)
        frame = pl.DataFrame(dict(zip("abcdefgh", (a, b, c, d, e, f, g, h), strict=True)))
        dash = pl.lit("-")
        return _text(frame, "a", "b", dash, "c", dash, "d", dash, "e", dash, "f", "g", "h")

    def hexadecimal(self, name: str, digits: int = 16) -> pl.Series:
        """So many hexadecimal digits, at most 32."""
        parts = [*_quads(self.bits(name)), *_quads(self.bits(f"{name}~"))]
        frame = pl.DataFrame({str(i): part for i, part in enumerate(parts)})
        return _text(frame, *frame.columns).str.slice(0, digits)


def chosen(values: Sequence[str], positions: Minutes) -> pl.Series:
    """The values at these positions."""
    return pl.Series(values, dtype=pl.String).gather(positions)


def hex_seconds(ms: Minutes) -> pl.Series:
    """Whole seconds as eight hexadecimal digits, as trace ids begin."""
    _, _, high, low = _quads((ms // 1000).astype(np.uint64))
    return _text(pl.DataFrame({"high": high, "low": low}), "high", "low")


def filled(template: str) -> pl.Expr:
    """Text with a column in place of each ``<<name>>``."""
    pieces = _PLACE.split(template)
    parts = [
        pl.col(piece).cast(pl.String) if position % 2 else pl.lit(piece)
        for position, piece in enumerate(pieces)
        if position % 2 or piece
    ]
    return pl.concat_str(parts)


def stamped(column: str, form: str) -> pl.Expr:
    """Epoch milliseconds of a column as text in UTC."""
    return pl.col(column).cast(pl.Datetime("ms", "UTC")).dt.strftime(form)


def iso(column: str) -> pl.Expr:
    """As in ``2026-11-27T07:01:29.123Z``."""
    return stamped(column, "%Y-%m-%dT%H:%M:%S%.3fZ")


def hundredths(column: str) -> pl.Expr:
    """A number with exactly two decimals."""
    whole = (pl.col(column) * 100).round().cast(pl.Int64)
    return pl.concat_str(
        (whole // 100).cast(pl.String), pl.lit("."), (whole % 100).cast(pl.String).str.zfill(2)
    )


@lru_cache(maxsize=1)
def _four_digits() -> pl.Series:
    return pl.Series([f"{n:04x}" for n in range(1 << 16)])


def _quads(numbers: Hashes) -> list[pl.Series]:
    """The four groups of four hexadecimal digits of each number."""
    table = _four_digits()
    return [
        table.gather(((numbers >> np.uint64(shift)) & np.uint64(0xFFFF)).astype(np.uint32))
        for shift in (48, 32, 16, 0)
    ]


def _text(frame: pl.DataFrame, *parts: str | pl.Expr) -> pl.Series:
    return frame.select(pl.concat_str(*parts).alias("text"))["text"]
