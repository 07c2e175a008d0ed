"""Disks, snapshots and addresses that nobody uses."""

from __future__ import annotations

from datetime import timedelta

import pytest

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


SEED = {
    "EBS:VolumeUsage.gp2": "0.10", "EBS:VolumeUsage.gp3": "0.08",
    "EBS:VolumeP-IOPS.gp3": "0.005", "EBS:VolumeP-Throughput.gp3": "0.04",
}  # fmt: skip


@pytest.mark.parametrize(
    ("size", "iops", "without", "expected"),
    [
        pytest.param(5334, 16_000, "", [("old", "36.68")], id="106.68 less 65 and 5"),
        pytest.param(5334, None, "", [("old", "36.68")], id="IOPS by its size"),
        pytest.param(1000, 3000, "", [("old", "15.00")], id="throughput only"),
        pytest.param(333, 999, "", [("old", "6.66")], id="nothing on top"),
        pytest.param(5334, 16_000, "EBS:VolumeP-IOPS.gp3", [("old", None)], id="no price of IOPS"),
    ],
)
def test_gp3_has_to_be_as_fast_as_gp2_was(
    shelf: Shelf, size: int, iops: int | None, without: str, expected: list[tuple[str, str | None]]
) -> None:
    known = {"Size": size, "VolumeType": "gp2", "Iops": iops}
    shelf.resources(resource("ec2", "volume", "old", known, state="in-use"))
    prices = {usage: usd for usage, usd in SEED.items() if usage != without}
    _, found = judged(shelf, rule_of(RULES, "EBS-01"), prices)
    assert alarms(found) == expected


def test_gp3_that_is_as_fast_and_no_cheaper_is_no_finding(shelf: Shelf) -> None:
    known = {"Size": 334, "VolumeType": "gp2", "Iops": 1002}
    shelf.resources(resource("ec2", "volume", "old", known, state="in-use"))
    dear = SEED | {"EBS:VolumeP-Throughput.gp3": "0.06"}
    _, found = judged(shelf, rule_of(RULES, "EBS-01"), dear)
    assert alarms(found) == []


@pytest.mark.parametrize(
    ("more", "expected", "skipped"),
    [
        pytest.param({"StorageTier": "archive"}, [("s", "12.50")], 0, id="archived"),
        pytest.param({"StorageTier": "standard"}, [("s", "54.00")], 0, id="standard"),
        pytest.param({"VolumeId": "vol-ffffffff"}, [], 1, id="a copy"),
        pytest.param(
            {"Description": "Created by CreateImage(i-0a) for ami-0b from vol-0c"}, [], 1,
            id="of an image",
        ),
        pytest.param(
            {"Description": "Copied for DestinationAmi ami-0b from SourceAmi ami-0d"}, [], 1,
            id="of the copy of an image",
        ),
        pytest.param({"Description": "before ami-0b"}, [("s", "54.00")], 0, id="said by somebody"),
    ],
)  # fmt: skip
def test_an_old_snapshot_is_judged_by_its_kind(
    shelf: Shelf, more: dict[str, str], expected: list[tuple[str, str]], skipped: int
) -> None:
    made = (NOW - timedelta(days=400)).isoformat()
    known = {"VolumeSize": 1000, "StartTime": made, "VolumeId": "vol-gone", **more}
    shelf.resources(volume("v", 9), resource("ec2", "snapshot", "s", known, state="completed"))
    prices = PRICES | {"EBS:SnapshotArchiveStorage": "0.0125"}
    run, found = judged(shelf, rule_of(RULES, "EBS-02"), prices)
    assert (alarms(found), run.skip) == (expected, skipped)


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
