"""The documented JSON, and how it is signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace

from alerts.notifiers.webhook import Webhook, payload
from app.config import Secret
from app.model.states import AlarmState
from tests.support.notices import ALARM, OK, TEAM, notice
from tests.support.receiver import Receiver


def test_the_message_has_the_documented_form() -> None:
    told = payload(notice(ALARM))
    assert told.pop("key") == notice(ALARM).key
    assert told.pop("incident") == notice(OK).incident
    assert told.pop("reason").startswith("Threshold Crossed")
    assert told.pop("metric")["dimensions"] == {"ApiName": "orders"}
    assert told == {
        "schema": "watchdeck.alarm/1",
        "action": "trigger",
        "alarm": {
            "id": "111122223333/us-east-1/orders-5xx",
            "name": "orders-5xx",
            "description": None,
            "severity": "critical",
            "service": "apigateway",
            "resource": "arn:aws:apigateway:us-east-1::/restapis/orders",
            "url": "https://ops.example.com/alarm/111122223333/us-east-1/orders-5xx",
        },
        "account": {"id": "111122223333", "name": "blog-prod"},
        "region": "us-east-1",
        "at": "2026-01-01T12:00:00.401+0000",
        "old_state": "OK",
        "new_state": "ALARM",
        "contributor": None,
        "reason_data": dict(ALARM.reason_data),
        "value": 21.5,
        "threshold": 21.0,
        "comparison": "GreaterThanThreshold",
    }


def test_a_message_has_a_key_of_its_own_and_an_alarm_one_incident() -> None:
    assert notice(ALARM).key != notice(OK).key
    assert notice(ALARM).incident == notice(OK).incident
    assert notice(ALARM).incident != notice(ALARM, AlarmName="other").incident


def test_each_contributor_is_an_incident_of_its_own() -> None:
    assert notice(TEAM).incident != notice(ALARM).incident
    assert notice(TEAM).incident == notice(replace(TEAM, new=AlarmState.OK)).incident
    told = payload(notice(TEAM))["contributor"]
    assert told == {"id": "5f0c9d0f6a1c4c1d", "attributes": {"Team": "a"}}
    assert notice(TEAM).title.endswith("orders-5xx (Team=a)")


def test_a_message_is_signed_over_exactly_what_is_sent() -> None:
    with Receiver() as receiver:
        hook = Webhook("ops", Secret(receiver.url), {"Authorization": "Bearer t"}, Secret("key"))
        hook.send(hook.render([notice(ALARM)]))
    (got,) = receiver.got
    expected = hmac.new(b"key", got.body, hashlib.sha256).hexdigest()
    assert got.headers["X-Watchdeck-Signature"] == f"sha256={expected}"
    assert got.headers["Authorization"] == "Bearer t"
    assert got.headers["Idempotency-Key"] == json.loads(got.body)["key"]


def test_without_a_secret_there_is_no_signature() -> None:
    with Receiver() as receiver:
        hook = Webhook("ops", Secret(receiver.url), {})
        hook.send(hook.render([notice(ALARM)]))
    assert "X-Watchdeck-Signature" not in receiver.got[0].headers
