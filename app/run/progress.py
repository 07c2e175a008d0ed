"""How far the demo's first collection has come, seen from outside the work process."""

from __future__ import annotations

import time
from datetime import timedelta
from types import TracebackType

from app.config import Settings
from app.model.alarms import Origin
from app.model.errors import OpsError
from app.model.states import AlarmState
from app.run.clock import utc_now
from app.run.status import STATUS_FILE
from app.store import Store, open_store

LOOK_EVERY = 0.5
ENOUGH = timedelta(hours=24) - timedelta(minutes=10)
"""A day, but for what is too new to be read."""


class Progress:
    """Looks into the store, which the work process makes; until then there is none."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store: Store | None = None
        self._looked = 0.0

    def shows_a_day(self) -> bool:
        """Whether the first page has a day of data and alarms that were judged."""
        if time.monotonic() - self._looked < LOOK_EVERY:
            return False
        self._looked = time.monotonic()
        try:
            store = self._opened()
            return store is not None and _has_a_day(store) and _was_judged(store)
        except OpsError:
            # The work process is just making the store; the next look will tell.
            return False

    def firing(self) -> list[str]:
        """Names of the alarms in ALARM, the user's own first."""
        store = self._opened()
        if store is None:
            return []
        states = store.ledger.statuses()
        found = [
            definition
            for definition in store.ledger.definitions()
            if definition.id in states and states[definition.id].state is AlarmState.ALARM
        ]
        return [
            d.name for d in sorted(found, key=lambda d: (d.origin is not Origin.CONFIG, d.name))
        ]

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


def _has_a_day(store: Store) -> bool:
    lengths = [
        coverage.answered.length
        for (_, group), coverage in store.coverages().items()
        if group.startswith("metrics/") and group.count("/") >= 2
    ]
    return bool(lengths) and min(lengths) >= ENOUGH


def _was_judged(store: Store) -> bool:
    return any(
        s.state is not AlarmState.INSUFFICIENT_DATA for s in store.ledger.statuses().values()
    )
