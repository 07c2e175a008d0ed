"""What a trap is told of an alarm, and what it says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from alerts.verdict import Rule


class Weight(StrEnum):
    """How bad it is: the alarm does not work, misleads, or could be better."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Finding:
    """One trap that an alarm stands in: what happens, what to do.

    ``change`` holds fields of PutMetricAlarm that mend it, where that is all it takes.
    """

    trap: str
    weight: Weight
    says: str
    fix: str
    change: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store knows of the metric that an alarm watches, over the last days.

    ``days`` is how far back points go, ``share`` how many of the alarm's slots have one,
    ``samples`` the median number of samples in those, ``lowest`` and ``highest`` the range of
    the statistic. ``own_period`` is how often AWS publishes, None where nobody knows.
    ``known`` is false while the store has no such series at all.
    """

    known: bool = True
    days: float = 0.0
    share: float = 0.0
    samples: float = 0.0
    lowest: float | None = None
    highest: float | None = None
    own_period: int | None = None
    unit: str = ""
    statistics: tuple[str, ...] = ()
    absent_is_zero: bool = False
    dimension_sets: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One alarm with everything around it.

    ``rule`` is None for composites; ``facts`` None where the store was not asked.
    ``told`` says whether anybody hears of it. ``others`` maps the names of all
    alarms of its place to their parameters, ``parents`` names the composites over it.
    ``pages_per_week`` comes from a rehearsal.
    """

    put: Mapping[str, Any]
    rule: Rule | None = None
    facts: Facts | None = None
    told: bool = True
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    pages_per_week: float | None = None

    @property
    def name(self) -> str:
        return str(self.put.get("AlarmName") or "")

    @property
    def namespace(self) -> str:
        return str(self.put.get("Namespace") or "")
