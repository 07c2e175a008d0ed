"""A work process in small for logs, with a driven clock and groups that tests fill themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from app.aws import Aws, Meter
from app.catalogue import load_catalogue
from app.config import CollectionSettings, LogsSettings, StoreSettings
from app.demo.endpoint import Endpoint
from app.demo.logs.groups import Group
from app.model.alarms import AlarmDefinition
from app.model.ids import Place
from app.model.rounds import Round
from app.model.time import Window, epoch_ms
from app.store import Lease, Store, open_store
from collectors.base import Task
from collectors.log_files import LogFilesCollector
from collectors.logs import LogsCollector
from collectors.round import run
from tests.support.demo_account import account_at
from tests.support.empty_store import prepared

NOW = datetime(2026, 11, 24, 10, 7, 30, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")
OWN = "/own/app"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class LogWork:
    """Collects log groups of one place."""

    endpoint: Endpoint
    store: Store
    lease: Lease
    settings: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW
    alarms: list[AlarmDefinition] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """A new collector on the same store, as after a restart."""
        account = account_at(self.endpoint, PLACE)
        self.meter = Meter(Decimal(50), now=self.time)
        self.aws = aws = Aws([account], meter=self.meter, now=self.time, sleep=lambda _: None)
        given = {"groups": [{"names": ["/own/*"]}], "backfill": "6h", "audit": False}
        settings = CollectionSettings(logs=LogsSettings.model_validate(given | self.settings))
        self.collector = LogsCollector(
            aws, self.store, load_catalogue(), settings, lambda: self.alarms
        )
        self.files = LogFilesCollector(
            aws, self.store, settings.logs, self.collector.tools, lambda: self.alarms
        )

    def time(self) -> datetime:
        return self.now

    def later(self, **length: float) -> None:
        self.now += timedelta(**length)
        self.endpoint.clock.set(self.now)

    def create(self, name: str = OWN, **more: Any) -> None:
        self.endpoint.logs.written.create(PLACE, Group(name, **more))

    def put(
        self,
        messages: Sequence[str],
        at: datetime | None = None,
        name: str = OWN,
        stream: str = "s",
    ) -> None:
        """Events at a time (now, if not given) that arrive now."""
        stamp = epoch_ms(at or self.now)
        self.endpoint.logs.written.put(
            PLACE, name, stream, [(stamp, m) for m in messages], epoch_ms(self.now)
        )

    def round(self, task: Task) -> Round:
        return run(
            self.files if task.group.startswith("log-files/") else self.collector,
            task,
            store=self.store,
            lease=self.lease,
            meter=self.meter,
            now=self.time,
        )

    def planned(self) -> list[Task]:
        """What both collectors would do now."""
        return self.collector.plan(PLACE, self.now) + self.files.plan(PLACE, self.now)

    def rounds(self) -> list[Round]:
        """Plans and works until nothing is left to do, as the pool does."""
        done: list[Round] = []
        known: set[Task] = set()
        while tasks := [t for t in self.planned() if t not in known]:
            done += [self.round(task) for task in tasks]
            known |= set(tasks)
        return done

    def stored(self, name: str | None = None) -> pl.DataFrame:
        """Every stored event: group, at, ingested, stream, event, message."""
        logs = self.store.logs
        groups = None
        if name is not None:
            groups = [k for k in logs.ids() if k.name == name]
        names = {id_: key.name for key, id_ in logs.ids().items()}
        columns = ("group", "at", "ingested", "stream", "event", "message")
        end = epoch_ms(self.now + DAY)
        frames = [logs.scan(s, columns).collect() for s in logs.segments(0, end, groups)]
        if not frames:
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String()))
        found = pl.concat(frames).with_columns(
            group=pl.col("group").replace_strict(names, return_dtype=pl.String)
        )
        return found.filter(pl.col("group") == name) if name else found

    def slots(self, namespace: str, metric: str, period: int = 60) -> list[dict[str, Any]]:
        """Stored slots of a metric by dimensions and time: dimensions, time and values."""
        index = self.store.series
        found = index.find(places=[PLACE], namespace=namespace, metric=metric)["series"]
        keys = dict(zip(found.to_list(), index.keys(found.to_list()), strict=True))
        window = Window(NOW - 30 * DAY, self.now + DAY)
        rows = self.store.points(found, window, period).collect()
        slots = [
            {**dict(keys[row["series"]].dimensions), "at": row["at"], "sum": row["sum"],
             "minimum": row["minimum"], "maximum": row["maximum"], "count": row["sample_count"]}
            for row in rows.iter_rows(named=True)
        ]  # fmt: skip
        return sorted(slots, key=lambda slot: [str(value) for value in slot.values()])

    def messages(self, name: str = OWN) -> list[str]:
        return sorted(self.stored(name)["message"].to_list())

    def told(self, name: str, window: Window) -> int:
        """How many events of a group the far side holds in a window, arrived by now."""
        from app.demo.logs.book import STRETCH_MS

        first, last = epoch_ms(window.start), epoch_ms(window.end)
        total = 0
        for number in range(first // STRETCH_MS, (last - 1) // STRETCH_MS + 1):
            frame = self.endpoint.logs.stretch(PLACE, name, number)
            total += frame.filter(
                pl.col("at").is_between(first, last, closed="left"),
                pl.col("ingested") <= epoch_ms(self.now),
            ).height
        return total


@contextmanager
def log_working(
    endpoint: Endpoint, folder: Path, now: datetime = NOW, **settings: Any
) -> Iterator[LogWork]:
    """Work on a new store in ``folder``; the clock of the endpoint stands at ``now``."""
    endpoint.faults.clear()
    endpoint.clock.set(now)
    for name in list(endpoint.logs.written.groups(PLACE)):
        endpoint.logs.written.delete(PLACE, name)
    store = open_store(StoreSettings(path=prepared(folder)), now)
    lease = store.acquire("test", now, timedelta(days=30))
    assert lease is not None
    try:
        yield LogWork(endpoint, store, lease, settings, now)
    finally:
        store.close()
