"""States of alarms and of health, in the words of CloudWatch and of the pages."""

from __future__ import annotations

from enum import StrEnum


class AlarmState(StrEnum):
    """StateValue of a CloudWatch alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Health(StrEnum):
    """What a page says of a service or resource, in order of weight."""

    CRITICAL = "critical"
    WARNING = "warning"
    COULD_NOT_ASK = "could_not_ask"
    NO_DATA = "no_data"
    SILENCED = "silenced"
    OK = "ok"

    @property
    def weight(self) -> int:
        """0 for the worst; sort by it to put trouble first."""
        return _WEIGHTS[self]


_WEIGHTS = {health: weight for weight, health in enumerate(Health)}
