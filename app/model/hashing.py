"""Hashes of texts that stay the same for ever, for whole columns at once.

They lie in files, so neither a new release of polars nor of Python may change
them; that is why polars' own ``hash`` is of no use here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.logs import LogGroupKey

Hashes = NDArray[np.uint64]

_WORD = 8
_ROUNDS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST = np.uint64(31)


def event_hashes(group: LogGroupKey, ids: pl.Series) -> pl.Series:
    """The ``event`` of events of one group, from the ids that CloudWatch gave them."""
    seed = int.from_bytes(group.digest()[:_WORD], "little")
    return pl.Series("event", text_hashes(ids, seed))


def text_hashes(texts: pl.Series, seed: int = 0) -> Hashes:
    """64 bits for each text, none of which is null; equal for equal texts and seeds."""
    content: list[bytes] = texts.cast(pl.Binary()).to_list()
    lengths = list(map(len, content))
    kinds = set(lengths)
    if len(kinds) == 1:
        return _of_one_length(content, lengths[0], np.uint64(seed))
    found = np.zeros(len(texts), dtype=np.uint64)
    length_of = np.array(lengths)
    for length in kinds:
        chosen = np.flatnonzero(length_of == length)
        some = [content[place] for place in chosen.tolist()]
        found[chosen] = _of_one_length(some, length, np.uint64(seed))
    return found


def mixed(values: Hashes) -> Hashes:
    """Every bit spread over all 64 (the finish of splitmix64)."""
    spread = values.copy()
    _mix(spread)
    return spread


def _mix(values: Hashes) -> None:
    for shift, multiplier in _ROUNDS:
        values ^= values >> shift
        values *= multiplier
    values ^= values >> _LAST


def _of_one_length(texts: Sequence[bytes], length: int, seed: np.uint64) -> Hashes:
    size = -(-length // _WORD) * _WORD
    padded = np.zeros((len(texts), size), dtype=np.uint8)
    whole = np.frombuffer(b"".join(texts), dtype=np.uint8)
    padded[:, :length] = whole.reshape(len(texts), length)
    found = np.full(len(texts), seed ^ np.uint64(length), dtype=np.uint64)
    _mix(found)
    for word in padded.view("<u8").T:
        found ^= word
        _mix(found)
    return found
