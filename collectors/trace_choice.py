"""Which traces are fetched whole: all that failed, the slow tail, and a share of the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from heapq import nlargest
from typing import Any

from app.model.traces import shard_of

Summary = dict[str, Any]

_MEMBERS = (
    "Id", "StartTime", "Duration", "ResponseTime", "HasFault", "HasError", "HasThrottle",
    "IsPartial", "Http", "Annotations", "Users", "ServiceIds", "ResourceARNs", "InstanceIds",
    "AvailabilityZones", "EntryPoint", "FaultRootCauses", "ErrorRootCauses",
    "ResponseTimeRootCauses",
)  # fmt: skip


def plain(answer: Mapping[str, Any]) -> Summary:
    """A TraceSummary as plain JSON; times are seconds."""
    kept: Summary = {name: answer[name] for name in _MEMBERS if answer.get(name) is not None}
    start = answer.get("StartTime")
    if isinstance(start, datetime):
        kept["StartTime"] = start.timestamp()
    return kept | {"Revision": int(answer.get("Revision") or 0)}


def chosen(
    found: Sequence[Summary], whole: Collection[str], slowest: int, share: float
) -> dict[str, float]:
    """Ids of those to fetch, each with the number of traces that it stands for.

    Failed and slow ones stand for themselves; ``whole`` are stored whole already, and stay so.
    """
    weights = {one["Id"]: 1.0 for one in found if one["Id"] in whole}
    weights |= {one["Id"]: 1 / share for one in found if _draw(one["Id"]) < share}
    by_entry: defaultdict[object, list[Summary]] = defaultdict(list)
    for one in found:
        by_entry[(one.get("EntryPoint") or {}).get("Name")].append(one)
    for some in by_entry.values():
        weights |= {one["Id"]: 1.0 for one in nlargest(slowest, some, key=_time)}
    bad = {one["Id"] for one in found if failed(one)}
    weights |= dict.fromkeys(bad, 1.0)
    # Failed ones first, then slow ones: where not all can be fetched, those are.
    return dict(sorted(weights.items(), key=lambda one: (one[0] not in bad, one[1], one[0])))


def failed(one: Summary) -> bool:
    """Whether a trace had a fault, an error or a throttle, or a part of it that was handled.

    The flags tell of the root alone; what failed further down stands in the causes.
    """
    return any(one.get(name) for name in _FAILED)


_FAILED = ("HasFault", "HasError", "HasThrottle", "FaultRootCauses", "ErrorRootCauses")


def _time(one: Summary) -> float:
    return float(one.get("ResponseTime") or 0)


def _draw(trace_id: str) -> float:
    """The same number for a trace each time, so that it is chosen again or never."""
    return shard_of(trace_id) / 2**32
