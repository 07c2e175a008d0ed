"""A real store on a folder of its own, with points and coverage put in by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from alerts.engine import Engine
from app.catalogue import Catalogue
from app.config import (
    AccountSettings,
    AlarmSettings,
    MetricAlarmSettings,
    OtherAlarmSettings,
    StoreSettings,
)
from app.model.groups import alarmed_group
from app.model.hashing import event_hashes
from app.model.ids import Place, Resource, SeriesKey
from app.model.logs import EVENT_COLUMNS, LogGroupKey, LogRows
from app.model.rounds import Batch, Covered, Result, Round, Settledness
from app.model.time import Window
from app.query.insights.shred import shred
from app.store import Lease, Store, open_store
from app.store.tables import METRIC_STATS, METRICS
from tests.support.empty_store import prepared
from tests.support.series import ending

PLACE = Place("111111111111", "eu-central-1")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ACCOUNT = AccountSettings(id=PLACE.account, name="blog-prod", regions=[PLACE.region])
NAMESPACE = "App/Orders"
PACES = (60, 120, 180, 300, 3600)


def alarm(name: str = "orders", **fields: Any) -> MetricAlarmSettings:
    """One of one above 80 on App/Orders, Signal; ``fields`` change it."""
    written = {
        "account": "blog-prod", "region": PLACE.region, "channels": ["ops"], "AlarmName": name,
        "Namespace": NAMESPACE, "MetricName": "Signal", "Statistic": "Maximum", "Period": 60,
        "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 80.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    return MetricAlarmSettings.model_validate(written | fields)


def other(name: str, **put: Any) -> OtherAlarmSettings:
    """An alarm of any kind, told to ops."""
    written = {"account": "blog-prod", "region": PLACE.region, "channels": ["ops"]}
    return OtherAlarmSettings.model_validate(written | {"put": {"AlarmName": name} | put})


def key(metric: str = "Signal", namespace: str = NAMESPACE) -> SeriesKey:
    return SeriesKey.of(PLACE, namespace, metric, {})


class Yard:
    """A store with a lease; ``now`` is the time of the last thing that was put in."""

    def __init__(self, folder: Path, now: datetime = NOON) -> None:
        self.folder = folder
        self.now = now
        self.store: Store = open_store(StoreSettings(path=prepared(folder)), now)
        lease = self.store.acquire("yard", now, timedelta(days=30))
        assert lease is not None
        self.lease: Lease = lease

    def close(self) -> None:
        self.store.close()

    def engine(self, *alarms: MetricAlarmSettings | OtherAlarmSettings, **more: Any) -> Engine:
        settings = AlarmSettings(
            metric=[each for each in alarms if isinstance(each, MetricAlarmSettings)],
            others=[each for each in alarms if isinstance(each, OtherAlarmSettings)],
        )
        return Engine(self.store, Catalogue({}), settings, [ACCOUNT], **more)

    def points(
        self,
        line: str,
        end: datetime,
        *,
        metric: str = "Signal",
        period: int = 60,
        dimensions: dict[str, str] | None = None,
    ) -> None:
        """Put points in, the newest slot of the line ending at ``end``."""
        rows = [
            (0, period, datetime.fromtimestamp(at, UTC), value, value, value, 1.0)
            for at, value in ending(line, round(end.timestamp()), period)
            if value is not None
        ]
        schema = {name: kind for name, kind in METRICS.schema.items() if name != "seq"}
        series = SeriesKey.of(PLACE, NAMESPACE, metric, dimensions or {})
        self.commit(series, METRICS.name, pl.DataFrame(rows, schema=schema, orient="row"))

    def statistic(
        self, name: str, line: str, end: datetime, *, metric: str = "Signal", period: int = 60
    ) -> None:
        rows = [
            (0, name, period, datetime.fromtimestamp(at, UTC), value)
            for at, value in ending(line, round(end.timestamp()), period)
            if value is not None
        ]
        schema = {column: kind for column, kind in METRIC_STATS.schema.items() if column != "seq"}
        self.commit(key(metric), METRIC_STATS.name, pl.DataFrame(rows, schema=schema, orient="row"))

    def commit(self, series: SeriesKey, table: str, rows: pl.DataFrame) -> None:
        batch = Batch(frames={table: rows}, series=[series])
        self.store.commit(batch, lease=self.lease, now=self.now)

    def answered(
        self,
        start: datetime,
        end: datetime,
        *,
        namespace: str = NAMESPACE,
        place: Place = PLACE,
        groups: Sequence[str] = (),
    ) -> None:
        """AWS was asked and answered, be it with nothing; at every pace unless told otherwise."""
        asked = groups or [alarmed_group(namespace, pace) for pace in PACES]
        window = Window(start, end)
        covered = [Covered(place, group, window, Settledness.SETTLED) for group in asked]
        self.store.commit(Batch(covered=covered), lease=self.lease, now=self.now)

    def resources(self, found: Sequence[Resource], finished: datetime) -> None:
        """An inventory round that saw these."""
        done = Round("inventory", PLACE, "sqs", finished, finished, Result.OK)
        self.store.commit(Batch(resources=found), lease=self.lease, now=finished, round=done)

    def failed(self, finished: datetime, result: Result, message: str) -> None:
        """A metrics round that AWS gave no answer to."""
        done = Round(
            "metrics", PLACE, alarmed_group(NAMESPACE), finished, finished, result, message=message
        )
        self.store.note(lease=self.lease, now=finished, round=done)

    def events(self, group: str, messages: Sequence[tuple[datetime, str]]) -> None:
        """Put events of one log group in."""
        of = LogGroupKey(PLACE, group)
        texts = pl.Series("message", [text for _, text in messages])
        found = shred(texts, [group] * len(texts))
        at = [when for when, _ in messages]
        frame = pl.DataFrame(
            {
                "group": [0] * len(at), "at": at, "ingested": at, "stream": ["s"] * len(at),
                "event": event_hashes(of, pl.Series([f"{a}{b}" for a, b in messages])),
                "message": texts,
            },
            schema=EVENT_COLUMNS,
        )  # fmt: skip
        rows = LogRows((of,), frame.with_columns(found.columns), found.fields)
        self.store.commit(Batch(logs=rows), lease=self.lease, now=self.now)
