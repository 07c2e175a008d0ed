"""As it is drawn and as it is sent, nothing claims that spending is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from alerts.budgets.definitions import definitions
from alerts.digest.compose import Sources, compose
from alerts.findings import FAMILIES
from alerts.message import Notice
from alerts.notifiers.console import Console
from alerts.notifiers.slack import Slack
from alerts.notifiers.sns import Sns
from alerts.notifiers.webhook import Webhook
from app.config import Secret, WebSettings
from app.model.budgets import Budget, Of, Source, Threshold
from app.model.states import AlarmState
from dashboards.mount import create_app
from dashboards.pages.spend_frame import TABS
from tests.dashboards.pages.bill import put_money
from tests.support.claims import claims
from tests.support.notices import ALARM, NAMES
from tests.support.shelf import HOME, NOW, Shelf, errors_alarm, function
from tests.support.spend import days
from tests.support.traces import trace_id
from tests.support.visitor import Visitor, addresses

FAILING = function("failing")
ADDRESSES = addresses(
    {
        "/services/<service>": "/services/lambda",
        "/resource/<path:arn>": f"/resource/{FAILING.arn}",
        "/alarm/<path:alarm>": f"/alarm/{errors_alarm(FAILING).id}",
        "/alarms/coverage/<service>": "/alarms/coverage/lambda",
        "/trace/<trace_id>": f"/trace/{trace_id(1)}",
    }
)

BUDGET = Budget(
    "blog",
    Source.OWN,
    Decimal(100),
    thresholds=(Threshold(Of.ACTUAL, 80), Threshold(Of.FORECAST, 100)),
)
OWN_CAP = "cap $50.00"
"""The line in the chart of Watchdeck's own calls, which does hold them."""
URL = Secret("https://example.com/")
CHANNELS = (
    Console("log"),
    Slack("team", URL),
    Sns("topic", "arn:aws:sns:eu-central-1:111111111111:topic", HOME.account, lambda *_: None),
    Webhook("hook", URL, {}),
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """A budget that is nearly spent, an allowance, a finding, and a bill."""
    made = Shelf(tmp_path_factory.mktemp("shelf"))
    made.resources(FAILING)
    made.alarm(errors_alarm(FAILING), AlarmState.ALARM, NOW - timedelta(minutes=12), [60, 60])
    put_money(made.store, made.lease)
    yield made
    made.close()


@pytest.fixture(scope="module")
def visitor(shelf: Shelf) -> Visitor:
    app = create_app(shelf.reads, settings=WebSettings(), now=lambda: NOW)
    return Visitor(app.server)


def said(found: Any) -> Iterator[str]:
    """Every text in an answer; the parts of a sentence that stands in several elements joined."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for each in found.values():
            yield from said(each)
    elif isinstance(found, list):
        yield " ".join(each for each in found if isinstance(each, str))
        for each in found:
            yield from said(each)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_claims_that_spending_is_stopped(visitor: Visitor, address: str) -> None:
    told = {text for text in said(visitor.visit(address)) if " " in text} - {OWN_CAP}
    assert told
    assert [claim for text in told for claim in claims(text)] == []


@pytest.mark.parametrize("address", [path for _, path in TABS])
def test_every_page_about_money_says_what_it_cannot_do(visitor: Visitor, address: str) -> None:
    assert any("it cannot stop AWS from charging." in text for text in said(visitor.visit(address)))


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_no_message_about_a_budget_claims_it(channel: Any) -> None:
    for alarm in definitions([BUDGET], HOME):
        reason = "Threshold Crossed: 1 datapoint [92.0] was greater than the threshold (80.0)."
        change = replace(ALARM, alarm=alarm.id, reason=reason)
        told = list(said(dict(channel.render([Notice.of(change, alarm, NAMES)]))))
        assert any("blog" in text for text in told)
        assert [claim for text in told for claim in claims(text)] == []


def test_no_digest_claims_it(shelf: Shelf) -> None:
    reads = shelf.reads
    sources = Sources(reads.spend, reads.costs, reads.budgets, reads.findings, reads.places)
    digest = compose(sources, days("2026-11-15", "2026-11-22"), 5, NOW)
    assert digest is not None
    assert digest.lines
    assert [claim for text in (digest.title, *digest.lines) for claim in claims(text)] == []


def test_no_check_claims_it() -> None:
    checks = [rule.check for family in FAMILIES for rule in family]
    assert checks
    told = [text for check in checks for text in (check.title, check.advice)]
    assert [claim for text in told for claim in claims(text)] == []
