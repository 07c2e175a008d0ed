"""Disks, snapshots and addresses that nobody uses."""

from __future__ import annotations

from datetime import timedelta

from alerts.findings.volumes import RULES
from app.model.ids import Resource
from app.model.time import Window
from app.read import Scope
from tests.alerts.findings.yard import alarms, judged, resource, rule_of
from tests.support.shelf import HOME, NOW, Shelf

PRICES = {
    "EBS:VolumeUsage.gp2": "0.119", "EBS:VolumeUsage.gp3": "0.0952",
    "EBS:SnapshotUsage": "0.054", "PublicIPv4:IdleAddress": "0.005",
}  # fmt: skip


def volume(name: str, days: int, state: str = "in-use", kind: str = "gp3") -> Resource:
    created = (NOW - timedelta(days=days)).isoformat()
    known = {"Size": 100, "VolumeType": kind, "CreateTime": created}
    return resource("ec2", "volume", name, known, state=state)


def says(shelf: Shelf, check: str) -> list[tuple[str, str | None]]:
    run, found = judged(shelf, rule_of(RULES, check), PRICES)
    assert run.message == ""
    return alarms(found)


def test_a_volume_that_is_free_for_a_week_costs_its_size(shelf: Shelf) -> None:
    shelf.resources(
        volume("used", 90), volume("free", 8, "available"), volume("new", 6, "available")
    )
    assert says(shelf, "EC2-03") == [("free", "9.52")]


def test_a_volume_that_was_just_detached_has_its_week(shelf: Shelf) -> None:
    shelf.resources(volume("v", 90))
    shelf.now = NOW + timedelta(hours=1)
    shelf.resources(volume("v", 90, "available"))
    assert says(shelf, "EC2-03") == []
    shelf.now = NOW + timedelta(days=8)
    assert says(shelf, "EC2-03") == [("v", "9.52")]


def test_gp2_saves_the_difference_to_gp3(shelf: Shelf) -> None:
    shelf.resources(volume("old", 90, kind="gp2"), volume("new", 90))
    assert says(shelf, "EBS-01") == [("old", "2.38")]


def test_an_old_snapshot_counts_once_its_volume_is_gone(shelf: Shelf) -> None:
    def snapshot(name: str, days: int, source: str) -> Resource:
        made = (NOW - timedelta(days=days)).isoformat()
        known = {"VolumeSize": 100, "StartTime": made, "VolumeId": source}
        return resource("ec2", "snapshot", name, known, state="completed")

    shelf.resources(
        volume("there", 400),
        snapshot("left", 181, "gone"),
        snapshot("young", 179, "gone"),
        snapshot("kept", 400, "there"),
    )
    assert says(shelf, "EBS-02") == [("left", "5.40")]


def test_an_address_without_a_use_is_billed(shelf: Shelf) -> None:
    shelf.resources(
        resource("ec2", "address", "free", {"PublicIp": "3.3.3.3"}),
        resource("ec2", "address", "used", {"AssociationId": "eipassoc-1"}),
    )
    assert says(shelf, "EC2-11") == [("free", "3.65")]


def test_quiet_kinds_stand_in_no_count_and_yet_have_a_page(shelf: Shelf) -> None:
    machine = resource("ec2", "instance", "i-1", dimensions={"InstanceId": "i-1"}, state="running")
    disk = volume("vol-1", 9)
    shelf.resources(machine, disk)
    scope = Scope(Window(NOW - timedelta(hours=1), NOW), (HOME,), NOW)
    state = shelf.reads.health.service("ec2", scope).value
    assert state is not None
    assert [each.resource.id for each in state.resources] == ["i-1"]
    assert shelf.reads.metrics.resource(disk, scope).value.tiles == ()
    assert shelf.reads.health.resource(disk.arn, scope) is None
    assert [each.name for each in shelf.reads.inventory.search("vol-1").value] == ["vol-1"]


def test_gp2_that_costs_less_than_gp3_is_in_order(shelf: Shelf) -> None:
    shelf.resources(volume("old", 90, kind="gp2"))
    discounted = PRICES | {"EBS:VolumeUsage.gp2": "0.075"}
    _, found = judged(shelf, rule_of(RULES, "EBS-01"), discounted)
    assert alarms(found) == []
