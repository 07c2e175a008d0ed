"""moto's server on a free port, with our own way to AWS and plain clients to fill it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import boto3
import urllib3
from moto.server import ThreadedMotoServer

from app.aws import Aws, Meter
from app.config import AccountSettings, Secret
from app.model.ids import Place

ACCOUNT, REGION = "123456789012", "eu-central-1"
PLACE = Place(ACCOUNT, REGION)


@dataclass(frozen=True)
class MotoAws:
    """A server to fill with ``client`` and to read through :meth:`aws`."""

    url: str

    def client(self, api: str, region: str = REGION) -> Any:
        """A plain boto3 client that makes resources."""
        return _client(self.url, api, region)

    def aws(self, *regions: str) -> Aws:
        """Our own door to the server."""
        settings = AccountSettings(
            id=ACCOUNT,
            name="moto",
            regions=list(regions or (REGION,)),
            access_key_id="AKIDEXAMPLE",
            secret_access_key=Secret("made-up"),
            endpoint=self.url,
        )
        return Aws([settings], meter=Meter(Decimal(50), now=_noon), now=_noon, sleep=lambda _: None)

    def reset(self) -> None:
        """Forget every resource."""
        urllib3.request("POST", f"{self.url}/moto-api/reset")


@cache
def _client(url: str, api: str, region: str) -> Any:
    return boto3.client(
        api,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="made-up",
    )


def _noon() -> datetime:
    return datetime(2026, 11, 24, 12, tzinfo=UTC)


@contextmanager
def moto_server() -> Iterator[MotoAws]:
    """A server that ends with the block."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield MotoAws(f"http://{host}:{port}")
    finally:
        server.stop()
