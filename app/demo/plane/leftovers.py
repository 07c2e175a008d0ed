"""What somebody forgot: a disk and a snapshot of a machine that is gone, and an address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.ec2.models import ec2_backends

from app.demo.plane.creation import creation_time
from app.demo.world.platform import Deployment

OLD_INDEX = "old-search-index"


def build_leftovers(deployment: Deployment) -> None:
    """Only where people work on machines; what moto brings along itself is nobody's."""
    backend: Any = ec2_backends[deployment.place.account][deployment.place.region]
    backend.snapshots.clear()
    for volume in backend.volumes.values():
        volume.create_time = _text(creation_time(volume.id))
    if len(deployment.machines) < 2:
        return
    zone = f"{deployment.place.region}a"
    volume = backend.create_volume(size=200, zone_name=zone, volume_type="gp2")
    volume.create_time = _text(creation_time(OLD_INDEX))
    volume.add_tags({**deployment.tags, "Name": OLD_INDEX})
    gone = backend.create_volume(size=80, zone_name=zone, volume_type="gp3")
    snapshot = backend.create_snapshot(gone.id, "before the move to search-2")
    snapshot.start_time = creation_time(f"{OLD_INDEX}/snapshot")
    backend.delete_volume(gone.id)
    backend.allocate_address("vpc")


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
