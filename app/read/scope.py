"""What a question is about: which stretch of time, which places, asked when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.model.ids import Place
from app.model.time import Window


@dataclass(frozen=True, slots=True)
class Scope:
    """Time, places and the moment of asking; every reader's method takes one."""

    window: Window
    places: tuple[Place, ...]
    now: datetime

    def last(self, length: timedelta) -> Scope:
        """The same places over the ``length`` before now, whatever range is on the page."""
        return replace(self, window=Window(self.now - length, self.now))
