"""Hashes of texts that stay the same for ever, for whole columns at once.

They lie in files, so neither a new release of polars nor of Python may change
them; that is why polars' own ``hash`` is of no use here.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.model.logs import LogGroupKey

Hashes = NDArray[np.uint64]

_WORD = 8
_MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def event_hashes(group: LogGroupKey, ids: pl.Series) -> pl.Series:
    """The ``event`` of events of one group, from the ids that CloudWatch gave them."""
    seed = int.from_bytes(group.digest()[:_WORD], "little")
    return pl.Series("event", text_hashes(ids, seed))


def text_hashes(texts: pl.Series, seed: int = 0) -> Hashes:
    """64 bits for each text, none of which is null; equal for equal texts and seeds."""
    lengths = texts.str.len_bytes().to_numpy()
    found = np.zeros(len(texts), dtype=np.uint64)
    for length in np.unique(lengths).tolist():
        chosen = np.flatnonzero(lengths == length)
        some = texts if len(chosen) == len(texts) else texts.gather(chosen)
        found[chosen] = _of_one_length(some, length, np.uint64(seed))
    return found


def mixed(values: Hashes) -> Hashes:
    """Every bit spread over all 64 (the finish of splitmix64)."""
    first, second = _MULTIPLIERS
    values = (values ^ (values >> np.uint64(30))) * first
    values = (values ^ (values >> np.uint64(27))) * second
    spread: Hashes = values ^ (values >> np.uint64(31))
    return spread


def _of_one_length(texts: pl.Series, length: int, seed: np.uint64) -> Hashes:
    size = -(-length // _WORD) * _WORD
    padded = np.zeros((len(texts), size), dtype=np.uint8)
    whole = texts.str.join("").item().encode()
    padded[:, :length] = np.frombuffer(whole, dtype=np.uint8).reshape(len(texts), length)
    found = mixed(np.full(len(texts), seed ^ np.uint64(length), dtype=np.uint64))
    for word in padded.view("<u8").T:
        found = mixed(found ^ word)
    return found
