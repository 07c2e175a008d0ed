"""The token filter of a segment: which keys its messages certainly do not have.

A Bloom filter in blocks of 64 bytes. All bits of a key lie in one block, so a
question reads one block a key from the file and nothing is kept in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.store.log_keys import Keys

BLOCK = 64
BITS_A_KEY = 8
"""With three bits set for each, about three in a hundred other keys seem to be in."""

_SHIFTS = (np.uint64(0), np.uint64(9), np.uint64(18))
_IN_BLOCK = np.uint64(8 * BLOCK - 1)
_HALF = np.uint64(32)


def filter_of(keys: Keys) -> bytes:
    """A filter that holds each of ``keys``; empty if there are none."""
    if not len(keys):
        return b""
    distinct = pl.Series(keys).to_frame().select(pl.first().approx_n_unique()).item()
    blocks = max(1, round(distinct * BITS_A_KEY / (8 * BLOCK)))
    marked = np.zeros(blocks * 8 * BLOCK, dtype=np.bool_)
    first = _blocks(keys, blocks) * np.uint64(8 * BLOCK)
    for shift in _SHIFTS:
        marked[first + ((keys >> shift) & _IN_BLOCK)] = True
    return np.packbits(marked, bitorder="little").tobytes()


def places(keys: Keys, size: int) -> list[int]:
    """Where in a filter of ``size`` bytes the block of each key begins."""
    return [int(block) * BLOCK for block in _blocks(keys, size // BLOCK)] if size else []


def holds(keys: Keys, blocks: Sequence[bytes]) -> bool:
    """Whether each of ``keys`` seems to be in its block; False is certain."""
    return all(_is_in(key, block) for key, block in zip(keys.tolist(), blocks, strict=True))


def _is_in(key: int, block: bytes) -> bool:
    return all(block[bit >> 3] >> (bit & 7) & 1 for bit in _bits(key))


def _bits(key: int) -> Iterator[int]:
    return (key >> int(shift) & int(_IN_BLOCK) for shift in _SHIFTS)


def _blocks(keys: Keys, count: int) -> NDArray[np.uint64]:
    """The block of each key: its upper half, spread evenly over all blocks."""
    found: NDArray[np.uint64] = ((keys >> _HALF) * np.uint64(count)) >> _HALF
    return found
