"""What a notification channel is. Each kind is one file in ``alerts.notifiers``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from alerts.message import Notice

Message = Mapping[str, Any]
Publish = Callable[[str, str, str, str], None]
"""Publishes to an SNS topic: account (id or name), ARN of the topic, subject, message."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``burst`` messages at once, and then one every ``spacing``."""

    burst: int
    spacing: timedelta


class Notifier(Protocol):
    """Writes and sends messages for one channel.

    With ``together`` above 1, more notices than that in one go become a single
    message (a storm is one message); machines want each alone and say 1.
    """

    @property
    def rate(self) -> Rate: ...

    @property
    def together(self) -> int: ...

    def render(self, notices: Sequence[Notice]) -> Message:
        """The message; pure, the same for the same notices. One notice, or a roll-up."""
        ...

    def send(self, message: Message) -> None:
        """Deliver once; NotifyFailed when it did not arrive. Retrying is not its business."""
        ...
