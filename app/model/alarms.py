"""Alarms as plain values: definition, status, transition, delivery.

A definition has the shape of PutMetricAlarm and names the place that owns it.
A transition is stored before anybody is told, so a crash repeats a message
rather than losing one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.model.ids import Place
from app.model.states import AlarmState


class Severity(StrEnum):
    """How loud an alarm is; ours, CloudWatch has no such field."""

    CRITICAL = "critical"
    WARNING = "warning"


class AlarmKind(StrEnum):
    """What an alarm looks at, told by the parameters it is put with."""

    METRIC = "metric"
    METRICS = "metrics"
    LOG = "log"
    COMPOSITE = "composite"
    PROMQL = "promql"


class Origin(StrEnum):
    """Who asked for an alarm: settings, the catalogue, somebody on a page.

    ACCOUNT alarms stand in AWS; they are judged here as well, and tell nobody. Those of a
    BUDGET tell of each crossing once, and not of its end.
    """

    CONFIG = "config"
    RECOMMENDED = "recommended"
    PAGE = "page"
    ACCOUNT = "account"
    BUDGET = "budget"


_KINDS = {
    "AlarmRule": AlarmKind.COMPOSITE,
    "ScheduledQueryConfiguration": AlarmKind.LOG,
    "EvaluationCriteria": AlarmKind.PROMQL,
    "Metrics": AlarmKind.METRICS,
}


@dataclass(frozen=True, slots=True)
class AlarmDefinition:
    """One alarm. ``id`` is ``account/region/name`` and never changes.

    ``put`` holds the parameters of PutMetricAlarm, in AWS's spelling
    (AlarmName, Namespace, MetricName, Dimensions, Statistic, Period, ...).
    ``service`` and ``resource`` (an ARN) say what it watches, empty if unknown;
    ``channels`` names the notification channels that hear of it.
    """

    place: Place
    put: Mapping[str, Any]
    severity: Severity = Severity.CRITICAL
    origin: Origin = Origin.CONFIG
    service: str = ""
    resource: str = ""
    channels: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return str(self.put["AlarmName"])

    @property
    def id(self) -> str:
        return f"{self.place.account}/{self.place.region}/{self.name}"

    @property
    def kind(self) -> AlarmKind:
        """Told by the one parameter that only this kind has."""
        for key, kind in _KINDS.items():
            if self.put.get(key):
                return kind
        return AlarmKind.METRIC


@dataclass(frozen=True, slots=True)
class AlarmStatus:
    """What is known of an alarm now.

    ``updated`` changes with the state, the reason or the problem, ``since``
    only with the state (StateTransitionedTimestamp). ``problem`` says why the
    alarm could not be evaluated; the state then stands as it was.
    """

    alarm: str
    state: AlarmState
    reason: str
    reason_data: Mapping[str, Any]
    since: datetime
    updated: datetime
    problem: str = ""


ATTRIBUTES = "contributorAttributes"
"""Where a contributor's change keeps what it is grouped by."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state, with everything that a message needs. ``id`` is 0 until stored.

    With ``contributor`` it is one series of the alarm that changed, not the alarm; what it is
    grouped by stands in the reason data under :data:`ATTRIBUTES`.
    """

    alarm: str
    at: datetime
    old: AlarmState
    new: AlarmState
    reason: str
    reason_data: Mapping[str, Any]
    id: int = 0
    contributor: str = ""

    @property
    def attributes(self) -> Mapping[str, str]:
        """What the contributor that changed is grouped by."""
        return self.reason_data.get(ATTRIBUTES) or {} if self.contributor else {}


class DeliveryState(StrEnum):
    """Where a message to one channel stands."""

    PENDING = "pending"
    SENT = "sent"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One transition on its way to one channel. ``why`` explains HELD and FAILED."""

    id: int
    transition: Transition
    channel: str
    state: DeliveryState
    attempts: int
    next_try: datetime
    why: str = ""
    finished: datetime | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Mutes every alarm whose fields match, from ``start`` until ``end``.

    ``matchers`` maps a field (``alarm``, ``account``, ``region``, ``service``,
    ``resource``, ``severity``) to a glob.
    """

    id: int
    matchers: Mapping[str, str] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None
    author: str = ""
    comment: str = ""


class Choice(StrEnum):
    """What somebody chose for a recommended alarm; CONFIGURED leaves it to config.yaml."""

    ON = "on"
    OFF = "off"
    CONFIGURED = "configured"


@dataclass(frozen=True, slots=True)
class Switch:
    """Somebody's choice for one recommended alarm of one resource, made on a page.

    ``alarm`` is the id of the definition. None is ever changed or removed: the newest
    holds, the older ones tell who chose what, when and why. ``threshold`` takes the
    place of the catalogue's. ``id`` is 0 until stored.
    """

    alarm: str
    choice: Choice
    at: datetime
    author: str
    comment: str = ""
    threshold: float | None = None
    id: int = 0
