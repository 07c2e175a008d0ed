"""Disks, snapshots and addresses that nobody uses, and disks of a dearer kind than they need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from alerts.findings.base import Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import HOURS_A_MONTH, Cost, Facts
from alerts.findings.machines import volume_cost
from app.model.ids import Resource

WEEK, OLD = timedelta(days=7), timedelta(days=180)


def _unattached(facts: Facts) -> Iterator[Outcome]:
    """A volume costs the same whether an instance uses it or not."""
    for volume in facts.listed("ec2", "volume"):
        if volume.state != "available":
            yield fine(volume)
            continue
        since = facts.state_since(volume) or _when(volume, "CreateTime")
        if since is not None and facts.now - since < WEEK:
            yield skipped(volume, "it has been free for less than 7 days")
            continue
        seen = facts.state_since(volume)
        words = f"since {seen:%Y-%m-%d}" if seen else "since before it was first seen"
        size, kind = volume.configuration.get("Size"), volume.configuration.get("VolumeType")
        evidence = {"GB": size, "type": kind, "state": volume.state}
        cost = volume_cost(volume, facts)
        yield found(volume, f"{size} GB of {kind} attached to nothing {words}", evidence, cost)


def _older_kind(facts: Facts) -> Iterator[Outcome]:
    """The same gigabytes are cheaper as gp3, and at least as fast up to 1,000 GB."""
    for volume in facts.listed("ec2", "volume"):
        if volume.configuration.get("VolumeType") != "gp2":
            yield fine(volume)
            continue
        size = Decimal(int(volume.configuration.get("Size") or 0))
        now = facts.cost("EBS:VolumeUsage.gp2", size, "gp2 storage")
        then = facts.cost("EBS:VolumeUsage.gp3", size, "gp3 storage")
        saved = None if now.usd is None or then.usd is None else now.usd - then.usd
        if saved is not None and saved <= 0:
            yield fine(volume)
            continue
        evidence = {"GB": int(size), "type": "gp2"}
        cost = Cost(saved, (*now.prices, *then.prices))
        yield found(volume, f"{size} GB of gp2 would cost less as gp3", evidence, cost)


def _old_snapshots(facts: Facts) -> Iterator[Outcome]:
    """Half a year old, and of a volume that is gone: nobody will go back to it."""
    volumes = {each.id for each in facts.listed("ec2", "volume")}
    for snapshot in facts.listed("ec2", "snapshot"):
        made = _when(snapshot, "StartTime")
        source = str(snapshot.configuration.get("VolumeId") or "")
        if made is None or facts.now - made < OLD or source in volumes:
            yield fine(snapshot)
            continue
        size = Decimal(int(snapshot.configuration.get("VolumeSize") or 0))
        evidence = {
            "made": made.date().isoformat(),
            "GB of its volume": int(size),
            "the amount is for": "the whole volume; a snapshot stores only what is written",
        }
        days = (facts.now - made).days
        reason = f"is {days} days old, and its volume is gone"
        yield found(snapshot, reason, evidence, facts.cost("EBS:SnapshotUsage", size, "snapshot"))


def _addresses(facts: Facts) -> Iterator[Outcome]:
    """An address that nothing uses is billed by the hour."""
    for address in facts.listed("ec2", "address"):
        if address.configuration.get("AssociationId"):
            yield fine(address)
        else:
            cost = facts.cost("PublicIPv4:IdleAddress", HOURS_A_MONTH, "idle address by the hour")
            yield found(address, "is allocated and used by nothing", {"association": None}, cost)


def _when(resource: Resource, member: str) -> datetime | None:
    told = resource.configuration.get(member)
    return datetime.fromisoformat(str(told)) if told else None


RULES = (
    Rule(
        cost_check(
            "EC2-03",
            "Volume attached to nothing",
            "medium",
            "Take a snapshot if its data matters, and delete it.",
            "ec2",
        ),
        _unattached,
    ),
    Rule(
        cost_check(
            "EC2-11",
            "Address that is not in use",
            "low",
            "Release it, or give it to what needs one.",
            "ec2",
        ),
        _addresses,
    ),
    Rule(
        cost_check(
            "EBS-01",
            "gp2 where gp3 fits",
            "low",
            "Change its type to gp3; it stays attached meanwhile.",
            "ec2",
        ),
        _older_kind,
    ),
    Rule(
        cost_check(
            "EBS-02",
            "Old snapshot of a volume that is gone",
            "low",
            "Delete it, or move it to the archive tier if it has to stay.",
            "ec2",
        ),
        _old_snapshots,
    ),
)
