"""Everything that reached the pretend receivers: Slack, webhooks, SNS topics."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Message:
    """One message: ``channel`` is slack, webhook or sns, ``body`` what was sent."""

    at: datetime
    channel: str
    body: object
    topic: str = ""
    subject: str = ""


class Inbox:
    """The newest messages, in the order of arrival."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=_KEPT)
        self._lock = Lock()

    def add(self, message: Message) -> None:
        with self._lock:
            self._messages.append(message)

    def all(self, channel: str = "") -> list[Message]:
        """Every message, or those of one channel."""
        with self._lock:
            return [m for m in self._messages if not channel or m.channel == channel]

    def clear(self) -> None:
        with self._lock:
            self._messages.clear()
