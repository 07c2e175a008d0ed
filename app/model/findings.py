"""Findings: what a check says about one resource, with evidence and an amount a month.

A finding stands until the check no longer makes it. A waiver hides it for a reason and a
time, and removes nothing. "Could not look" is a status of its own, never a clean result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from app.model.ids import Place


class FindingKind(StrEnum):
    """What a finding is about."""

    COST = "cost"
    SECURITY = "security"
    RELIABILITY = "reliability"
    OBSERVABILITY = "observability"
    PERFORMANCE = "performance"


class FindingSeverity(StrEnum):
    """How soon somebody should act: now, today, this sprint, for hygiene, or as advice only."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def weight(self) -> int:
        """0 for the most severe."""
        return list(FindingSeverity).index(self)


class FindingStatus(StrEnum):
    """What a check says about one resource; ERROR means that it could not look."""

    OK = "ok"
    ALARM = "alarm"
    SKIP = "skip"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What one unit costs, who said so and of what date: ``0.08 USD a GB-month of gp3``."""

    what: str
    usd: Decimal
    unit: str
    source: str
    at: date


@dataclass(frozen=True, slots=True)
class Check:
    """One rule. ``advice`` is what to do, in one sentence; ``service`` a catalogue id or ""."""

    id: str
    title: str
    kind: FindingKind
    severity: FindingSeverity
    advice: str
    service: str = ""


OF_BILL = "/bill/"
"""Between the account and the name of a part of its bill, where that is what was found."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A check's word on one resource.

    ``resource`` is an ARN, or the account's id where the whole account is meant. ``usd`` is
    what it costs a month, None where there is no price; ``prices`` say where it comes from.
    """

    check: str
    place: Place
    resource: str
    name: str
    reason: str
    severity: FindingSeverity
    status: FindingStatus = FindingStatus.ALARM
    evidence: Mapping[str, Any] = field(default_factory=dict)
    usd: Decimal | None = None
    prices: tuple[UnitPrice, ...] = ()
    first_seen: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.check}|{self.resource}"

    @property
    def is_of_bill(self) -> bool:
        """Whether it is about a whole part of the bill, which other findings may be parts of."""
        return self.resource.startswith(f"{self.place.account}{OF_BILL}")


@dataclass(frozen=True, slots=True)
class CheckRun:
    """The last run of one check in one place: how many resources came out how.

    ``message`` says why the check could not look at all; what stood before then stays.
    """

    check: Check
    place: Place
    at: datetime
    ok: int = 0
    alarm: int = 0
    skip: int = 0
    error: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody's reason to live with findings until ``expires``.

    ``check`` and ``resource`` are globs (the ARN or the name). None is ever changed but by
    its early end. ``id`` is 0 until stored, and for waivers from the settings.
    """

    check: str
    resource: str
    reason: str
    author: str
    at: datetime | None
    expires: datetime
    id: int = 0

    def covers(self, finding: Finding, now: datetime) -> bool:
        """Whether the finding is waived now."""
        if now >= self.expires or not fnmatchcase(finding.check, self.check):
            return False
        return any(fnmatchcase(text, self.resource) for text in (finding.resource, finding.name))


def waiver_of(finding: Finding, waivers: Sequence[Waiver], now: datetime) -> Waiver | None:
    """The waiver that covers a finding the longest, None for none."""
    covering = (each for each in waivers if each.covers(finding, now))
    return max(covering, key=lambda each: each.expires, default=None)
