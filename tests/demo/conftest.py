"""One pretend AWS for each test file, its clock standing at ten o'clock on a Tuesday."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.config import Config

from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.model.ids import Place

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PROD, STAGING = "111111111111", "222222222222"
EUROPE, AMERICA = "eu-central-1", "us-east-1"
HOME = Place(PROD, EUROPE)

Client = Callable[..., Any]


@pytest.fixture(scope="module")
def running() -> Iterator[Endpoint]:
    clock = Clock()
    clock.set(NOW)
    with start(clock=clock) as endpoint:
        yield endpoint


@pytest.fixture
def aws(running: Endpoint) -> Iterator[Endpoint]:
    running.clock.set(NOW)
    yield running
    running.faults.clear()
    running.counters.clear()
    running.inbox.clear()


@pytest.fixture
def client(aws: Endpoint) -> Client:
    """A real boto3 client of a service, for the key of an account."""

    def make(api: str, region: str = EUROPE, account: str = PROD, **credentials: str) -> Any:
        key = next(c for c in aws.credentials if c.account == account)
        given = {"aws_access_key_id": key.access_key, "aws_secret_access_key": key.secret}
        return boto3.client(
            api,
            region_name=region,
            endpoint_url=aws.url,
            config=Config(retries={"max_attempts": 0}),
            **(given | credentials),
        )

    return make
