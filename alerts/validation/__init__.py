"""What AWS would refuse about an alarm, in words close to AWS's so that users find them.

All problems are told at once. Nothing here asks AWS.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.validation import composite, log, metric
from alerts.validation.common import Alarm
from app.model.errors import OpsError


class InvalidAlarm(OpsError, ValueError):
    """An alarm that AWS would refuse; ``problems`` says everything that is wrong with it."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        super().__init__(f"alarm {name or '(unnamed)'}: {' '.join(problems)}")
        self.name, self.problems = name, tuple(problems)


def validate(alarm: Alarm) -> None:
    """Raise InvalidAlarm unless AWS would accept the alarm."""
    found = problems(alarm)
    if found:
        raise InvalidAlarm(str(alarm.get("AlarmName") or ""), found)


def problems(alarm: Alarm) -> list[str]:
    """Everything that would be refused; empty when the alarm is valid.

    ``alarm`` has the shape of PutMetricAlarm, or of PutCompositeAlarm (with AlarmRule) or
    PutLogAlarm (with ScheduledQueryConfiguration or QueryResultsToEvaluate). Samples of kind
    ``validate`` expect ``valid`` where this is empty, else ``error``.
    """
    if "AlarmRule" in alarm:
        return list(composite.problems(alarm))
    if any(name in alarm for name in ("ScheduledQueryConfiguration", "QueryResultsToEvaluate")):
        return list(log.problems(alarm))
    return list(metric.problems(alarm))


__all__ = ["InvalidAlarm", "problems", "validate"]
