"""What alarms need to be read, and how often.

A basic statistic is read at the metric's own period, from which longer ones are
added up. A percentile cannot be added up, so it is asked at the alarm's period.
Each read is billed, so a series is read when a new slot can be complete for the
most impatient alarm on it, and not before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.aws import MetricQuery
from app.model.alarms import AlarmDefinition
from app.model.groups import alarmed_group
from app.model.ids import Place, SeriesKey
from app.model.watching import MINUTE, PLAIN, Input, inputs, paces
from collectors.metric_frames import BASIC
from collectors.metric_series import Cohort, SeriesBook

LONGEST_LOOK_BACK = timedelta(days=1)

OURS = "Watchdeck/"
"""Namespaces of series that are made here, of the bill and of logs; CloudWatch knows none."""

_Need = tuple[SeriesKey, int]
"""A series, and the period at which AWS is asked for it."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Everything that the alarms of one namespace look at in one place at one pace.

    The cohort's group names exactly this set of queries: another set has coverage of its own.
    """

    namespace: str
    pace: int
    cohort: Cohort
    look_back: timedelta

    @property
    def group(self) -> str:
        """The group of the rounds and of what is known of all alarms of this pace."""
        return alarmed_group(self.namespace, self.pace)


Made = Callable[[Input], bool]
"""Whether something is made of log events here, and must not be read from CloudWatch as well."""

Seen = Mapping[str, Sequence[Watched]]
"""What is watched in a place, by namespace."""


def nothing(_: Input) -> bool:
    """Everything that alarms look at is read from CloudWatch."""
    return False


def watched(
    alarms: Sequence[AlarmDefinition], place: Place, book: SeriesBook, made: Made = nothing
) -> Seen:
    """What alarms of ``place`` need, by namespace, the most impatient first."""
    own = [alarm for alarm in alarms if alarm.place == place]
    wanted: dict[_Need, set[str]] = {}
    look_back: dict[_Need, timedelta] = {}
    for alarm in own:
        for each in inputs(alarm):
            if made(each) or each.key.namespace.startswith(OURS):
                continue
            need = (each.key, each.stored(book.period(each.key.namespace, each.key.metric)))
            wanted.setdefault(need, set()).add(each.statistic)
            far = timedelta(seconds=each.period * _slots(alarm, each.period))
            look_back[need] = max(look_back.get(need, timedelta()), far)
    together: dict[tuple[str, int], list[_Need]] = {}
    for need, pace in paces(own, book.period).items():
        if need in wanted:
            together.setdefault((need[0].namespace, pace), []).append(need)
    found: dict[str, list[Watched]] = {}
    for (namespace, pace), needs in sorted(together.items()):
        far = min(max(look_back[need] for need in needs), LONGEST_LOOK_BACK)
        cohort = _cohort(alarmed_group(namespace, pace), {need: wanted[need] for need in needs})
        found.setdefault(namespace, []).append(Watched(namespace, pace, cohort, far))
    return found


def series_of(seen: Sequence[Watched]) -> frozenset[SeriesKey]:
    """All series that are watched."""
    return frozenset(query.series for each in seen for query in each.cohort.queries)


def _cohort(group: str, needs: Mapping[_Need, set[str]]) -> Cohort:
    queries = [
        MetricQuery(key, period, _statistics(statistics))
        for (key, period), statistics in sorted(needs.items())
    ]
    written = repr([(q.series.digest(), q.period, q.statistics) for q in queries])
    mark = hashlib.blake2b(written.encode(), digest_size=6).hexdigest()
    return Cohort.of(f"{group}/{mark}", queries)


def _statistics(wanted: set[str]) -> tuple[str, ...]:
    basic = BASIC if wanted & PLAIN else ()
    return basic + tuple(sorted(wanted - PLAIN))


def _slots(alarm: AlarmDefinition, period: int) -> int:
    """How many periods the evaluation of an alarm looks at, late data included."""
    periods = int(alarm.put.get("EvaluationPeriods", 1))
    return periods + (MINUTE // period if period < MINUTE else max(2, periods // 3))
