"""PutLogAlarm: a Logs Insights query on a schedule, with a threshold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from alerts.validation.common import (
    Alarm,
    common,
    is_whole,
    m_of_n,
    threshold,
    treatment,
    warm_up,
)
from alerts.verdict.rule import Operator

MOST_RESULTS, _MONTH = 100, 2_592_000
_RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
_NAME = r"[@A-Za-z_][\w.@-]*|`[^`]+`"
_AGGREGATION = re.compile(
    rf"\s*(?P<function>count|avg|sum|min|max)\(\s*(?P<field>\*|{_NAME})\s*\)"
    rf"(?:\s+by\s+(?P<by>(?:{_NAME})(?:\s*,\s*(?:{_NAME}))*))?"
    r"(?:\s*\|\s*sort\s+(?P<sort>asc|desc))?\s*",
    re.IGNORECASE,
)


def problems(alarm: Alarm) -> Iterator[str]:
    """Everything that PutLogAlarm would refuse."""
    yield from common(alarm)
    yield from treatment(alarm)
    yield from m_of_n(alarm, "QueryResultsToEvaluate", "QueryResultsToAlarm", MOST_RESULTS)
    if alarm.get("QueryResultsToAlarm") is None:
        yield "QueryResultsToAlarm must not be null."
    operator = alarm.get("ComparisonOperator")
    if operator not in tuple(Operator) or Operator(operator).is_band:
        yield f"Value '{operator}' at 'comparisonOperator' does not go with a log alarm."
    yield from threshold(alarm)
    lines = alarm.get("ActionLogLineCount", 0)
    if not is_whole(lines) or not 0 <= lines <= 50:
        yield "ActionLogLineCount must be between 0 and 50."
    elif lines and not alarm.get("ActionLogLineRoleArn"):
        yield "ActionLogLineRoleArn must be set with ActionLogLineCount."
    yield from warm_up(alarm)
    yield from _query(alarm.get("ScheduledQueryConfiguration") or {})


def rate(expression: str) -> int | None:
    """Seconds between two runs of ``rate(5 minutes)``; None for anything else."""
    found = _RATE.fullmatch(expression.strip())
    if found is None or int(found[1]) < 1:
        return None
    return int(found[1]) * _SECONDS[found[2].rstrip("s")]


def aggregation(expression: str) -> Mapping[str, str | None] | None:
    """The parts of ``avg(f) by g | sort desc``: function, field, by, sort; None if it is none."""
    found = _AGGREGATION.fullmatch(expression)
    if found is None or (found["field"] == "*" and found["function"].lower() != "count"):
        return None
    return found.groupdict()


def _query(written: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= len(written.get("QueryString") or "") <= 10_000:
        yield "ScheduledQueryConfiguration: QueryString must have a length between 1 and 10000."
    if not written.get("ScheduledQueryRoleARN"):
        yield "ScheduledQueryConfiguration: ScheduledQueryRoleARN must not be null."
    if not 1 <= len(written.get("LogGroupIdentifiers") or ()) <= 50:
        yield "ScheduledQueryConfiguration: LogGroupIdentifiers must name 1 to 50 log groups."
    yield from _expression(str(written.get("AggregationExpression") or ""))
    schedule = written.get("ScheduleConfiguration") or {}
    if rate(str(schedule.get("ScheduleExpression") or "")) is None:
        yield "ScheduleConfiguration: ScheduleExpression must be a rate, as in rate(5 minutes)."
    start, end = schedule.get("StartTimeOffset"), schedule.get("EndTimeOffset", 0)
    if not is_whole(start) or not 1 <= start <= _MONTH:
        yield f"ScheduleConfiguration: StartTimeOffset must be between 1 and {_MONTH} seconds."
    elif not is_whole(end) or not 0 <= end < start:
        yield "ScheduleConfiguration: EndTimeOffset must be less than StartTimeOffset."


def _expression(text: str) -> Iterator[str]:
    parts = aggregation(text)
    if not 1 <= len(text) <= 2048:
        yield "AggregationExpression must have a length between 1 and 2048."
    elif parts is None:
        yield (
            "AggregationExpression must be count(*) or avg, sum, min or max of a field, with up to "
            "5 fields after `by` and `| sort asc` or `| sort desc`."
        )
    elif len((parts["by"] or "").split(",")) > 5:
        yield "AggregationExpression must name at most 5 fields after `by`."
