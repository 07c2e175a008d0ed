"""How far the demo's first collection has come, seen from outside the work process."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType

from app.config import Settings
from app.model.alarms import Origin
from app.model.errors import OpsError
from app.model.groups import namespace_of
from app.model.states import AlarmState
from app.run.clock import utc_now
from app.run.status import STATUS_FILE
from app.store import Store, open_store

LOOK_EVERY = 0.5
OWN = "Watchdeck/"
ENOUGH = timedelta(hours=24) - timedelta(minutes=10)
"""A day, but for what is too new to be read."""

_UNKNOWN = AlarmState.INSUFFICIENT_DATA
PATIENCE = timedelta(seconds=30)
"""How long the alarms may take once the data is there; then it is told as it stands."""


class Progress:
    """Looks into the store, which the work process makes; until then there is none."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store: Store | None = None
        self._looked = 0.0
        self._shown: float | None = None

    def shows_a_day(self) -> bool:
        """Whether the first page has a day of data, and alarms that were judged on it."""
        return self._looking(self._is_ready)

    def something_fires(self) -> bool:
        """Whether any alarm is in ALARM."""
        return self._looking(lambda store: AlarmState.ALARM in _states(store).values())

    def firing(self) -> list[str]:
        """Names of the alarms in ALARM, the user's own first."""
        store = self._opened()
        if store is None:
            return []
        states = _states(store)
        found = [d for d in store.ledger.definitions() if states.get(d.id) is AlarmState.ALARM]
        return [
            d.name for d in sorted(found, key=lambda d: (d.origin is not Origin.CONFIG, d.name))
        ]

    def _is_ready(self, store: Store) -> bool:
        if not _has_a_day(store):
            return False
        now = time.monotonic()
        self._shown = now if self._shown is None else self._shown
        return _were_judged(store) or now - self._shown > PATIENCE.total_seconds()

    def _looking(self, found: Callable[[Store], bool]) -> bool:
        """What a look into the store finds; False between looks and while there is no store."""
        if time.monotonic() - self._looked < LOOK_EVERY:
            return False
        self._looked = time.monotonic()
        try:
            store = self._opened()
            return store is not None and found(store)
        except OpsError:
            # The work process is just making the store; the next look will tell.
            return False

    def _opened(self) -> Store | None:
        if self._store is None and (self._settings.store.path / STATUS_FILE).exists():
            self._store = open_store(self._settings.store, utc_now(), writer=False)
        return self._store

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._store is not None:
            self._store.close()


def _states(store: Store) -> dict[str, AlarmState]:
    return {id_: status.state for id_, status in store.ledger.statuses().items()}


def _has_a_day(store: Store) -> bool:
    lengths = [
        answered.length
        for (_, group), answered in store.answered().items()
        if group.startswith("metrics/")
        and group.count("/") >= 2
        # What is made here begins when it begins, and nobody waits for its past.
        and not namespace_of(group).startswith(OWN)
    ]
    return bool(lengths) and min(lengths) >= ENOUGH


def _were_judged(store: Store) -> bool:
    """Whether something fires and each of the user's own alarms has had its data.

    The metrics of alarms are read by rounds of their own, so the first alarms
    are judged before the last of them has anything to be judged by.
    """
    states = _states(store)
    own = [d.id for d in store.ledger.definitions() if d.origin is Origin.CONFIG]
    judged = all(states.get(id_, _UNKNOWN) is not _UNKNOWN for id_ in own)
    return judged and AlarmState.ALARM in states.values()
