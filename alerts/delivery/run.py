"""What the stages of one go share, and the notes they make."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.channel import Notifier
from alerts.message import Names, Notice
from app.model.alarms import AlarmDefinition, AlarmStatus, Delivery, DeliveryState, Silence
from app.store import Ledger

LIMIT = 1000
"""Unfinished deliveries that one go looks at, oldest first."""

_FAR = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Report:
    """How many messages of one go were sent, held back, put off, and given up."""

    sent: int
    held: int
    postponed: int
    failed: int


@dataclass(slots=True)
class Run:
    """One go of the delivery; ``unfinished`` also holds what is not due yet."""

    ledger: Ledger
    channels: Mapping[str, Notifier]
    now: datetime
    names: Names
    unfinished: Sequence[Delivery]
    definitions: Mapping[str, AlarmDefinition]
    statuses: Mapping[str, AlarmStatus]
    silences: Sequence[Silence]
    _counts: Counter[DeliveryState] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(
        cls, ledger: Ledger, channels: Mapping[str, Notifier], now: datetime, names: Names
    ) -> Run:
        unfinished = ledger.due(now + _FAR, LIMIT)
        wanted = bool(unfinished)
        return cls(
            ledger=ledger,
            channels=channels,
            now=now,
            names=names,
            unfinished=unfinished,
            definitions={d.id: d for d in ledger.definitions()} if wanted else {},
            statuses=ledger.statuses() if wanted else {},
            silences=ledger.silences(now) if wanted else [],
        )

    def notice(self, delivery: Delivery) -> Notice:
        change = delivery.transition
        notice = Notice.of(change, self.definitions.get(change.alarm), self.names)
        waited = delivery.state is DeliveryState.HELD and delivery.why.startswith("silenced")
        return replace(notice, after_mute=waited)

    def hold(self, delivery: Delivery, why: str, until: datetime) -> None:
        """Keep a message back and look again at ``until``."""
        self._settle(replace(delivery, state=DeliveryState.HELD, why=why, next_try=until))

    def drop(self, delivery: Delivery, why: str) -> None:
        """A message that is not sent any more."""
        self._settle(replace(delivery, state=DeliveryState.HELD, why=why, finished=self.now))

    def sent(self, delivery: Delivery) -> None:
        self._settle(
            replace(
                delivery,
                state=DeliveryState.SENT,
                attempts=delivery.attempts + 1,
                why="",
                finished=self.now,
            )
        )

    def postpone(self, delivery: Delivery, why: str, until: datetime, *, tried: bool) -> None:
        """Try again later."""
        attempts = delivery.attempts + (1 if tried else 0)
        pending = DeliveryState.PENDING
        self._settle(replace(delivery, state=pending, attempts=attempts, why=why, next_try=until))

    def give_up(self, delivery: Delivery, why: str, *, tried: bool = True) -> None:
        """A message that will never arrive; it stands on the record with the reason."""
        attempts = delivery.attempts + (1 if tried else 0)
        failed = DeliveryState.FAILED
        self._settle(replace(delivery, state=failed, attempts=attempts, why=why, finished=self.now))

    def report(self) -> Report:
        counts = self._counts
        return Report(
            sent=counts[DeliveryState.SENT],
            held=counts[DeliveryState.HELD],
            postponed=counts[DeliveryState.PENDING],
            failed=counts[DeliveryState.FAILED],
        )

    def _settle(self, delivery: Delivery) -> None:
        self.ledger.settle(delivery)
        with self._lock:
            self._counts[delivery.state] += 1
