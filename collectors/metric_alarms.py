"""What alarms need to be read every minute.

A basic statistic is read at the metric's own period, from which longer ones are
added up. A percentile cannot be added up, so it is asked at the alarm's period.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.aws import MetricQuery
from app.model.alarms import AlarmDefinition
from app.model.groups import alarmed_group
from app.model.ids import Place, SeriesKey
from collectors.metric_frames import BASIC
from collectors.metric_series import SeriesBook

LONGEST_LOOK_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Watched:
    """Everything that the alarms of one namespace look at in one place.

    ``group`` names exactly this set of queries: another set has coverage of its own.
    """

    namespace: str
    group: str
    queries: tuple[MetricQuery, ...]
    look_back: timedelta

    @property
    def units(self) -> int:
        return sum(q.units for q in self.queries)


def watched(
    alarms: Sequence[AlarmDefinition], place: Place, book: SeriesBook
) -> dict[str, Watched]:
    """What alarms of ``place`` need, by namespace."""
    wanted: dict[str, dict[tuple[SeriesKey, int], set[str]]] = {}
    look_back: dict[str, timedelta] = {}
    for alarm in alarms:
        if alarm.place != place:
            continue
        for key, period, statistic in _inputs(alarm, place):
            asked = _asked(key, period, statistic, book)
            wanted.setdefault(key.namespace, {}).setdefault((key, asked), set()).add(statistic)
            far = timedelta(seconds=period * _slots(alarm, period))
            look_back[key.namespace] = max(look_back.get(key.namespace, timedelta()), far)
    return {
        namespace: _watched(namespace, needs, min(look_back[namespace], LONGEST_LOOK_BACK))
        for namespace, needs in wanted.items()
    }


def _watched(
    namespace: str, needs: Mapping[tuple[SeriesKey, int], set[str]], look_back: timedelta
) -> Watched:
    queries = tuple(
        MetricQuery(key, period, _statistics(statistics))
        for (key, period), statistics in sorted(needs.items())
    )
    written = repr([(q.series.digest(), q.period, q.statistics) for q in queries])
    mark = hashlib.blake2b(written.encode(), digest_size=6).hexdigest()
    return Watched(namespace, f"{alarmed_group(namespace)}/{mark}", queries, look_back)


def _statistics(wanted: set[str]) -> tuple[str, ...]:
    basic = BASIC if any(_is_basic(s) for s in wanted) else ()
    return basic + tuple(sorted(s for s in wanted if not _is_basic(s)))


def _slots(alarm: AlarmDefinition, period: int) -> int:
    """How many periods the evaluation of an alarm looks at, late data included."""
    periods = int(alarm.put.get("EvaluationPeriods", 1))
    return periods + (60 // period if period < 60 else max(2, periods // 3))


def _asked(key: SeriesKey, period: int, statistic: str, book: SeriesBook) -> int:
    """The period to ask for, given the alarm's."""
    if not _is_basic(statistic) or period < 60:
        return period
    own = book.period(key.namespace, key.metric)
    return own if period % own == 0 else period


def _is_basic(statistic: str) -> bool:
    return statistic in (*BASIC, "Average")


def _inputs(alarm: AlarmDefinition, place: Place) -> Iterator[tuple[SeriesKey, int, str]]:
    """The metric of an alarm, or the metrics of its expression: series, period, statistic."""
    put = alarm.put
    if put.get("MetricName"):
        statistic = put.get("Statistic") or put.get("ExtendedStatistic") or "Average"
        yield _key(put, place), int(put.get("Period", 60)), str(statistic)
    for query in put.get("Metrics", ()):
        stat = query.get("MetricStat")
        if stat:
            yield _key(stat["Metric"], place), int(stat["Period"]), str(stat["Stat"])


def _key(metric: Mapping[str, Any], place: Place) -> SeriesKey:
    dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", ())}
    return SeriesKey.of(place, str(metric["Namespace"]), str(metric["MetricName"]), dimensions)
