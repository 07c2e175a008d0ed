"""A small real store that tests of readers and pages fill line by line.

Metrics are written on one line in the notation of :mod:`tests.support.series`,
one value a minute (or ``period``), the last slot ending at ``shelf.now``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import polars as pl

from app.catalogue import Catalogue, load_catalogue
from app.config import AccountSettings, Settings, StoreSettings
from app.model.alarms import AlarmDefinition, AlarmStatus, Origin, Severity, Transition
from app.model.groups import metrics_group
from app.model.ids import Place, Resource, SeriesKey
from app.model.plans import Plan, PlannedRead
from app.model.rounds import Batch, Covered, Listing, MeterEntry, Result, Round, Settledness
from app.model.states import AlarmState
from app.model.time import Window
from app.read import Reads, Scope
from app.store import open_store
from app.store.tables import METRIC_STATS, METRICS
from tests.support.empty_store import prepared
from tests.support.series import series

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOME = Place("111111111111", "eu-central-1")
AWAY = Place("222222222222", "us-east-1")


@cache
def shipped() -> Catalogue:
    """The catalogue, read once."""
    return load_catalogue()


class Shelf:
    """A store, its readers, and short words to put things in."""

    def __init__(self, folder: Path, now: datetime = NOW) -> None:
        self.now = now
        self.settings = Settings(
            accounts=[
                AccountSettings(id=HOME.account, name="prod", regions=[HOME.region]),
                AccountSettings(id=AWAY.account, name="staging", regions=[AWAY.region]),
            ],
            store=StoreSettings(path=prepared(folder)),
        )
        self.store = open_store(self.settings.store, now)
        lease = self.store.acquire("test", now, timedelta(days=1))
        assert lease is not None
        self.lease = lease
        self.catalogue = shipped()
        self.reads = Reads(self.store, self.catalogue, self.settings)

    def scope(self, length: timedelta = timedelta(hours=1), *places: Place) -> Scope:
        """A range that ends now."""
        return Scope(Window(self.now - length, self.now), places or self.reads.places, self.now)

    def put(
        self,
        key: SeriesKey,
        line: str,
        *,
        period: int = 60,
        statistic: str = "",
        end: datetime | None = None,
    ) -> None:
        """Values that end at ``end``; plain ones stand for one sample each."""
        values = series(line)
        start = (end or self.now) - timedelta(seconds=period * len(values))
        times = [start + timedelta(seconds=period * n) for n in range(len(values))]
        rows = [(at, value) for at, value in zip(times, values, strict=True) if value is not None]
        frame = pl.DataFrame(
            {
                "series": [0] * len(rows),
                "period": [period] * len(rows),
                "at": [at for at, _ in rows],
                "value": [value for _, value in rows],
            },
            schema_overrides={"series": pl.UInt32, "period": pl.Int32, "value": pl.Float64},
        )
        table = METRIC_STATS if statistic else METRICS
        value = pl.col("value")
        filled = frame.with_columns(
            statistic=pl.lit(statistic),
            sum=value,
            minimum=value,
            maximum=value,
            sample_count=pl.lit(1.0),
        )
        columns = {name: kind for name, kind in table.schema.items() if name != "seq"}
        self.commit(
            Batch(
                frames={table.name: filled.select(columns.keys()).cast(columns)},
                series=[key],
            )
        )

    def cover(
        self,
        namespace: str,
        length: timedelta,
        *,
        place: Place = HOME,
        period: int = 60,
        end: datetime | None = None,
    ) -> None:
        """AWS has answered for the namespace, and a round says so."""
        window = Window((end or self.now) - length, end or self.now)
        group = metrics_group(namespace, period)
        self.commit(Batch(covered=[Covered(place, group, window, Settledness.PROVISIONAL)]))
        self.round("metrics", group, place=place, window=window, at=end)

    def round(
        self,
        collector: str,
        group: str,
        result: Result = Result.OK,
        *,
        place: Place = HOME,
        window: Window | None = None,
        at: datetime | None = None,
        message: str = "",
        action: str = "",
    ) -> None:
        """A round that has ended."""
        at = at or self.now
        done = Round(
            collector,
            place,
            group,
            at - timedelta(seconds=2),
            at,
            result,
            window,
            rows=120,
            calls=3,
            usd=Decimal("0.004"),
            message=message,
            action=action,
        )
        self.store.note(lease=self.lease, now=at, round=done)

    def calls(self, operation: str, usd: str, units: int, at: datetime | None = None) -> None:
        """Calls of one operation, as the meter counts them."""
        entry = MeterEntry(
            at or self.now, HOME, "cloudwatch", operation, "metrics", 10, units, Decimal(usd)
        )
        self.store.note(lease=self.lease, now=self.now, meter=[entry])

    def plan(self, *groups: tuple[str, str, int, int], place: Place = HOME) -> None:
        """What is read regularly: group, USD a read, minutes wished and minutes now."""
        minute = timedelta(minutes=1)
        plan = [
            PlannedRead(place, "metrics", group, Decimal(usd), wished * minute, every * minute)
            for group, usd, wished, every in groups
        ]
        self.store.note_plan(Plan(self.now, tuple(plan)), self.lease)

    def resources(self, *resources: Resource) -> None:
        """The inventory has listed these."""
        listings = dict.fromkeys((r.place, r.service, r.kind) for r in resources)
        self.commit(Batch(resources=resources, listings=[Listing(*each) for each in listings]))

    def alarm(
        self,
        definition: AlarmDefinition,
        state: AlarmState,
        since: datetime,
        points: Sequence[float] = (),
    ) -> None:
        """One more alarm, which came into its state at ``since``."""
        before = AlarmState.OK if state is AlarmState.ALARM else AlarmState.INSUFFICIENT_DATA
        data = {"recentDatapoints": list(points)}
        reason = f"Threshold Crossed: state {state}"
        status = AlarmStatus(definition.id, state, reason, data, since, since)
        change = Transition(definition.id, since, before, state, reason, data)
        ledger = self.store.ledger
        ledger.define([*ledger.definitions(), definition], self.now)
        ledger.record([status], [(change, ["console"])], since)

    def commit(self, batch: Batch) -> None:
        self.store.commit(batch, lease=self.lease, now=self.now)

    def close(self) -> None:
        self.store.close()


def function(name: str, place: Place = HOME, **more: object) -> Resource:
    """A Lambda function."""
    made = Resource(
        arn=f"arn:aws:lambda:{place.region}:{place.account}:function:{name}",
        account=place.account,
        region=place.region,
        service="lambda",
        kind="function",
        id=name,
        name=name,
        state="Active",
        dimensions={"FunctionName": name},
    )
    return replace(made, **more)


def queue(name: str, place: Place = HOME, **more: object) -> Resource:
    """An SQS queue."""
    made = Resource(
        arn=f"arn:aws:sqs:{place.region}:{place.account}:{name}",
        account=place.account,
        region=place.region,
        service="sqs",
        kind="queue",
        id=name,
        name=name,
        dimensions={"QueueName": name},
    )
    return replace(made, **more)


def of(resource: Resource, metric: str) -> SeriesKey:
    """The series of one metric of a function or queue."""
    namespace = {"lambda": "AWS/Lambda", "sqs": "AWS/SQS"}[resource.service]
    return SeriesKey.of(resource.place, namespace, metric, resource.dimensions)


def errors_alarm(resource: Resource, *, above: float = 0) -> AlarmDefinition:
    """An alarm on the errors of a function."""
    put: Mapping[str, object] = {
        "AlarmName": f"{resource.name}-errors",
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": resource.name}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 3,
        "Threshold": above,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    return AlarmDefinition(
        resource.place,
        put,
        Severity.CRITICAL,
        Origin.RECOMMENDED,
        "lambda",
        resource.arn,
        ("console",),
    )
