"""Killed between the record and the message, and between the message and its note."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alerts.delivery import deliver
from alerts.notifiers import build
from app.config import NotificationSettings, Secret, StoreSettings, WebhookSettings
from app.model.alarms import DeliveryState
from app.store import open_store
from tests.support.notices import AT
from tests.support.receiver import Receiver

ROOT = Path(__file__).parents[3]

CHILD = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from tests.support.alarm_yard import NOON, Yard, alarm
from alerts.delivery import deliver
from alerts.notifiers import build
from app.config import NotificationSettings, Secret, WebhookSettings

folder, url, moment = sys.argv[1:]
yard = Yard(Path(folder))
yard.points("93.5", NOON)
yard.answered(NOON - timedelta(hours=1), NOON)
yard.engine(alarm()).tick(NOON)

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if moment == "recorded":
    die()
ledger = yard.store.ledger
ledger.settle = die
hook = WebhookSettings(type="webhook", url=Secret(url))
channels = build(NotificationSettings(channels={"ops": hook}), lambda *_: None)
deliver(ledger, channels, NOON)
"""


def killed(folder: Path, url: str, moment: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), url, moment],
        cwd=ROOT, env=environment, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def delivered_again(folder: Path, url: str) -> list[DeliveryState]:
    store = open_store(StoreSettings(path=folder), AT)
    hook = WebhookSettings(type="webhook", url=Secret(url))
    channels = build(NotificationSettings(channels={"ops": hook}), lambda *_: None)
    deliver(store.ledger, channels, AT)
    deliver(store.ledger, channels, AT)
    states = [delivery.state for delivery in store.ledger.deliveries()]
    store.close()
    return states


@pytest.mark.slow
def test_a_message_recorded_before_the_kill_is_sent_after_it(tmp_path: Path) -> None:
    with Receiver() as receiver:
        killed(tmp_path, receiver.url, "recorded")
        assert receiver.got == []
        assert delivered_again(tmp_path, receiver.url) == [DeliveryState.SENT]
        assert len(receiver.got) == 1


@pytest.mark.slow
def test_a_message_sent_but_not_noted_is_repeated_once_with_the_same_key(tmp_path: Path) -> None:
    with Receiver() as receiver:
        killed(tmp_path, receiver.url, "sent")
        assert len(receiver.got) == 1
        assert delivered_again(tmp_path, receiver.url) == [DeliveryState.SENT]
        keys = [json.loads(got.body)["key"] for got in receiver.got]
    assert len(keys) == 2
    assert keys[0] == keys[1]
