"""Alarms that stand in the account itself, as AWS describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.model.ids import Place
from app.model.states import AlarmState


@dataclass(frozen=True, slots=True)
class AccountAlarm:
    """One alarm of an account: its parameters, and how AWS says that it stands.

    ``since`` is StateTransitionedTimestamp, ``updated`` StateUpdatedTimestamp; ``seen`` is
    when AWS was asked, None until stored. ``evaluation_state`` is AWS's word, mostly empty.
    """

    place: Place
    put: Mapping[str, Any]
    state: AlarmState
    reason: str
    reason_data: Mapping[str, Any]
    since: datetime
    updated: datetime
    evaluation_state: str = ""
    seen: datetime | None = None

    @property
    def name(self) -> str:
        return str(self.put["AlarmName"])

    @property
    def id(self) -> str:
        """The id that the same alarm has here."""
        return f"{self.place.account}/{self.place.region}/{self.name}"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """AWS moved an alarm into ``state`` at ``at``, for ``reason``."""

    alarm: str
    at: datetime
    state: AlarmState
    reason: str
