"""What collectors ask: one pretend AWS for each file of tests, who reads traces, moto's server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.config import StoreSettings
from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.store import Store, open_store
from tests.collectors.log_working import NOW
from tests.collectors.trace_working import Make, TraceWork
from tests.support.moto_aws import MotoAws, moto_server


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with start(clock=Clock(lambda: NOW), wait=False) as found:
        yield found


@pytest.fixture
def make(endpoint: Endpoint, tmp_path: Path) -> Iterator[Make]:
    opened: list[Store] = []

    def make(**settings: Any) -> TraceWork:
        endpoint.faults.clear()
        endpoint.counters.clear()
        endpoint.clock.set(NOW)
        store = open_store(StoreSettings(path=tmp_path / str(len(opened))), NOW)
        opened.append(store)
        lease = store.acquire("test", NOW, timedelta(days=30))
        assert lease is not None
        return TraceWork(endpoint, store, lease, settings)

    yield make
    for store in opened:
        store.close()


@pytest.fixture(scope="module")
def server() -> Iterator[MotoAws]:
    with moto_server() as moto:
        yield moto


@pytest.fixture
def moto(server: MotoAws) -> Iterator[MotoAws]:
    yield server
    server.reset()
