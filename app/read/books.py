"""What readers look up again and again, kept until the store has something new.

Resources, their series and the survey of health change only with a commit or
with the clock, while every page and every refresh asks for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from app.catalogue import Catalogue
from app.catalogue.advice import Advice, advice
from app.model.alarms import Switch, Transition
from app.model.ids import Place, Resource
from app.model.time import Window, floor
from app.read.alarm_book import AlarmNow, alarms_now, by_alarm
from app.read.alarm_words import Defined
from app.read.binding import Bound, bind
from app.read.judging import Judgings, cut, judge_fresh, judge_past
from app.read.standing import Standings
from app.read.survey import ServiceSurvey, survey
from app.store import Store

T = TypeVar("T")

MOMENT = timedelta(seconds=10)
"""How long an answer that depends on the clock is kept."""

DAY = timedelta(hours=25)
MOST_TRANSITIONS = 2_000
MOST_KEPT = 256


class Books:
    """Lookups shared by the readers; safe to share between threads.

    Each is kept with a stamp, the versions of all that it was made from, and
    made anew when the stamp has changed.
    """

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.store, self.catalogue = store, catalogue
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[Hashable, Any]] = {}  # a key has one type of value only

    def kept(self, key: Hashable, stamp: Hashable, build: Callable[[], T]) -> T:
        """A reader's own lookup, kept until its stamp changes."""
        return self._keep(key, stamp, build)

    def standings(self) -> Standings:
        """The outcomes of the newest rounds, as of this version of the store."""
        slow = [group for s in self.catalogue if s.hours for group in s.parts]
        return self._keep("standings", self.store.version, lambda: Standings(self.store, slow))

    def resources(self) -> dict[str, Resource]:
        """Every resource that is there, by ARN."""

        def build() -> dict[str, Resource]:
            return {r.arn: r for r in self.store.resources.find()}

        return self._keep("resources", self.store.resources.version, build)

    def bound(self, service: str, places: tuple[Place, ...]) -> Bound:
        """The resources of one service in these places with their series, but for quiet kinds."""

        def build() -> Bound:
            wanted, known = set(places), self.catalogue.services[service]
            quiet = {kind.kind for kind in known.resources if kind.quiet}
            there = (r for r in self.resources().values() if r.service == service)
            own = [r for r in there if r.place in wanted and r.kind not in quiet]
            return bind(self.store, known, own)

        stamp = (self.store.resources.version, self.store.series.newest)
        return self._keep(("bound", service, places), stamp, build)

    def advised(
        self, service: str, places: tuple[Place, ...]
    ) -> list[tuple[Resource, tuple[Advice, ...]]]:
        """The resources of one service in these places, by name, with what is recommended."""

        def build() -> list[tuple[Resource, tuple[Advice, ...]]]:
            known, wanted = self.catalogue.services[service], set(places)
            own = (r for r in self.resources().values() if r.service == service)
            there = sorted((r for r in own if r.place in wanted), key=lambda r: (r.name, r.arn))
            return [(resource, tuple(advice(known, resource))) for resource in there]

        return self._keep(("advised", service, places), self.store.resources.version, build)

    def switches(self) -> dict[str, Switch]:
        """What was chosen on pages for recommended alarms, by the id of the alarm."""
        return self._keep("switches", self.store.ledger.version, self.store.switches.standing)

    def alarms(self, places: tuple[Place, ...], now: datetime) -> list[AlarmNow]:
        """Every alarm of the places; silences begin and end by the clock."""

        def build() -> list[AlarmNow]:
            return alarms_now(self.store, self._definitions(), places, now)

        return self._keep(
            ("alarms", places), (self.store.ledger.version, floor(now, MOMENT)), build
        )

    def _definitions(self) -> dict[str, Defined]:
        """Every alarm by its id; they seldom change."""

        def build() -> dict[str, Defined]:
            found = {
                each.id: Defined.of(each, self.catalogue)
                for each in self.store.ledger.definitions()
            }
            return dict(sorted(found.items()))

        return self._keep("definitions", self.store.ledger.defined(), build)

    def transitions(self, now: datetime) -> dict[str, list[Transition]]:
        """The changes of state of the last day, by alarm, without the evaluated points."""

        def build() -> dict[str, list[Transition]]:
            window = Window(now - DAY, now)
            ledger = self.store.ledger
            return by_alarm(ledger.transitions(window=window, limit=MOST_TRANSITIONS, brief=True))

        return self._keep("transitions", (self.store.ledger.version, floor(now, MOMENT)), build)

    def surveys(self, places: tuple[Place, ...], now: datetime) -> list[ServiceSurvey]:
        """Health of every catalogued service that has resources or alarms in the places."""

        def build() -> list[ServiceSurvey]:
            alarms = self.alarms(places, now)
            watched = {alarm.definition.service for alarm in alarms}
            bound = [self.bound(name, places) for name in self.catalogue.services]
            there = [b for b in bound if b.resources or b.service.id in watched]
            standings = self.standings()
            past = self._past(there, places, now)
            judgings = judge_fresh(self.store, there, standings, past, now)
            return survey(there, judgings, standings, alarms, now)

        stamp = (self.store.version, self.store.ledger.version, floor(now, MOMENT))
        return self._keep(("surveys", places), stamp, build)

    def _past(self, several: list[Bound], places: tuple[Place, ...], now: datetime) -> Judgings:
        """What was judged of the past; made anew with the half hour, and while history arrives."""
        standings = self.standings()
        stamp = (
            tuple(bound.service.id for bound in several),
            self.store.resources.version,
            self.store.series.newest,
            cut(now),
            standings.extent(Window(cut(now) - DAY, cut(now))),
        )
        build = partial(judge_past, self.store, several, standings, now)
        return self._keep(("past", places), stamp, build)

    def surveyed(
        self, service: str, places: tuple[Place, ...], now: datetime
    ) -> ServiceSurvey | None:
        """The survey of one service, None where nothing of it is known."""
        found = (s for s in self.surveys(places, now) if s.service.id == service)
        return next(found, None)

    def past(self, key: Hashable, window: Window, build: Callable[[], T]) -> T:
        """What ``build`` reads of a window that has passed, until history arrives in it."""
        stamp = (
            window,
            self.store.resources.version,
            self.store.series.newest,
            self.standings().extent(window),
        )
        return self._keep(("past window", key), stamp, build)

    def of_alarms(self, key: Hashable, now: datetime, build: Callable[[], T]) -> T:
        """What ``build`` makes of resources, alarms and choices, until one of them changes."""
        stamp = (self.store.resources.version, self.store.ledger.version, floor(now, MOMENT))
        return self._keep(("of alarms", key), stamp, build)

    def forget(self) -> None:
        """Make everything anew: somebody has changed something here and now."""
        with self._lock:
            self._kept = {}

    def _keep(self, key: Hashable, stamp: Hashable, build: Callable[[], T]) -> T:
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept[0] == stamp:
            found: T = kept[1]
            return found
        value = build()
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept = {}
            self._kept[key] = (stamp, value)
        return value
