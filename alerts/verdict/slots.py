"""Which stretches of time an alarm looks at, oldest first.

A slot is named by its start. Sliding slots end at a base near now and are not aligned
to the clock: at 12:16 a 5-minute alarm looks at 12:01, 12:06 and 12:11.
"""

from __future__ import annotations

from alerts.verdict import zones
from alerts.verdict.rule import Rule, Source

HOUR = 3600
Slot = tuple[int, int]


def base(rule: Rule, now: float) -> int:
    """Where the newest slot of a sliding window ends, in epoch seconds.

    Alarms on a single metric of 10 seconds take a slot one tick late; recorded.
    """
    if rule.is_multi_day:
        return int(now // HOUR) * HOUR
    if rule.period >= 60:
        return int(now // 60) * 60
    end = int(now // 10) * 10
    return end - 10 if rule.period == 10 and rule.source is Source.METRIC else end


def slots(rule: Rule, now: float) -> list[Slot]:
    """The slots of the evaluation range as (start, end); the unfinished one is never in it."""
    if rule.time_zone is not None:
        return zones.completed(now, rule.period, rule.n, zones.zone(rule.time_zone))
    end = base(rule, now)
    starts = range(end - rule.range * rule.period, end, rule.period)
    return [(start, start + rule.period) for start in starts]


def every(rule: Rule) -> int:
    """How many seconds lie between two evaluations."""
    if rule.is_multi_day:
        return HOUR
    return 60 if rule.period >= 60 else 10
