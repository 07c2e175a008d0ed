"""Failed traces that could not be fetched at once, to be asked for again with the next reads.

They are remembered in memory only: after a restart, what the next reads see again is fetched
all the same, because a failed trace that is not stored whole counts as new.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.model.traces import TraceDocuments
from collectors.trace_choice import failed

TRIES = 3
"""So often one is asked for again that X-Ray does not give."""

MOST = 10_000


@dataclass(slots=True)
class Owed:
    """What is still to be fetched of one place, the oldest first."""

    _left: dict[str, TraceDocuments] = field(default_factory=dict)
    _tries: dict[str, int] = field(default_factory=dict)

    def ids(self) -> list[str]:
        """All that are owed."""
        return list(self._left)

    def of(self, ids: Iterable[str]) -> list[TraceDocuments]:
        """Those of ``ids`` that are still owed, as their newest summaries."""
        return [self._left[id_] for id_ in ids if id_ in self._left]

    def settle(self, handed: Iterable[TraceDocuments], again: bool = False) -> None:
        """After a commit: what failed and is not whole stays owed, but not for ever."""
        for one in handed:
            tries = self._tries.pop(one.trace_id, 0) + again
            self._left.pop(one.trace_id, None)
            if one.whole or not failed(dict(one.summary or {})):
                continue
            if tries < TRIES and len(self._left) < MOST:
                self._left[one.trace_id], self._tries[one.trace_id] = one, tries
