"""Disks, snapshots and addresses that nobody uses, and disks of a dearer kind than they need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from alerts.findings.base import Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import HOURS_A_MONTH, NO_COST, Cost, Facts
from alerts.findings.machines import volume_cost
from app.model.ids import Resource

WEEK, OLD = timedelta(days=7), timedelta(days=180)
_FREE_IOPS, _FREE_MIBPS = 3000, 125
"""What every gp3 volume has for nothing."""

_FOR_IMAGE = re.compile(r"(?:Created by CreateImage\(.*\) for|Copied for DestinationAmi) (ami-\w+)")
_UNTOLD = ("", "vol-ffffffff")
"""What AWS tells for the volume of a copied snapshot."""


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
    """The same gigabytes are cheaper as gp3; what it takes to be as fast comes on top."""
    for volume in facts.listed("ec2", "volume"):
        if volume.configuration.get("VolumeType") != "gp2":
            yield fine(volume)
            continue
        size, (iops, throughput) = _size(volume, "Size"), _speed(volume)
        now = facts.cost("EBS:VolumeUsage.gp2", size, "gp2 storage")
        then = _all_of(
            facts.cost(f"EBS:{usage}.gp3", quantity, f"gp3 {what}")
            for usage, quantity, what in (
                ("VolumeUsage", size, "storage"),
                ("VolumeP-IOPS", iops - _FREE_IOPS, "IOPS above 3,000"),
                ("VolumeP-Throughput", throughput - _FREE_MIBPS, "MiB/s above 125"),
            )
            if quantity > 0
        )
        saved = None if now.usd is None or then.usd is None else now.usd - then.usd
        if saved is not None and saved <= 0:
            yield fine(volume)
            continue
        fast = f"gp3 as fast as it is: {iops:,} IOPS, {throughput} MiB/s"
        evidence = {"GB": int(size), "type": "gp2", "the amount is for": fast}
        cost = Cost(saved, (*now.prices, *then.prices))
        yield found(volume, f"{size} GB of gp2 would cost less as gp3", evidence, cost)


def _speed(volume: Resource) -> tuple[int, int]:
    """IOPS and MiB/s that a gp2 volume has all the time, and no less than gp3 has for nothing.

    gp2 has 3 IOPS for a GB, 100 to 16,000, and 250 MiB/s from 334 GB on; smaller ones burst.
    """
    size = int(_size(volume, "Size"))
    iops = int(volume.configuration.get("Iops") or min(3 * size, 16_000))
    return max(iops, _FREE_IOPS), 250 if size >= 334 else _FREE_MIBPS


def _all_of(costs: Iterable[Cost]) -> Cost:
    """The sum; no amount where one of them has none."""
    several = tuple(costs)
    total = sum(several, NO_COST)
    return total if all(each.usd is not None for each in several) else Cost(None, total.prices)


def _old_snapshots(facts: Facts) -> Iterator[Outcome]:
    """Half a year old, and of a volume that is gone: nobody will go back to it."""
    volumes = {each.id for each in facts.listed("ec2", "volume")}
    for snapshot in facts.listed("ec2", "snapshot"):
        made = _when(snapshot, "StartTime")
        source = str(snapshot.configuration.get("VolumeId") or "")
        image = _FOR_IMAGE.match(str(snapshot.configuration.get("Description") or ""))
        if made is None or facts.now - made < OLD or source in volumes:
            yield fine(snapshot)
        elif image:
            yield skipped(snapshot, f"AWS deletes it only once its image {image[1]} is gone")
        elif source in _UNTOLD:
            yield skipped(snapshot, "AWS does not tell of which volume it is, as of any copy")
        else:
            yield _old(snapshot, made, facts)


def _old(snapshot: Resource, made: datetime, facts: Facts) -> Outcome:
    size, is_archived = _size(snapshot, "VolumeSize"), _is_archived(snapshot)
    usage = "SnapshotArchiveStorage" if is_archived else "SnapshotUsage"
    whole = "at most the whole volume; the archive tier stores all that is written, not changes"
    part = "the whole volume; a snapshot stores only what is written"
    evidence = {
        "made": made.date().isoformat(),
        "GB of its volume": int(size),
        "tier": "archive" if is_archived else "standard",
        "the amount is for": whole if is_archived else part,
    }
    reason = f"is {(facts.now - made).days} days old, and its volume is gone"
    return found(snapshot, reason, evidence, facts.cost(f"EBS:{usage}", size, "snapshot"))


def _is_archived(snapshot: Resource) -> bool:
    return snapshot.configuration.get("StorageTier") == "archive"


def _addresses(facts: Facts) -> Iterator[Outcome]:
    """An address that nothing uses is billed by the hour."""
    for address in facts.listed("ec2", "address"):
        if address.configuration.get("AssociationId"):
            yield fine(address)
        else:
            cost = facts.cost("PublicIPv4:IdleAddress", HOURS_A_MONTH, "idle address by the hour")
            yield found(address, "is allocated and used by nothing", {"association": None}, cost)


def _size(resource: Resource, member: str) -> Decimal:
    return Decimal(int(resource.configuration.get(member) or 0))


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
            "Delete it; one in the standard tier that has to stay may be archived.",
            "ec2",
        ),
        _old_snapshots,
    ),
)
