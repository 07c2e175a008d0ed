"""Series that come from log events, on their way into a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.model.ids import Place, SeriesKey
from app.model.rounds import Covered, Settledness
from app.model.time import Window


@dataclass(slots=True)
class SeriesList:
    """Series of one batch with their positions, and what is said of those left out.

    ``marks`` are to be covered when the batch is kept; see ``log_sources``.
    """

    positions: dict[SeriesKey, int] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    marks: dict[tuple[Place, str], Window] = field(default_factory=dict)

    def position(self, key: SeriesKey) -> int:
        """Where a series is in the list of the batch."""
        return self.positions.setdefault(key, len(self.positions))

    def keys(self) -> list[SeriesKey]:
        return list(self.positions)

    def covered(self) -> Iterator[Covered]:
        for (place, mark), window in self.marks.items():
            yield Covered(place, mark, window, Settledness.SETTLED)
