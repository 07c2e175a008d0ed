"""The last few answers, so that the panels of a page put a large trace together once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 4


class Kept(Generic[T]):
    """Keeps answers by a stamp that changes with the store; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Hashable, T] = {}

    def get(self, stamp: Hashable, build: Callable[[], T]) -> T:
        """The answer of that stamp; who asks while it is being made waits for it."""
        with self._lock:
            if stamp in self._kept:
                self._kept[stamp] = self._kept.pop(stamp)
                return self._kept[stamp]
            found = self._kept[stamp] = build()
            while len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]
            return found
