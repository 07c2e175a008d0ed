"""What a segment knows of its events, so that common questions need not read messages.

Whether a message holds one of the words that people look for most is a column
of its own. How many events there are of each minute stands in the catalog.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

WORDS = ("ERROR", "Error", "error", "WARN", "FATAL", "Exception", "timed out", "timeout")
"""Looked for as they stand, which costs about 30 ns a message and word."""

WORD = "has."
"""What the name of a column begins with that tells whether a message holds a word."""

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Known:
    """``words`` tell how many messages hold each of the words that were looked for.

    A word that none holds has no column. ``minutes`` are the events of each
    minute since the epoch that has some.
    """

    words: Mapping[str, int]
    minutes: Mapping[int, int]

    def lacks(self, literal: str) -> bool:
        """Whether surely no message holds ``literal``, because it has a word that none holds."""
        return any(not count and word in literal for word, count in self.words.items())


NOTHING_KNOWN = Known({}, {})


def with_words(rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rows with a column for each word that some message holds, and all counts."""
    message = pl.col("message")
    found = rows.lazy().select(
        message.str.contains(word, literal=True).alias(f"{WORD}{word}") for word in WORDS
    )
    columns = found.collect()
    counts = {word: int(columns[f"{WORD}{word}"].sum()) for word in WORDS}
    return rows.hstack([columns[f"{WORD}{word}"] for word, n in counts.items() if n]), counts


def by_minute(at: pl.Series) -> dict[int, int]:
    """How many of these times lie in each minute."""
    minutes, counts = np.unique(at.to_physical().to_numpy() // MINUTE_MS, return_counts=True)
    return dict(zip(minutes.tolist(), counts.tolist(), strict=True))
