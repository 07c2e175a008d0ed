"""What readers look up again and again, kept until the store has something new.

Resources, their series and the survey of health change only with a commit or
with the clock, while every page and every refresh asks for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.catalogue import Catalogue
from app.model.alarms import Transition
from app.model.ids import Place, Resource
from app.model.time import Window, floor
from app.read.alarm_book import AlarmNow, alarms_now, by_alarm
from app.read.binding import Bound, bind
from app.read.standing import Standings
from app.read.survey import ServiceSurvey, survey
from app.store import Store

T = TypeVar("T")

MOMENT = timedelta(seconds=10)
"""How long an answer that depends on the clock is kept."""

DAY = timedelta(hours=25)
MOST_TRANSITIONS = 2_000
MOST_KEPT = 64


class Books:
    """Lookups shared by the readers; safe to share between threads."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store, self.catalogue = store, catalogue
        self._lock = threading.Lock()
        self._version = -1
        self._kept: dict[Hashable, Any] = {}  # each key is used with one type of value only

    def standings(self) -> Standings:
        """The outcomes of the newest rounds, as of this version of the store."""
        return self._keep(("standings",), lambda: Standings(self.store))

    def resources(self) -> dict[str, Resource]:
        """Every resource that is there, by ARN."""
        return self._keep(("resources",), lambda: {r.arn: r for r in self.store.resources.find()})

    def bound(self, service: str, places: tuple[Place, ...]) -> Bound:
        """The resources of one service in these places with their series."""

        def build() -> Bound:
            wanted = set(places)
            own = [
                r for r in self.resources().values() if r.service == service and r.place in wanted
            ]
            return bind(self.store, self.catalogue.services[service], own)

        return self._keep(("bound", service, places), build)

    def alarms(self, places: tuple[Place, ...], now: datetime) -> list[AlarmNow]:
        """Every alarm of the places; kept only for seconds, for states change without a commit."""
        key = ("alarms", places, floor(now, MOMENT))
        return self._keep(key, lambda: alarms_now(self.store, places, now))

    def transitions(self, now: datetime) -> dict[str, list[Transition]]:
        """The changes of state of the last day, by alarm."""

        def build() -> dict[str, list[Transition]]:
            window = Window(now - DAY, now)
            return by_alarm(self.store.ledger.transitions(window=window, limit=MOST_TRANSITIONS))

        return self._keep(("transitions", floor(now, MOMENT)), build)

    def surveys(self, places: tuple[Place, ...], now: datetime) -> list[ServiceSurvey]:
        """Health of every catalogued service that has resources or alarms in the places."""

        def build() -> list[ServiceSurvey]:
            alarms = self.alarms(places, now)
            watched = {alarm.definition.service for alarm in alarms}
            bound = [self.bound(name, places) for name in self.catalogue.services]
            there = [b for b in bound if b.resources or b.service.id in watched]
            return survey(self.store, there, self.standings(), alarms, now)

        return self._keep(("surveys", places, floor(now, MOMENT)), build)

    def surveyed(
        self, service: str, places: tuple[Place, ...], now: datetime
    ) -> ServiceSurvey | None:
        """The survey of one service, None where nothing of it is known."""
        found = (s for s in self.surveys(places, now) if s.service.id == service)
        return next(found, None)

    def forget(self) -> None:
        """Look everything up again: somebody has changed something here and now."""
        with self._lock:
            self._kept = {}

    def _keep(self, key: Hashable, build: Callable[[], T]) -> T:
        version = self.store.version
        with self._lock:
            if version != self._version or len(self._kept) > MOST_KEPT:
                self._version, self._kept = version, {}
            if key in self._kept:
                kept: T = self._kept[key]
                return kept
        value = build()
        with self._lock:
            if version == self._version:
                self._kept[key] = value
        return value
