"""No page asks AWS anything, so none costs anything: the pretend AWS counts every request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest
from dash import Input, Output, html

from app.catalogue import load_catalogue
from app.config import WebSettings
from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.read import Reads
from app.store import open_store
from dashboards import ids
from dashboards.mount import all_pages, create_app
from tests.browser.test_pages import ALARM, FUNCTION
from tests.support.demo_store import NOW, settings_for
from tests.support.traces import trace_id
from tests.support.visitor import Visitor, addresses

OF_ONE = {
    "/services/<service>": "/services/lambda",
    "/resource/<path:arn>": f"/resource/{FUNCTION}",
    "/alarm/<path:alarm>": f"/alarm/{ALARM}",
    "/alarms/coverage/<service>": "/alarms/coverage/lambda",
    "/trace/<trace_id>": f"/trace/{trace_id(1)}",
}
"""An address for each page that is about one thing."""
DEEPER = (
    "/explore?namespace=AWS/Lambda",
    "/explore?namespace=AWS/Lambda&metric=Errors",
    "/logs?group=/api",
    "/spend/explorer?by=LINKED_ACCOUNT&then=SERVICE&period=14m",
    "/spend/explorer?where=SERVICE%3DAWS%2520Lambda&by=USAGE_TYPE",
)
ADDRESSES = (*addresses(OF_ONE), *DEEPER)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    clock = Clock()
    clock.set(NOW)
    with start(clock=clock, wait=False) as found:
        yield found


@pytest.fixture(scope="module")
def visitor(filled: Path, endpoint: Endpoint) -> Iterator[Visitor]:
    with visiting(filled, endpoint, all_pages()) as found:
        yield found


@contextmanager
def visiting(folder: Path, endpoint: Endpoint, pages: Sequence[ModuleType]) -> Iterator[Visitor]:
    """Pages as the web process serves them; its settings name the endpoint as AWS."""
    settings = settings_for(endpoint.url, folder)
    store = open_store(settings.store, NOW, writer=False)
    reads = Reads(store, load_catalogue(), settings)
    app = create_app(reads, settings=WebSettings(), now=lambda: NOW, pages=pages)
    yield Visitor(app.server)
    store.close()


def asked(endpoint: Endpoint) -> int:
    """Every request so far, also those that were refused."""
    return sum(each.calls + each.refused for each in endpoint.counters.entries())


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_and_its_buttons_ask_aws_nothing(
    visitor: Visitor, endpoint: Endpoint, address: str
) -> None:
    before = asked(endpoint)
    assert len(visitor.visit(address)) > 1
    assert asked(endpoint) == before


def test_a_page_that_asked_cost_explorer_would_be_seen(filled: Path, endpoint: Endpoint) -> None:
    before = asked(endpoint)
    with visiting(filled, endpoint, [asking(endpoint)]) as visitor:
        visitor.visit("/asking")
    assert asked(endpoint) == before + 1


def asking(endpoint: Endpoint) -> Any:
    """A page as there must be none."""

    def register(app: Any, *_: Any) -> None:
        @app.callback(Output("amount", "children"), Input(ids.TICK, "data"))
        def ask(_: int) -> str:
            keys = endpoint.credentials[0]
            client = boto3.client(
                "ce",
                region_name="us-east-1",
                endpoint_url=endpoint.url,
                aws_access_key_id=keys.access_key,
                aws_secret_access_key=keys.secret,
            )
            days = {"Start": "2026-11-01", "End": "2026-11-02"}
            return str(
                client.get_cost_and_usage(
                    TimePeriod=days, Granularity="DAILY", Metrics=["UnblendedCost"]
                )
            )

    return SimpleNamespace(
        PATH="/asking",
        TITLE="Asking",
        layout=lambda: html.Div(html.P(id="amount"), className="page"),
        register=register,
    )
