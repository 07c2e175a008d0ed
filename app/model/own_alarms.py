"""Alarms that people write on a page, version by version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.model.alarms import Severity
from app.model.ids import Place


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one alarm: what it was, who wrote it, when and why.

    ``put`` None says that the alarm was removed. None is ever changed: the newest
    holds, the older ones are the audit. ``id`` is 0 until stored.
    """

    alarm: str
    put: Mapping[str, Any] | None
    at: datetime
    author: str
    comment: str = ""
    severity: Severity = Severity.CRITICAL
    channels: tuple[str, ...] = ()
    id: int = 0

    @property
    def place(self) -> Place:
        account, region, _ = self.alarm.split("/", 2)
        return Place(account, region)
