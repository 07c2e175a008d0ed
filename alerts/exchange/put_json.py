"""JSON for ``aws cloudwatch put-metric-alarm --cli-input-json``, and answers of DescribeAlarms."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from alerts.exchange.found import Found
from app.model.alarm_parameters import parameters

_LISTS = ("MetricAlarms", "CompositeAlarms", "LogAlarms")


def written(alarms: Sequence[Mapping[str, Any]]) -> str:
    """One alarm as the object that the command takes, several as a list of them."""
    made = [parameters(alarm) for alarm in alarms]
    return json.dumps(made[0] if len(made) == 1 else made, indent=2, ensure_ascii=False) + "\n"


def fits(value: Any) -> bool:
    """Whether a file holds parameters of alarms, or an answer of DescribeAlarms."""
    if isinstance(value, list):
        return bool(value) and all(_named(each) for each in value)
    return _named(value) or (isinstance(value, Mapping) and any(name in value for name in _LISTS))


def read(value: Any) -> Found:
    """Every alarm of such a file."""
    if isinstance(value, Mapping) and not _named(value):
        value = [alarm for name in _LISTS for alarm in value.get(name) or ()]
    several = value if isinstance(value, list) else [value]
    return Found([parameters(alarm) for alarm in several])


def _named(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value.get("AlarmName"))
