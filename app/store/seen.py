"""How much of each kind of change this process knows of, readable without SQL."""

from __future__ import annotations

import threading
from collections.abc import Mapping


class Seen:
    """Counters of the catalog as last seen; they only grow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}

    def count(self, name: str) -> int:
        return self._counts.get(name, 0)

    def note(self, counts: Mapping[str, int]) -> None:
        with self._lock:
            for name, value in counts.items():
                self._counts[name] = max(value, self._counts.get(name, 0))
