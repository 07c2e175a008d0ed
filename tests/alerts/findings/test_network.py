"""NAT gateways, each by itself."""

from __future__ import annotations

from alerts.findings.network import RULES
from app.model.ids import Resource
from tests.alerts.findings.yard import alarms, covered, hours, judged, resource, rule_of
from tests.support.shelf import Shelf

PRICES = {"NatGateway-Hours": "0.052", "NatGateway-Bytes": "0.052"}
GB = 2**30


def gateway(name: str, made: str = "2026-01-01T00:00:00+00:00") -> Resource:
    dimensions = {"NatGatewayId": name}
    return resource("nat", "gateway", name, {"CreateTime": made}, dimensions=dimensions)


def says(shelf: Shelf, check: str, lines: dict[str, str]) -> list[tuple[str, str | None]]:
    """Half of a line goes out and half comes back."""
    shelf.resources(*(gateway(name) for name in lines))
    covered(shelf, "AWS/NATGateway")
    for name, line in lines.items():
        for metric in ("BytesOutToDestination", "BytesInFromDestination"):
            hours(shelf, gateway(name), "AWS/NATGateway", metric, line)
    run, found = judged(shelf, rule_of(RULES, check), PRICES)
    assert run.message == ""
    return alarms(found)


def test_traffic_of_five_dollars_a_day_is_dear(shelf: Shelf) -> None:
    """96.2 GB a day cost 5.0024 USD, and 96.1 GB 4.9972 USD."""
    day = {"dear": 96.2, "just not": 96.1}
    lines = {name: f"{size / 48 * GB}x167" for name, size in day.items()}
    assert says(shelf, "VPC-02", lines) == [("dear", "150.07")]


def test_half_as_much_again_as_before_is_told_from_a_dollar_a_day_on(shelf: Shelf) -> None:
    def line(before: float, last: float) -> str:
        return f"{before / 48 * GB}x143 {last / 48 * GB}x23"

    lines = {"risen": line(20, 31), "steady": line(20, 29), "tiny": line(1, 19)}
    assert says(shelf, "VPC-02", lines) == [("risen", "48.36")]


def test_a_gateway_that_nothing_goes_through_costs_its_hours(shelf: Shelf) -> None:
    a_megabyte = 2**20 / 48
    lines = {"idle": f"{a_megabyte * 0.99}x167", "used": f"{a_megabyte * 1.01}x167"}
    assert says(shelf, "VPC-03", lines) == [("idle", "37.96")]


def test_a_new_gateway_has_its_week(shelf: Shelf) -> None:
    shelf.resources(gateway("new", "2026-11-18T00:00:00+00:00"))
    covered(shelf, "AWS/NATGateway")
    run, found = judged(shelf, rule_of(RULES, "VPC-03"), PRICES)
    assert (run.skip, found) == (1, [])
