"""How many paid requests to Cost Explorer are left of the day.

What earlier processes sent is read from the stored meter once a day; what this one
sends is counted here, because a round's calls are stored after it.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from app.model.errors import OverBudget
from app.model.ids import Place
from app.model.time import Window, floor
from app.store import Store

API = "ce"
DAY = timedelta(days=1)


class Purse:
    """Counts requests of one UTC day, for all accounts together; thread-safe."""

    def __init__(self, store: Store, limit: int) -> None:
        self.limit = limit
        self._store = store
        self._day: datetime | None = None
        self._used = 0
        self._lock = threading.Lock()

    def left(self, now: datetime) -> int:
        """How many more may be sent today."""
        with self._lock:
            self._turn(now)
            return max(0, self.limit - self._used)

    def take(self, place: Place, now: datetime) -> None:
        """Count one request that is about to be sent; OverBudget if there is none left."""
        with self._lock:
            self._turn(now)
            if self._used >= self.limit:
                raise OverBudget(
                    f"Cost Explorer in {place} was not asked: the {self.limit} requests of "
                    "today (UTC) are used up, and the rest is read tomorrow. Raise "
                    "`collection.spend.requests_per_day` if this happens every day; "
                    "each request costs 0.01 USD.",
                    place=place,
                )
            self._used += 1

    def settle(self, sent: int) -> None:
        """What was taken last really counts so often: not at all if AWS refused it."""
        with self._lock:
            self._used = max(0, self._used + sent - 1)

    def _turn(self, now: datetime) -> None:
        day = floor(now, DAY)
        if day == self._day:
            return
        sent = self._store.meter.days(Window(day, day + DAY))
        self._day = day
        self._used = int(sent.filter(sent["service"] == API)["units"].sum())
