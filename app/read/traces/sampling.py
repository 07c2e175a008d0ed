"""What X-Ray kept of all requests, and the insights that it found.

X-Ray reports counts of a rule for single minutes, and not every minute is asked for: a
share is right, a sum of requests is not one of the whole window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from app.model.ids import Place, Resource
from app.model.trace_nodes import mapping
from app.model.trace_summaries import node_of_service
from app.model.traces import SAMPLING_NAMESPACE, XRAY, Node
from app.read.scope import Scope
from app.store import Store

_COUNTS = {"RequestCount": "requests", "SampledCount": "sampled", "BorrowCount": "borrowed"}


@dataclass(frozen=True, slots=True)
class Sampled:
    """What one sampling rule met and kept, in the ``minutes`` that X-Ray reported."""

    place: Place
    rule: str
    requests: float
    sampled: float
    borrowed: float
    minutes: int

    @property
    def share(self) -> float | None:
        """The share that was kept; None if the rule met no request."""
        return min(1.0, self.sampled / self.requests) if self.requests > 0 else None

    @property
    def requests_per_minute(self) -> float:
        return self.requests / self.minutes if self.minutes else 0.0


@dataclass(frozen=True, slots=True)
class Insight:
    """A rise of faults that X-Ray has noticed in a group; ``end`` is None while it goes on.

    ``faults`` of ``requests`` of clients failed; ``cause`` is the service that X-Ray blames.
    """

    id: str
    place: Place
    group: str
    state: str
    start: datetime
    end: datetime | None
    summary: str
    cause: Node | None
    faults: int
    requests: int
    categories: tuple[str, ...]
    services: tuple[Node, ...]


def sampling(store: Store, scope: Scope) -> tuple[Sampled, ...]:
    """Every rule that X-Ray reported counts of in the window, by place and rule."""
    ids = store.series.find(places=scope.places, namespace=SAMPLING_NAMESPACE)["series"].to_list()
    sums = (
        store.points(ids, scope.window, 60)
        .group_by("series")
        .agg(pl.col("sum").sum(), minutes=pl.len())
        .collect(engine="streaming")
    )
    found: dict[tuple[Place, str], dict[str, Any]] = {}
    for key, (_, total, minutes) in zip(
        store.series.keys(sums["series"].to_list()), sums.iter_rows(), strict=True
    ):
        name = _COUNTS.get(key.metric)
        rule = dict(key.dimensions).get("RuleName", "")
        if name is not None:
            counted = found.setdefault((key.place, rule), {"minutes": 0})
            counted |= {name: total, "minutes": max(minutes, counted["minutes"])}
    nothing = dict.fromkeys(_COUNTS.values(), 0.0)
    return tuple(Sampled(*key, **{**nothing, **found[key]}) for key in sorted(found))


def sampled_share(rules: Iterable[Sampled]) -> float | None:
    """The share that all rules together kept; None if nothing is known of it."""
    known = [rule for rule in rules if rule.minutes]
    requests = sum(rule.requests_per_minute for rule in known)
    kept = sum(rule.sampled / rule.minutes for rule in known)
    return min(1.0, kept / requests) if requests else None


def insights(store: Store, scope: Scope) -> tuple[Insight, ...]:
    """Insights that were there in the window, the newest first."""
    find = store.resources.find
    known = [
        _insight(each)
        for gone in (False, True)
        for each in find(service=XRAY, kind="insight", places=scope.places, gone=gone)
    ]
    window = scope.window
    met = [
        one
        for one in known
        if one is not None
        and one.start < window.end
        and (one.end is None or one.end >= window.start)
    ]
    return tuple(sorted(met, key=lambda one: (one.start, one.id), reverse=True))


def _insight(kept: Resource) -> Insight | None:
    given = kept.configuration
    start = _time(given.get("StartTime"))
    if start is None:
        return None
    impact = mapping(given.get("ClientRequestImpactStatistics"))
    cause = mapping(given.get("RootCauseServiceId"))
    top = given.get("TopAnomalousServices")
    return Insight(
        id=kept.id,
        place=kept.place,
        group=str(given.get("GroupName") or ""),
        state=str(given.get("State") or ""),
        start=start,
        end=None if given.get("State") == "ACTIVE" else _time(given.get("EndTime")),
        summary=str(given.get("Summary") or ""),
        cause=node_of_service(cause) if cause else None,
        faults=_count(impact, "FaultCount"),
        requests=_count(impact, "TotalCount"),
        categories=tuple(map(str, given.get("Categories") or ())),
        services=tuple(
            node_of_service(mapping(mapping(one).get("ServiceId")))
            for one in (top if isinstance(top, list) else ())
        ),
    )


def _count(given: Mapping[str, Any], name: str) -> int:
    return int(given.get(name) or 0)


def _time(given: object) -> datetime | None:
    """A time of a resource's configuration, which is kept as text."""
    if not isinstance(given, str):
        return given if isinstance(given, datetime) else None
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
