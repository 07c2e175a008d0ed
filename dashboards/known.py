"""The navigation as it was last known, so that the first paint never waits for the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.model.states import Health
from app.read import Navigation, Reads


class LastKnown:
    """Answers at once with what it has; asking anew is for a callback, which may take its time."""

    def __init__(self, reads: Reads, now: Callable[[], datetime]) -> None:
        self._reads, self._now = reads, now
        self._kept: Navigation | None = None

    @property
    def navigation(self) -> Navigation:
        """The newest answer; before there is one, accounts and Regions without services."""
        return self._kept or self._bare()

    def asked(self) -> Navigation:
        """The navigation as the store knows it now."""
        self._reads.refresh()
        self._kept = self._reads.navigation(self._now())
        return self._kept

    def _bare(self) -> Navigation:
        return Navigation(
            accounts=self._reads.accounts,
            regions=tuple(sorted({place.region for place in self._reads.places})),
            services=(),
            alarms=0,
            alarms_health=Health.OK,
            collection=0,
        )
