"""A JSON message to any address; the schema is in the guide and only ever grows."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from alerts.channel import Message, Publish, Rate
from alerts.message import Letter, Notice, stamp
from alerts.outbound import post
from app.config import Secret, WebhookSettings

SCHEMA = "watchdeck.alarm/1"
LETTER = "watchdeck.digest/1"
SIGNATURE = "X-Watchdeck-Signature"

_RATE = Rate(burst=20, spacing=timedelta(milliseconds=200))


def make(name: str, settings: WebhookSettings, publish: Publish) -> Webhook:
    """A channel that posts to ``settings.url``."""
    del publish
    headers = {key: secret.reveal() for key, secret in settings.headers.items()}
    return Webhook(name, settings.url, headers, settings.secret)


@dataclass(frozen=True, slots=True, repr=False)
class Webhook:
    """Posts one message for each transition, signed where there is a secret."""

    name: str
    url: Secret
    headers: dict[str, str]
    secret: Secret | None = None
    rate: Rate = _RATE
    together: int = 1

    def render(self, notices: Sequence[Notice]) -> Message:
        (notice,) = notices
        return letter(notice, notice.letter) if notice.letter else payload(notice)

    def send(self, message: Message) -> None:
        body = orjson.dumps(message)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "watchdeck",
            "Idempotency-Key": str(message["key"]),
            **self.headers,
        }
        if self.secret is not None:
            headers[SIGNATURE] = signature(self.secret, body)
        post(self.url.reveal(), body, headers)


def signature(secret: Secret, body: bytes) -> str:
    """``sha256=`` and the HMAC of the body, so that the receiver knows who wrote it."""
    return f"sha256={hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()}"


def letter(notice: Notice, told: Letter) -> dict[str, Any]:
    """A digest as the documented JSON."""
    return {
        "schema": LETTER,
        "key": notice.key,
        "at": stamp(notice.transition.at),
        "title": told.title,
        "lines": list(told.lines),
        "url": notice.page or None,
        "data": dict(told.data),
    }


def payload(notice: Notice) -> dict[str, Any]:
    """One transition as the documented JSON."""
    change, alarm = notice.transition, notice.definition
    return {
        "schema": SCHEMA,
        "key": notice.key,
        "incident": notice.incident,
        "action": _ACTIONS[change.new],
        "alarm": {
            "id": change.alarm,
            "name": alarm.name,
            "description": alarm.put.get("AlarmDescription"),
            "severity": str(alarm.severity),
            "service": alarm.service or None,
            "resource": alarm.resource or None,
            "url": notice.page or None,
        },
        "account": {"id": alarm.place.account, "name": notice.account},
        "region": alarm.place.region,
        "at": stamp(change.at),
        "old_state": str(change.old),
        "new_state": str(change.new),
        "contributor": _contributor(notice),
        "reason": change.reason,
        "reason_data": dict(change.reason_data),
        "value": notice.value,
        "threshold": alarm.put.get("Threshold"),
        "comparison": alarm.put.get("ComparisonOperator"),
        "metric": {
            "namespace": alarm.put.get("Namespace"),
            "name": alarm.put.get("MetricName"),
            "dimensions": {d["Name"]: d["Value"] for d in alarm.put.get("Dimensions") or ()},
            "statistic": alarm.put.get("Statistic") or alarm.put.get("ExtendedStatistic"),
            "period": alarm.put.get("Period"),
            "console_url": notice.console or None,
        },
    }


def _contributor(notice: Notice) -> dict[str, Any] | None:
    change = notice.transition
    if not change.contributor:
        return None
    return {"id": change.contributor, "attributes": dict(change.attributes)}


_ACTIONS = {"ALARM": "trigger", "OK": "resolve", "INSUFFICIENT_DATA": "unknown"}
