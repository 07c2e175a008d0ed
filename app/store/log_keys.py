"""Which ids stand in the messages of a segment: a filter that never misses one.

An id is a run of letters, digits, ``-`` and ``_`` of at least 16 characters with a
digit in it. Of each the filter holds the whole run, its long pieces and its
neighbouring pieces two by two, so that also a search for text inside a message
(which may begin or end within a run) has keys that must be there.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.hashing import text_hashes

SHORTEST = 16
LONGEST = 64
"""Longer runs count by their first characters."""

LONG_PIECE, PAIR = 12, 8
BITS_A_KEY, HASHES = 10, 7
_RUN = r"[0-9A-Za-z_-]{16,}"
_PIECE = r"[0-9A-Za-z]+"
_RUNS = re.compile(r"[0-9A-Za-z_-]+")
_PIECES = re.compile(_PIECE)
_DIGIT = re.compile(r"\d")

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class TokenFilter:
    """A Bloom filter over hashes."""

    bits: NDArray[np.uint8]

    @classmethod
    def of(cls, hashes: Keys) -> TokenFilter:
        """A filter that holds each of ``hashes``; about one in a hundred others seems to be in."""
        size = max(64, -(-len(hashes) * BITS_A_KEY // 8) * 8)
        marked = np.zeros(size, dtype=np.bool_)
        marked[_positions(hashes, size).ravel()] = True
        return cls(np.packbits(marked))

    def holds(self, hashes: Keys) -> bool:
        """False if one of ``hashes`` was certainly never put in."""
        at = _positions(hashes, len(self.bits) * 8)
        return bool(((self.bits[at >> 3] >> (7 - (at & 7)).astype(np.uint8)) & 1).all())


def keys_of(texts: pl.Series) -> Keys:
    """The hashes of all ids in ``texts``."""
    runs = texts.to_frame("text").lazy().select(run=pl.col("text").str.extract_all(_RUN))
    ids = (
        runs.explode("run", empty_as_null=False)
        .filter(pl.col("run").str.contains(r"\d"))
        .select(run=pl.col("run").unique())
        .collect()
    )
    return np.unique(np.concatenate([_hashed(keys) for keys in _keys(ids["run"])]))


def keys_of_equal(text: str) -> Keys:
    """What must be in the filter of a segment in which some field equals ``text``.

    Empty where nothing can be said: the text is no id, or reads as a number.
    """
    if len(text) < SHORTEST or not _RUNS.fullmatch(text) or not _DIGIT.search(text):
        return _none()
    if _is_number(text):
        return _none()
    return _hashed(pl.Series([text[:LONGEST], *_sure_pieces(text, opens=True, closes=True)]))


def keys_inside(literal: str) -> Keys:
    """What must be in the filter of a segment in which some message contains ``literal``."""
    keys: list[str] = []
    for run in _RUNS.finditer(literal):
        text = run[0]
        if len(text) < SHORTEST or not _DIGIT.search(text):
            continue
        opens, closes = run.start() > 0, run.end() < len(literal)
        if opens and closes:
            keys.append(text[:LONGEST])
        keys += _sure_pieces(text, opens=opens, closes=closes)
    return _hashed(pl.Series(keys, dtype=pl.String)) if keys else _none()


def _sure_pieces(run: str, *, opens: bool, closes: bool) -> list[str]:
    """The keys of pieces that are whole whatever stands around the literal."""
    found = [
        piece
        for piece in _PIECES.finditer(run)
        if (piece.start() > 0 or opens) and (piece.end() < len(run) or closes)
    ]
    long = [piece[0][:LONGEST] for piece in found if len(piece[0]) >= LONG_PIECE]
    pairs = [
        f"{a[0]}-{b[0]}"[:LONGEST]
        for a, b in itertools.pairwise(found)
        if b.start() == a.end() + 1 and len(a[0]) + len(b[0]) >= PAIR
    ]
    return long + pairs


def _keys(runs: pl.Series) -> list[pl.Series]:
    """All keys of the ids ``runs``: whole, long pieces, and pairs of neighbours."""
    frame = runs.to_frame("run").lazy().with_row_index("id")
    # Neighbours are pieces with one character between them: two dashes make no pair.
    pieces = (
        frame.select("id", piece=pl.col("run").str.replace_all("[_-]", "-").str.split("-"))
        .explode("piece", empty_as_null=False)
        .with_columns(before=pl.col("piece").shift(1), same=pl.col("id") == pl.col("id").shift(1))
    )
    # A run that is one piece is its own only key.
    found = pieces.collect()
    long = found.filter(
        (pl.col("piece").str.len_bytes() >= LONG_PIECE)
        & ((pl.col("id") == pl.col("id").shift(1)) | (pl.col("id") == pl.col("id").shift(-1)))
    )["piece"]
    pairs = found.filter(
        pl.col("same")
        & (pl.col("before") != "")
        & (pl.col("piece") != "")
        & (pl.col("before").str.len_bytes() + pl.col("piece").str.len_bytes() >= PAIR)
    ).select(pl.col("before") + "-" + pl.col("piece"))
    return [s.str.slice(0, LONGEST) for s in (runs, long, pairs.to_series())]


def _hashed(keys: pl.Series) -> Keys:
    return text_hashes(keys) if len(keys) else _none()


def _positions(hashes: Keys, size: int) -> NDArray[np.int64]:
    first = hashes & np.uint64(0xFFFFFFFF)
    step = (hashes >> np.uint64(32)) | np.uint64(1)
    times = np.arange(HASHES, dtype=np.uint64)[:, None]
    with np.errstate(over="ignore"):
        found: NDArray[np.int64] = ((first + times * step) % np.uint64(size)).astype(np.int64)
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _none() -> Keys:
    return np.empty(0, dtype=np.uint64)
