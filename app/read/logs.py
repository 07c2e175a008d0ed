"""Log groups, and questions about their events in CloudWatch's own language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.model.errors import ConfigError
from app.model.ids import Place
from app.model.logs import LogGroup
from app.model.time import Window, epoch_ms
from app.query.insights import Answer, Limits, Watch, answer
from app.query.insights.functions import Clock
from app.query.lang import did_you_mean
from app.read.log_source import StoreSource
from app.store import Store


class LogsReader:
    """Answers from stored events; asks AWS nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def groups(self, places: Sequence[Place]) -> list[LogGroup]:
        """The log groups of some places, by place and name."""
        wanted = set(places)
        return [g for g in self._store.logs.groups() if g.key.place in wanted]

    def query(
        self,
        text: str,
        groups: Sequence[str],
        window: Window,
        places: Sequence[Place],
        *,
        now: datetime,
        limits: Limits | None = None,
        watch: Watch | None = None,
    ) -> Answer:
        """Answer a query over groups by name (none: all) from the start of ``window`` to its end.

        Raises QueryError for a mistake in the text, ConfigError for an unknown group.
        """
        keys = [group.key for group in self.groups(places)]
        known = {key.name for key in keys}
        for name in groups:
            if name not in known:
                near = did_you_mean(name, known)
                raise ConfigError(f"there is no log group `{name}`{near}")
        source = StoreSource(self._store.logs, keys)
        clock = Clock(epoch_ms(now), epoch_ms(window.start), epoch_ms(window.end))
        return answer(text, source, clock=clock, groups=groups or None, limits=limits, watch=watch)
