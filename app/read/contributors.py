"""The series of an alarm that are in ALARM, as its status keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.model.alarms import AlarmStatus
from app.read.promptness import stamped


@dataclass(frozen=True, slots=True)
class Contributor:
    """One series of an alarm that is in ALARM; ``attributes`` are what it is grouped by."""

    id: str
    attributes: Mapping[str, str]
    reason: str
    since: datetime | None


def firing(status: AlarmStatus | None) -> tuple[Contributor, ...] | None:
    """Those in ALARM, longest first; None for an alarm that has no contributors."""
    kept = (status.reason_data if status else {}).get("contributors")
    if not isinstance(kept, Mapping):
        return None
    found = [
        Contributor(
            id_,
            dict(each.get("attributes") or {}),
            str(each.get("reason") or ""),
            stamped({"timestamp": each.get("since")}),
        )
        for id_, each in kept.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.since is None, each.since, each.id)))
