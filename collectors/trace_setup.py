"""What X-Ray is set to: groups, sampling rules and their counts, insights, where spans go.

All of it is free of charge. It is kept as resources of the service ``xray``, so its
changes have a history, and the counts of rules as series: what was sampled, and of what.
X-Ray tells the counts of the newest minute alone, so they are read as often as traces are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from app.aws import Aws, partition
from app.model.errors import AwsError
from app.model.groups import TRACE_COUNTS, TRACE_SETUP
from app.model.ids import Place, Resource, SeriesKey
from app.model.rounds import Batch, Covered, Listing, Settledness
from app.model.time import Window, epoch_ms
from app.model.traces import SAMPLING_NAMESPACE, XRAY
from app.store.tables import METRICS

INSIGHTS_BACK = timedelta(days=7)
_COUNTS = ("RequestCount", "SampledCount", "BorrowCount")

Json = Mapping[str, Any]


def setup(aws: Aws, place: Place, window: Window, collector: str) -> Iterator[Batch]:
    """Everything as one batch; what could not be asked is said, and kept as it was."""
    asked = _Asked(aws, place, collector)
    found = {kind: asked.kept(read, window.end) for kind, read in _READ.items()}
    if not any(each is not None for each in found.values()) and asked.refused:
        raise asked.refused[0]
    yield Batch(
        resources=[
            _resource(place, kind, each) for kind, some in found.items() for each in some or ()
        ],
        listings=[Listing(place, XRAY, kind) for kind, some in found.items() if some is not None],
        covered=[Covered(place, TRACE_SETUP, window, Settledness.SETTLED)],
        notes=[error.message for error in asked.refused],
    )


def counts(aws: Aws, place: Place, window: Window, collector: str) -> Iterator[Batch]:
    """What sampling rules met and kept in the newest minute, as series."""
    told = _Asked(aws, place, collector).every(
        "GetSamplingStatisticSummaries", "SamplingStatisticSummaries"
    )
    series, frame = sampled(place, told)
    yield Batch(
        series=series,
        frames={METRICS.name: frame} if series else {},
        covered=[Covered(place, TRACE_COUNTS, window, Settledness.SETTLED)],
    )


class _Asked:
    """Calls of one round; ``refused`` are the errors so far."""

    def __init__(self, aws: Aws, place: Place, collector: str) -> None:
        self._aws, self._place, self._collector = aws, place, collector
        self.refused: list[AwsError] = []

    def kept(self, read: Read, now: datetime) -> list[Json] | None:
        """What ``read`` finds, None if AWS gave no answer."""
        try:
            return read(self, now)
        except AwsError as error:
            self.refused.append(error)
            return None

    def one(self, operation: str) -> Json:
        return self._aws.call(self._place, "xray", operation, {}, collector=self._collector)

    def every(self, operation: str, member: str, params: Json | None = None) -> list[Json]:
        pages = self._aws.pages(
            self._place, "xray", operation, params or {}, collector=self._collector
        )
        return [each for page in pages for each in page.get(member) or ()]


Read = Callable[[_Asked, datetime], list[Json]]


def _groups(asked: _Asked, _now: datetime) -> list[Json]:
    return asked.every("GetGroups", "Groups")


def _rules(asked: _Asked, _now: datetime) -> list[Json]:
    records = asked.every("GetSamplingRules", "SamplingRuleRecords")
    return [each["SamplingRule"] for each in records if each.get("SamplingRule")]


def _insights(asked: _Asked, now: datetime) -> list[Json]:
    """Of the groups that have insights switched on."""
    times = {"StartTime": now - INSIGHTS_BACK, "EndTime": now, "MaxResults": 100}
    return [
        each
        for group in _groups(asked, now)
        if (group.get("InsightsConfiguration") or {}).get("InsightsEnabled")
        for each in asked.every(
            "GetInsightSummaries", "InsightSummaries", times | {"GroupName": group["GroupName"]}
        )
    ]


def _indexing(asked: _Asked, _now: datetime) -> list[Json]:
    return asked.every("GetIndexingRules", "IndexingRules")


def _destination(asked: _Asked, _now: datetime) -> list[Json]:
    return [{"Name": "destination", **asked.one("GetTraceSegmentDestination")}]


_READ: Mapping[str, Read] = {
    "group": _groups,
    "sampling_rule": _rules,
    "insight": _insights,
    "indexing_rule": _indexing,
    "destination": _destination,
}
"""How each kind of resource is read."""


def sampled(place: Place, counts: Sequence[Json]) -> tuple[list[SeriesKey], pl.DataFrame]:
    """Counts of sampling rules as series of a minute."""
    series: dict[SeriesKey, int] = {}
    rows = []
    for each in counts:
        at = each.get("Timestamp")
        if not isinstance(at, datetime) or not each.get("RuleName"):
            continue
        slot = epoch_ms(at.astimezone(UTC)) // 60_000 * 60_000
        for name in _COUNTS:
            key = SeriesKey.of(place, SAMPLING_NAMESPACE, name, {"RuleName": each["RuleName"]})
            value = float(each.get(name) or 0)
            rows.append((series.setdefault(key, len(series)), 60, slot, *(3 * [value]), 1.0))
    schema = {name: kind for name, kind in METRICS.schema.items() if name != "seq"}
    plain = schema | {"at": pl.Int64()}
    frame = pl.DataFrame(rows, schema=plain, orient="row").with_columns(
        pl.col("at").cast(schema["at"])
    )
    return list(series), frame


def _resource(place: Place, kind: str, given: Json) -> Resource:
    name = str(next(given[key] for key in _NAMES if given.get(key)))
    own = f"arn:{partition(place.region)}:xray:{place.region}:{place.account}:{kind}/{name}"
    return Resource(
        arn=str(given.get(_ARNS.get(kind, "")) or own),
        account=place.account,
        region=place.region,
        service=XRAY,
        kind=kind,
        id=name,
        name=name,
        state=str(given.get("State") or given.get("Destination") or ""),
        configuration=dict(given),
    )


_ARNS = {"group": "GroupARN", "sampling_rule": "RuleARN"}
_NAMES = ("InsightId", "RuleName", "GroupName", "Name")
