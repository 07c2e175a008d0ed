"""How soon an alarm was decided, once the last period that decided it was over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.model.alarms import Transition

_STAMP = "%Y-%m-%dT%H:%M:%S.%f%z"


@dataclass(frozen=True, slots=True)
class Promptness:
    """Time from the end of the newest evaluated period to the decision.

    ``intervals`` is the same in times of the interval at which alarms are evaluated. Part of
    it passes until CloudWatch gives the points out.
    """

    after: timedelta
    intervals: float


def promptness(transition: Transition, every: timedelta) -> Promptness | None:
    """None where the reason names no period: composites, logs, and nothing but missing data."""
    data = transition.reason_data
    period, points = data.get("period"), data.get("evaluatedDatapoints")
    if not isinstance(period, int | float) or not isinstance(points, list):
        return None
    starts = [start for start in map(_start, points) if start is not None]
    if not starts:
        return None
    after = transition.at - max(starts) - timedelta(seconds=period)
    return Promptness(after, after / every) if after >= timedelta(0) else None


def _start(point: object) -> datetime | None:
    if not isinstance(point, Mapping) or "value" not in point:
        return None
    return stamped(point)


def stamped(point: Mapping[str, Any]) -> datetime | None:
    """When an evaluated datapoint begins, None where its time cannot be read."""
    try:
        return datetime.strptime(str(point.get("timestamp")), _STAMP).astimezone(UTC)
    except ValueError:
        return None
