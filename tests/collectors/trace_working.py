"""A work process in small for traces of one place, with a driven clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from app.aws import Aws, Meter
from app.config import CollectionSettings
from app.config.traces import TracesSettings
from app.demo.endpoint import Endpoint
from app.demo.traces.book import Seen
from app.model.groups import TRACES
from app.model.ids import Place
from app.model.rounds import Batch, Covered, Round, Settledness
from app.model.time import Window, epoch_ms
from app.store import Lease, Store
from collectors.base import Task
from collectors.round import run
from collectors.traces import TracesCollector
from tests.support.demo_account import account_at

NOW = datetime(2026, 11, 24, 10, 7, 30, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EVER = Window(NOW - timedelta(days=2), NOW + timedelta(days=2))
LAST = Window(NOW - timedelta(minutes=6), NOW - MINUTE)
SHORT = Window(NOW - timedelta(seconds=40), NOW)


@dataclass
class TraceWork:
    """Collects the traces of one place, with a driven clock."""

    endpoint: Endpoint
    store: Store
    lease: Lease
    settings: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW

    def __post_init__(self) -> None:
        account = account_at(self.endpoint, PLACE)
        stored = self.store.meter.month(self.now)
        self.meter = Meter(Decimal(50), now=self.time, entries=stored)
        self.aws = Aws([account], meter=self.meter, now=self.time, sleep=lambda _: None)
        settings = CollectionSettings(traces=TracesSettings.model_validate(self.settings))
        self.collector = TracesCollector(self.aws, self.store, settings)

    def time(self) -> datetime:
        return self.now

    def later(self, length: timedelta) -> None:
        self.now += length
        self.endpoint.clock.set(self.now)

    def round(self, task: Task) -> Round:
        return run(
            self.collector,
            task,
            store=self.store,
            lease=self.lease,
            meter=self.meter,
            now=self.time,
        )

    def read(self, window: Window = LAST) -> Round:
        return self.round(Task(PLACE, TRACES, window))

    def traces(self) -> pl.DataFrame:
        return self.store.traces.traces(EVER).sort("trace_id").collect()


Make = Callable[..., TraceWork]


def cover(work: TraceWork, group: str, *windows: Window) -> None:
    covered = [Covered(PLACE, group, w, Settledness.SETTLED) for w in windows]
    work.store.commit(Batch(covered=covered), lease=work.lease, now=work.now)


def received(work: TraceWork, window: Window) -> list[Seen]:
    """What the far side received in a window."""
    start, end, now = map(epoch_ms, (window.start, window.end, work.now))
    return work.endpoint.traces.received(PLACE, start, end, now)
