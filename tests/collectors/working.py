"""A work process in small: everything that a round of metrics needs, with a driven clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.aws import Aws, Meter
from app.catalogue import load_catalogue
from app.config import AccountSettings, CollectionSettings, MetricsSettings, Secret, StoreSettings
from app.demo.endpoint import Endpoint
from app.model.alarms import AlarmDefinition
from app.model.ids import Place
from app.model.rounds import Result, Round
from app.model.time import Window
from app.store import Lease, Store, open_store
from collectors.base import Task
from collectors.metrics import MetricsCollector
from collectors.round import run
from tests.support.empty_store import prepared

NOW = datetime(2026, 3, 10, 12, 7, 30, tzinfo=UTC)
PLACE = Place("111111111111", "eu-central-1")


def alarm(queue: str, period: int, **more: object) -> AlarmDefinition:
    put = {
        "AlarmName": f"{queue} {period}",
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": queue}],
        "Statistic": "Maximum",
        "Period": period,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        **more,
    }
    return AlarmDefinition(PLACE, put)


@dataclass
class Work:
    """Collects the metrics of queues."""

    endpoint: Endpoint
    store: Store
    lease: Lease
    now: datetime = NOW
    alarms: Sequence[AlarmDefinition] = ()
    cap_usd: int = 50
    backfill: timedelta = timedelta(hours=24)

    def __post_init__(self) -> None:
        keys = next(c for c in self.endpoint.credentials if c.account == PLACE.account)
        account = AccountSettings(
            id=PLACE.account,
            regions=[PLACE.region],
            access_key_id=keys.access_key,
            secret_access_key=Secret(keys.secret),
            endpoint=self.endpoint.url,
        )
        self.meter = Meter(Decimal(self.cap_usd), now=self.time)
        aws = Aws([account], meter=self.meter, now=self.time, sleep=lambda _: None)
        settings = CollectionSettings(
            services=["sqs"], metrics=MetricsSettings(backfill=self.backfill)
        )
        self.collector = MetricsCollector(
            aws, self.store, load_catalogue(), settings, lambda: self.alarms
        )

    def time(self) -> datetime:
        return self.now

    def later(self, **length: float) -> None:
        self.now += timedelta(**length)
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

    def rounds(self) -> list[Round]:
        """Plans and works until nothing is left to do."""
        done: list[Round] = []
        while tasks := self.collector.plan(PLACE, self.now):
            done += [self.round(task) for task in tasks]
            failed = [each.message for each in done if each.result is not Result.OK]
            assert not failed, failed[0]
        return done

    def points(self, length: timedelta = timedelta(days=2)) -> list[tuple[object, ...]]:
        ids = self.store.series.find(places=[PLACE])["series"]
        return self.store.points(ids, Window(self.now - length, self.now)).collect().rows()

    def points_of(self, window: Window) -> list[tuple[object, ...]]:
        """All points of a window, by the names of their series and time."""
        series = self.store.series.find(places=[PLACE])
        named = series.select("series", "metric", queue=series["dimensions"].list.first())
        rows = self.store.points(series["series"], window).collect().join(named, on="series")
        unnested = rows.unnest("queue").drop("series", "name").sort("metric", "value", "at")
        return unnested.rows()


@contextmanager
def working(endpoint: Endpoint, folder: Path, **more: Any) -> Iterator[Work]:
    """Work on a new store in ``folder``; the clock of the endpoint stands at ``now``."""
    now = more.get("now", NOW)
    endpoint.faults.clear()
    endpoint.clock.set(now)
    store = open_store(StoreSettings(path=prepared(folder)), now)
    lease = store.acquire("test", now, timedelta(days=30))
    assert lease is not None
    try:
        yield Work(endpoint, store, lease, **more)
    finally:
        store.close()
