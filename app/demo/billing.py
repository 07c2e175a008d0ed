"""What AWS would bill for: calls and units of each operation, to compare a meter with."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from threading import Lock

from app.demo.telemetry.fields import Request, items, mapping, text
from app.model.ids import Place

# Up to five statistics of one metric in one request are one metric requested.
_STATISTICS_A_UNIT = 5


@dataclass(frozen=True, slots=True)
class Billed:
    """Counts of one operation in one place; ``units`` is what AWS bills."""

    place: Place
    api: str
    operation: str
    calls: int
    units: int
    queries: int
    refused: int


class Bill:
    """Counts every call; a call that was refused is counted apart and bills nothing."""

    def __init__(self) -> None:
        self._counts: dict[tuple[Place, str, str], Counter[str]] = defaultdict(Counter)
        self._lock = Lock()

    def add(
        self, place: Place, api: str, operation: str, *, units: int = 1, queries: int = 0
    ) -> None:
        """A call that was answered."""
        with self._lock:
            count = self._counts[place, api, operation]
            count["calls"] += 1
            count["units"] += units
            count["queries"] += queries

    def refuse(self, place: Place, api: str, operation: str) -> None:
        """A call that was answered with an error."""
        with self._lock:
            self._counts[place, api, operation]["refused"] += 1

    def clear(self) -> None:
        with self._lock:
            self._counts.clear()

    def entries(self) -> list[Billed]:
        """All counts, by place, API and operation."""
        with self._lock:
            return [
                Billed(*key, count["calls"], count["units"], count["queries"], count["refused"])
                for key, count in sorted(self._counts.items())
            ]

    def units(self, api: str, operation: str) -> int:
        """Units of one operation over all places."""
        return sum(e.units for e in self.entries() if (e.api, e.operation) == (api, operation))


def metrics_requested(request: Request) -> tuple[int, int]:
    """Billed metrics and queries of a GetMetricData request."""
    queries = [mapping(item) for item in items(request.get("MetricDataQueries"))]
    metrics: Counter[str] = Counter()
    for query in queries:
        metric = mapping(mapping(query.get("MetricStat")).get("Metric"))
        if metric:
            pairs = sorted(
                (text(d.get("Name")), text(d.get("Value")))
                for d in map(mapping, items(metric.get("Dimensions")))
            )
            metrics[repr((metric.get("Namespace"), metric.get("MetricName"), pairs))] += 1
    units = sum(-(-number // _STATISTICS_A_UNIT) for number in metrics.values())
    return units, len(queries)
