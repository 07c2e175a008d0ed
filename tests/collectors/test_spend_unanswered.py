"""A Cost Explorer that takes requests and gives no answer: AWS may bill each of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.aws import accounts
from app.config import SpendSettings, StoreSettings
from app.demo.clock import Clock
from app.store import open_store
from tests.collectors.spending import NOW, PROD, Spending
from tests.support.aws_wire import Reply, Request, aws_wire

MIDNIGHT = NOW.replace(hour=0, minute=5)


def hung_up(request: Request) -> Reply:
    return Reply(silent=True)


def broken_off(request: Request) -> Reply:
    return Reply(cut=0)


def never(request: Request) -> Reply:
    threading.Event().wait(0.5)
    return Reply(silent=True)


@pytest.mark.parametrize("answer", [hung_up, broken_off, never])
def test_without_answers_no_more_than_ten_requests_leave_in_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Callable[[Request], Reply]
) -> None:
    monkeypatch.setattr(accounts, "READ_TIMEOUT", 0.1)
    store = open_store(StoreSettings(path=tmp_path), MIDNIGHT)
    lease = store.acquire("test", MIDNIGHT, timedelta(days=2))
    assert lease is not None
    settings = SpendSettings(payers=[PROD], read=["forecast", "anomalies"], hour_utc=0)
    with aws_wire(answer) as wire:
        there: Any = SimpleNamespace(url=wire.url, clock=Clock())
        work = Spending(there, store, lease, settings, [PROD], MIDNIGHT)
        for quarter in range(95):
            work.at(MIDNIGHT + quarter * timedelta(minutes=15))
            for task in work.planned():
                work.round(task)
            if quarter % 20 == 19:
                work.restart()
        paid = [request for request in wire.requests if request.service == "ce"]
    store.close()
    assert len(paid) == 10
