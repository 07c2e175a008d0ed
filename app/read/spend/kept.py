"""Answers that are kept for as long as the bill is the same: a page asks most things twice.

The bill changes a few times a day, while every refresh of every page asks for it anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

from app.read.spend.question import SpendAnswer

MOST, LARGEST = 128, 40_000
"""How many answers are kept, and how many amounts one may hold: a few hundred MB at worst."""


class KeptAnswers:
    """By question, as of one state of the bill; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bill: object = None
        self._kept: dict[Hashable, SpendAnswer] = {}

    def answer(self, bill: object, key: Hashable, build: Callable[[], SpendAnswer]) -> SpendAnswer:
        """What is kept for a key, or what ``build`` makes; another ``bill`` forgets all."""
        with self._lock:
            if self._bill is not bill:
                self._bill, self._kept = bill, {}
            found = self._kept.get(key)
        if found is not None:
            return found
        made = build()
        if (1 + len(made.rows)) * len(made.slots) <= LARGEST:
            self._keep(bill, key, made)
        return made

    def _keep(self, bill: object, key: Hashable, made: SpendAnswer) -> None:
        with self._lock:
            if self._bill is bill:
                while len(self._kept) >= MOST:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = made
