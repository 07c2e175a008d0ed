"""Which series a resource has of a metric, and which resources make up a service."""

from __future__ import annotations

import pytest

from app.catalogue import Catalogue, load_catalogue
from app.catalogue.schema import Measure, Metric, ResourceKind, Unit


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def kind_with(*dimensions: str) -> ResourceKind:
    return ResourceKind.model_validate(
        {
            "kind": "thing",
            "title": "Thing",
            "plural": "Things",
            "list": {"api": "sqs", "operation": "ListQueues"},
            "id": "value",
            "arn": "value",
            "dimensions": dict.fromkeys(dimensions, "value"),
        }
    )


def metric_with(*sets: tuple[str, ...]) -> Metric:
    return Metric(name="M", dimensions=sets, unit="Count", statistics=("Sum",), says="It counts.")


@pytest.mark.parametrize(
    ("own", "declared", "expected"),
    [
        pytest.param(("A",), [("A",), ("A", "B")], ("A",), id="exactly its own"),
        pytest.param(("A",), [("A", "B", "C"), ("A", "B")], ("A", "B"), id="else the smallest"),
        pytest.param(("A",), [("B",), ()], None, id="none that has them all"),
        pytest.param((), [("A",), ()], (), id="the account's own has no dimensions"),
        pytest.param((), [("A",)], None, id="the account carries nobody else's"),
        pytest.param(("B", "A"), [("A", "B")], ("A", "B"), id="order does not matter"),
    ],
)
def test_the_dimensions_to_ask_for(
    own: tuple[str, ...], declared: list[tuple[str, ...]], expected: tuple[str, ...] | None
) -> None:
    assert metric_with(*declared).dimension_set(kind_with(*own)) == expected


def test_latency_of_a_table_comes_by_operation(catalogue: Catalogue) -> None:
    dynamodb = catalogue.services["dynamodb"]
    table, latency = dynamodb.resource_kind("table"), dynamodb.metric("SuccessfulRequestLatency")
    assert table is not None
    assert latency is not None
    assert latency.dimension_set(table) == ("TableName", "Operation")


def test_requests_of_target_groups_are_not_counted_beside_their_load_balancer(
    catalogue: Catalogue,
) -> None:
    alb = catalogue.services["alb"]
    requests = Measure(
        title="Requests", metric="RequestCount", statistic="Sum", unit=Unit.PER_SECOND
    )
    assert [k.kind for k in alb.carriers(requests)] == ["load-balancer", "target-group"]
    assert [k.kind for k in alb.totals(requests)] == ["load-balancer"]


def test_a_load_balancer_has_the_hosts_of_its_target_groups(catalogue: Catalogue) -> None:
    alb = catalogue.services["alb"]
    balancer, hosts = alb.resource_kind("load-balancer"), alb.metric("HealthyHostCount")
    assert balancer is not None
    assert hosts is not None
    assert hosts.dimension_set(balancer) == ("LoadBalancer", "TargetGroup")


def test_http_and_websocket_stages_are_told_apart_though_their_dimensions_are_equal(
    catalogue: Catalogue,
) -> None:
    gateway = catalogue.services["apigateway"]
    http, websocket = (gateway.resource_kind(k) for k in ("http-stage", "websocket-stage"))
    requests, messages = gateway.metric("Count"), gateway.metric("MessageCount")
    assert http and websocket and requests and messages  # noqa: PT018 # all four are declared
    assert requests.dimension_set(http) == ("ApiId", "Stage")
    assert requests.dimension_set(websocket) is None
    assert messages.dimension_set(http) is None


def test_server_errors_of_all_protocols_are_one_measure(catalogue: Catalogue) -> None:
    gateway = catalogue.services["apigateway"]
    availability = gateway.tiles[0]
    assert availability.metrics == ("5XXError", "5xx", "Count")
    assert [k.kind for k in gateway.totals(availability)] == ["rest-stage", "http-stage"]


def test_a_measure_can_keep_to_one_kind(catalogue: Catalogue) -> None:
    lambda_ = catalogue.services["lambda"]
    used = next(tile for tile in lambda_.tiles if tile.kind)
    assert [k.kind for k in lambda_.carriers(used)] == ["account"]


@pytest.mark.parametrize(
    ("statistic", "said", "expected"),
    [
        ("Sum", None, "sum"),
        ("SampleCount", None, "sum"),
        ("Average", None, "mean"),
        ("Minimum", None, "minimum"),
        ("Maximum", None, "maximum"),
        ("p99", None, "maximum"),
        ("Average", "sum", "sum"),
    ],
)
def test_how_several_resources_become_one_number(
    statistic: str, said: str | None, expected: str
) -> None:
    measure = Measure.model_validate(
        {"title": "T", "metric": "M", "statistic": statistic, "combine": said, "unit": "count"}
    )
    assert measure.combined == expected
