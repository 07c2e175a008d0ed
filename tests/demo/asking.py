"""Short ways to write CloudWatch requests, and a world to compare the answers with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.demo.world.samples import Samples
from app.demo.world.world import World
from app.model.ids import Place, SeriesKey

HOME = Place("111111111111", "eu-central-1")
STAGING = Place("222222222222", "eu-central-1")


def key(namespace: str, metric: str, place: Place = HOME, **dimensions: str) -> SeriesKey:
    return SeriesKey.of(place, namespace, metric, dimensions)


def metric(series: SeriesKey) -> dict[str, Any]:
    return {
        "Namespace": series.namespace,
        "MetricName": series.metric,
        "Dimensions": [{"Name": n, "Value": v} for n, v in series.dimensions],
    }


def query(series: SeriesKey, stat: str, period: int = 60, name: str = "m1") -> dict[str, Any]:
    return {"Id": name, "MetricStat": {"Metric": metric(series), "Period": period, "Stat": stat}}


def minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(world: World, series: SeriesKey, start: datetime, end: datetime) -> Samples:
    """What the world tells of a series, which must exist."""
    samples = world.samples(series, minute(start), minute(end))
    assert samples is not None
    return samples
