"""Recommended alarms of the shipped catalogue, from the inventory to a state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from alerts.engine import Engine
from app.catalogue import Catalogue, load_catalogue
from app.config import AlarmSettings
from app.model.ids import Place, Resource, SeriesKey
from app.model.states import AlarmState
from app.store.tables import METRICS
from tests.support.alarm_yard import ACCOUNT, NOON, PLACE, Yard

VIRGINIA = Place(PLACE.account, "us-east-1")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    yield made
    made.close()


def resource(
    service: str, kind: str, id_: str, dimensions: Mapping[str, str], **more: Any
) -> Resource:
    place = VIRGINIA if service == "route53" else PLACE
    return Resource(
        f"arn:aws:{service}:{place.region}:{place.account}:{id_}",
        place.account, place.region, service, kind, id_, id_, dimensions=dimensions, **more,
    )  # fmt: skip


def points(
    yard: Yard, owner: Resource, metric: str, values: list[float], *, period: int = 60
) -> None:
    """Values of a metric of the resource, the newest slot ending at noon."""
    namespace = {
        "route53": "AWS/Route53",
        "acm": "AWS/CertificateManager",
        "lambda": "AWS/Lambda",
    }[owner.service]
    rows = [
        (0, period, NOON - timedelta(seconds=period * (len(values) - at)), value, value, value, 1.0)
        for at, value in enumerate(values)
    ]
    schema = {name: kind for name, kind in METRICS.schema.items() if name != "seq"}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    series = SeriesKey.of(owner.place, namespace, metric, owner.dimensions)
    yard.commit(series, METRICS.name, frame)
    yard.answered(NOON - 3 * DAY, NOON, namespace=namespace, place=owner.place)


def judged(
    yard: Yard, catalogue: Catalogue, *resources: Resource, now: datetime = NOON
) -> dict[str, AlarmState]:
    """The state of every recommended alarm after one tick, without ``watchdeck/``."""
    yard.resources(resources, now)
    engine = Engine(yard.store, catalogue, AlarmSettings(recommended="all"), [ACCOUNT])
    engine.tick(now)
    found = yard.store.ledger.statuses()
    return {
        id_.split("/", 2)[2].removeprefix("watchdeck/"): status.state
        for id_, status in found.items()
    }


def checks(*names: str) -> list[Resource]:
    return [
        resource("route53", "health-check", name, {"HealthCheckId": name}, tags={"app": "blog"})
        for name in names
    ]


@pytest.mark.parametrize(("west", "state"), [(0.0, AlarmState.ALARM), (1.0, AlarmState.OK)])
def test_all_regions_are_down_when_every_health_check_fails(
    yard: Yard, catalogue: Catalogue, west: float, state: AlarmState
) -> None:
    eu, us = checks("eu", "us")
    points(yard, eu, "HealthCheckStatus", [1, 1, 0, 0, 0, 0, 0])
    points(yard, us, "HealthCheckStatus", [1, 1, *[west] * 5])
    found = judged(yard, catalogue, eu, us)
    assert found["route53/health-check/eu"] is AlarmState.ALARM
    assert found["route53/health-check/us"] is state
    assert found["route53/all-regions-down/blog"] is state


def test_one_health_check_makes_no_composite(yard: Yard, catalogue: Catalogue) -> None:
    (eu,) = checks("eu")
    points(yard, eu, "HealthCheckStatus", [0] * 7)
    assert "route53/all-regions-down/blog" not in judged(yard, catalogue, eu)


@pytest.mark.parametrize(("days", "state"), [(44, AlarmState.ALARM), (45, AlarmState.OK)])
def test_a_certificate_that_was_not_renewed_fires(
    yard: Yard, catalogue: Catalogue, days: int, state: AlarmState
) -> None:
    arn = "arn:aws:acm:eu-central-1:111111111111:certificate/c"
    certificate = resource("acm", "certificate", "c", {"CertificateArn": arn})
    points(yard, certificate, "DaysToExpiry", [days] * 24, period=3600)
    assert judged(yard, catalogue, certificate)["acm/days-to-expiry/c"] is state


@pytest.mark.parametrize(
    ("runs", "failed", "state"),
    [
        pytest.param(100.0, 2.0, AlarmState.ALARM, id="two percent"),
        pytest.param(100.0, 1.0, AlarmState.OK, id="one percent"),
        pytest.param(9.0, 9.0, AlarmState.OK, id="too few runs to tell"),
    ],
)
def test_an_error_rate_fires_from_a_floor_of_traffic_on(
    yard: Yard, catalogue: Catalogue, runs: float, failed: float, state: AlarmState
) -> None:
    function = resource("lambda", "function", "f", {"FunctionName": "f"})
    points(yard, function, "Invocations", [runs] * 9)
    points(yard, function, "Errors", [failed] * 9)
    assert judged(yard, catalogue, function)["lambda/error-rate/f"] is state
