"""What the collectors of logs ask: one pretend AWS for each file of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from tests.collectors.log_working import NOW


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with start(clock=Clock(lambda: NOW), wait=False) as found:
        yield found
