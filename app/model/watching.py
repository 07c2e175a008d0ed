"""What alarms look at, and how often it has to be read for them.

The collector of metrics and the engine of alarms both count on this: the one
reads at this pace, the other judges when such a read has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.model.alarms import AlarmDefinition
from app.model.ids import Place, SeriesKey

MINUTE = 60
LONGEST_WAIT = 300
"""An alarm on points of a minute is read for at least this often, however long its period."""

PLAIN = frozenset({"Average", "Sum", "Minimum", "Maximum", "SampleCount"})
"""Statistics of a slot that can be worked out from those of shorter ones."""

OwnPeriod = Callable[[str, str], int]
"""The period at which AWS publishes a metric, by namespace and name."""


@dataclass(frozen=True, slots=True)
class Input:
    """One metric that an alarm looks at, in slots of ``period`` seconds."""

    key: SeriesKey
    period: int
    statistic: str

    def stored(self, own: int) -> int:
        """The period to ask AWS for; ``own`` is the metric's.

        A percentile cannot be added up, so it is asked for at the period of the alarm.
        """
        if self.statistic not in PLAIN or self.period < MINUTE:
            return self.period
        return own if self.period % own == 0 else self.period


def inputs(alarm: AlarmDefinition) -> Sequence[Input]:
    """The metric of an alarm, or the metrics of its expression; none if it is ill written."""
    try:
        return tuple(_inputs(alarm))
    except (KeyError, TypeError, ValueError):
        return ()


def _inputs(alarm: AlarmDefinition) -> Iterator[Input]:
    put = alarm.put
    if put.get("MetricName"):
        statistic = put.get("Statistic") or put.get("ExtendedStatistic") or "Average"
        yield Input(series_key(put, alarm.place), int(put.get("Period", MINUTE)), str(statistic))
    for query in put.get("Metrics") or ():
        stat = query.get("MetricStat")
        if stat:
            key = series_key(stat["Metric"], alarm.place)
            yield Input(key, int(stat["Period"]), str(stat["Stat"]))


def series_key(metric: Mapping[str, Any], place: Place) -> SeriesKey:
    """The series that CloudWatch's description of a metric names."""
    dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions") or ()}
    return SeriesKey.of(place, str(metric["Namespace"]), str(metric["MetricName"]), dimensions)


def pace(stored: int, period: int) -> int:
    """Every how many seconds a series is worth reading for an alarm of ``period``.

    Each read is billed, and before a new slot is complete it brings nothing new.
    """
    return max(MINUTE, stored, min(period, LONGEST_WAIT))


def paces(
    alarms: Iterable[AlarmDefinition], own_period: OwnPeriod
) -> dict[tuple[SeriesKey, int], int]:
    """The pace of each series and stored period; the most impatient alarm sets it."""
    found: dict[tuple[SeriesKey, int], int] = {}
    for alarm in alarms:
        for each in inputs(alarm):
            stored = each.stored(own_period(each.key.namespace, each.key.metric))
            wanted = pace(stored, each.period)
            known = found.get((each.key, stored), wanted)
            found[each.key, stored] = min(known, wanted)
    return found
