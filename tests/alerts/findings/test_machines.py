"""Instances that do nothing, stand still, or always run."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.findings.machines import RULES
from app.model.ids import Resource
from app.model.rounds import Result
from tests.alerts.findings.yard import alarms, covered, hours, judged, resource, rule_of
from tests.support.shelf import NOW, Shelf

IDLE, STOPPED, STEADY = (rule_of(RULES, id_) for id_ in ("EC2-01", "EC2-02", "EC2-12"))
PRICES = {"BoxUsage:m5.large": "0.115", "EBS:VolumeUsage.gp3": "0.0952"}


def instance(name: str, days: int, *, state: str = "running", **more: object) -> Resource:
    launched = (NOW - timedelta(days=days)).isoformat()
    configuration = {"InstanceType": "m5.large", "LaunchTime": launched, **more}
    return resource(
        "ec2", "instance", name, configuration, dimensions={"InstanceId": name}, state=state
    )


def use(shelf: Shelf, owner: Resource, cpu: str, network: str) -> None:
    hours(shelf, owner, "AWS/EC2", "CPUUtilization", cpu)
    hours(shelf, owner, "AWS/EC2", "NetworkIn", network)
    hours(shelf, owner, "AWS/EC2", "NetworkOut", network)


@pytest.mark.parametrize(
    ("cpu", "network", "days", "expected"),
    [
        pytest.param("1.2x167", "1000x167", 9, [("i", "83.95")], id="idle for a week"),
        pytest.param("1.2x100 3 1.2x66", "1000x167", 9, [], id="one hour at 3 %"),
        pytest.param("1.2x167", "105000x167", 9, [], id="5 MB a day"),
        pytest.param("1.2x167", "1000x167", 6, [], id="too young"),
        pytest.param("1.2x60", "1000x60", 9, [], id="too few points"),
    ],
)
def test_an_idle_instance_is_found_with_what_it_costs(
    shelf: Shelf, cpu: str, network: str, days: int, expected: list[tuple[str, str]]
) -> None:
    owner = instance("i", days)
    shelf.resources(owner)
    use(shelf, owner, cpu, network)
    covered(shelf, "AWS/EC2")
    _, found = judged(shelf, IDLE, PRICES)
    assert alarms(found) == expected


def test_a_price_says_where_it_is_from(shelf: Shelf) -> None:
    owner = instance("i", 9)
    shelf.resources(owner)
    use(shelf, owner, "1.2x167", "1000x167")
    covered(shelf, "AWS/EC2")
    _, (found,) = judged(shelf, IDLE, PRICES)
    (price,) = found.prices
    assert (price.what, str(price.usd), price.source) == (
        "m5.large on demand", "0.115", "price list",
    )  # fmt: skip
    assert found.evidence["bytes a day"] == 48_000


def test_without_a_price_there_is_no_amount(shelf: Shelf) -> None:
    owner = instance("i", 9)
    shelf.resources(owner)
    use(shelf, owner, "1.2x167", "1000x167")
    covered(shelf, "AWS/EC2")
    _, found = judged(shelf, IDLE)
    assert alarms(found) == [("i", None)]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (
            {"InstanceLifecycle": "spot"},
            "it is no instance on demand (spot), and its price is not known",
        ),
        (
            {"PlatformDetails": "Windows with SQL Server Enterprise"},
            "prices are known for Linux, and it runs Windows with SQL Server Enterprise",
        ),
    ],
)
def test_what_is_not_linux_on_demand_has_no_amount_of_it(
    shelf: Shelf, more: dict[str, str], why: str
) -> None:
    owner = instance("i", 9, **more)
    shelf.resources(owner)
    use(shelf, owner, "1.2x167", "1000x167")
    covered(shelf, "AWS/EC2")
    _, found = judged(shelf, IDLE, PRICES)
    assert alarms(found) == [("i", None)]
    assert found[0].evidence["no amount, because"] == why


def test_a_commitment_is_not_weighed_with_the_price_of_another_platform(shelf: Shelf) -> None:
    shelf.resources(
        instance("linux", 31, PlatformDetails="Linux/UNIX"),
        instance("windows", 31, PlatformDetails="Windows"),
    )
    _, found = judged(shelf, STEADY, PRICES)
    told = [each.evidence.get("on demand (USD a month)") for each in found]
    assert told == ["83.95", None]


def test_metrics_that_were_not_read_are_no_idleness(shelf: Shelf) -> None:
    shelf.resources(instance("i", 9))
    covered(shelf, "AWS/EC2", days=3)
    run, found = judged(shelf, IDLE)
    assert found == []
    assert run.message == (
        "metrics of AWS/EC2 have been read for 3.0 of the last 7 days; they fill up by themselves"
    )


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "inventory of ec2 has not been read yet"),
        (Result.DENIED, "inventory of ec2 could not be read: not allowed"),
        (Result.OK, ""),
    ],
)
def test_an_inventory_that_could_not_be_read_is_not_an_empty_one(
    shelf: Shelf, result: Result | None, message: str
) -> None:
    if result is not None:
        shelf.round("inventory", "ec2", result, message="not allowed")
    run, _ = judged(shelf, IDLE)
    assert run.message == message


def test_a_stopped_instance_pays_for_its_volumes(shelf: Shelf) -> None:
    why = "User initiated (2026-11-10 08:00:00 GMT)"
    late = "User initiated (2026-11-20 08:00:00 GMT)"
    disks = {"Volumes": ["vol-1", "vol-2"]}
    shelf.resources(
        instance("old", 90, state="stopped", StateTransitionReason=why, **disks),
        instance("new", 90, state="stopped", StateTransitionReason=late, **disks),
        instance("bare", 90, state="stopped", StateTransitionReason=why),
        instance("busy", 90, **disks),
        resource("ec2", "volume", "vol-1", {"Size": 100, "VolumeType": "gp3"}),
        resource("ec2", "volume", "vol-2", {"Size": 8, "VolumeType": "gp3"}),
    )
    run, found = judged(shelf, STOPPED, PRICES)
    assert alarms(found) == [("old", "10.28")]
    assert found[0].evidence == {"volumes": ["vol-1", "vol-2"], "GB": 108}
    assert (run.ok, run.skip) == (2, 1)


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (Result.DENIED, "its volumes are not known: inventory of ec2/volume could not be read: no"),
        (Result.OK, "1 of its volumes stood in no list yet"),
    ],
)
def test_volumes_that_are_not_all_known_are_not_summed(
    shelf: Shelf, result: Result, why: str
) -> None:
    since = {"StateTransitionReason": "User initiated (2026-11-10 08:00:00 GMT)"}
    shelf.resources(
        instance("old", 90, state="stopped", Volumes=["vol-1", "vol-2"], **since),
        resource("ec2", "volume", "vol-1", {"Size": 100, "VolumeType": "gp3"}),
    )
    shelf.round("inventory", "ec2/volume", result, message="no")
    _, found = judged(shelf, STOPPED, PRICES)
    assert alarms(found) == [("old", None)]
    assert found[0].evidence == {"volumes": ["vol-1", "vol-2"], "no amount, because": why}


def test_what_runs_for_a_month_may_be_committed_to(shelf: Shelf) -> None:
    shelf.resources(
        instance("old", 31), instance("new", 29), instance("spot", 31, InstanceLifecycle="spot")
    )
    _, found = judged(shelf, STEADY)
    assert alarms(found) == [("old", None)]
