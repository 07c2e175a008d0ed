"""Digests: when they are due, what they say, and that each goes out once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.delivery import deliver
from alerts.digest import Due, Sources, compose, due, put_on_record
from alerts.message import Names, Notice
from alerts.notifiers import console, slack, sns, webhook
from app.config import BudgetSettings, DigestSettings, MoneySettings, Secret
from app.config.notifications import ConsoleSettings, SlackSettings, SnsSettings, WebhookSettings
from app.model.alarms import DeliveryState
from app.model.findings import Check, CheckRun, Finding, FindingKind, FindingSeverity
from app.read.books import Books
from app.read.budgets import BudgetsReader, ids_of
from app.read.findings import FindingsReader
from app.read.spend import SpendReader
from tests.support.shelf import HOME, Shelf
from tests.support.spend import days, fill, statements, steady

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEKLY = Due("weekly", MONDAY.date(), 7)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path, MONDAY)
    yield made
    made.close()


def sources(shelf: Shelf, *budgets: BudgetSettings) -> Sources:
    books, spend = Books(shelf.store, shelf.catalogue), SpendReader(shelf.store)
    settings = MoneySettings(budgets=list(budgets))
    reader = BudgetsReader(books, settings, ids_of(shelf.settings.accounts), HOME)
    return Sources(spend, reader.costs, reader, FindingsReader(books), [HOME])


def billed(shelf: Shelf) -> None:
    """7 USD a day, then 8.40 from the 15th on, with S3 new."""
    before = steady(days("2026-10-01", "2026-11-15"), {"AmazonEC2": "5", "AWSLambda": "2"})
    after = steady(
        days("2026-11-15", "2026-11-23"), {"AmazonEC2": "6", "AWSLambda": "1", "AmazonS3": "1.4"}
    )
    window = days("2026-10-01", "2026-11-23")
    fill(shelf.store, shelf.lease, statements([*before, *after], window, MONDAY), MONDAY)


@pytest.mark.parametrize(
    ("settings", "now", "expected"),
    [
        pytest.param({}, MONDAY, [], id="nothing is wanted"),
        pytest.param({"weekly": "monday"}, MONDAY, ["weekly"], id="on its day"),
        pytest.param({"weekly": "tuesday"}, MONDAY, [], id="on another day"),
        pytest.param({"daily": True}, MONDAY, ["daily"], id="each day"),
        pytest.param({"daily": True, "hour_utc": 13}, MONDAY, [], id="an hour too early, 23 late"),
        pytest.param({"daily": True}, MONDAY + 11 * HOUR, ["daily"], id="late, but not too late"),
        pytest.param({"daily": True}, MONDAY + 12 * HOUR, [], id="too late"),
    ],
)
def test_when_a_digest_is_due(
    shelf: Shelf, settings: dict[str, object], now: datetime, expected: list[str]
) -> None:
    wanted = DigestSettings.model_validate(settings)
    assert [each.kind for each in due(wanted, HOME, shelf.store.ledger, now)] == expected


def test_a_digest_that_is_on_record_is_not_due_again(shelf: Shelf) -> None:
    billed(shelf)
    told = compose(sources(shelf), WEEKLY.window, 5, MONDAY)
    assert told is not None
    put_on_record(WEEKLY, told, HOME, ["ops"], shelf.store.ledger, MONDAY)
    weekly = DigestSettings(weekly="monday")
    assert due(weekly, HOME, shelf.store.ledger, MONDAY + HOUR) == []
    later = due(weekly, HOME, shelf.store.ledger, MONDAY + timedelta(days=7))
    assert [each.day.isoformat() for each in later] == ["2026-11-30"]


def test_a_weekly_digest_tells_the_last_seven_whole_days(shelf: Shelf) -> None:
    billed(shelf)
    check = Check("EC2-01", "Idle", FindingKind.COST, FindingSeverity.MEDIUM, "Stop it.")
    found = Finding("EC2-01", HOME, "arn", "web", "", check.severity, usd=Decimal("30.00"))
    shelf.store.findings.replace([CheckRun(check, HOME, MONDAY, alarm=1)], [found], MONDAY)
    asked = sources(
        shelf,
        BudgetSettings(name="tight", usd=Decimal(100)),
        BudgetSettings(name="wide", usd=Decimal(900)),
    )
    told = compose(asked, WEEKLY.window, 5, MONDAY)
    assert told is not None
    assert told.title == (
        "Spend of 2026-11-15 to 2026-11-21: 58.80 USD, 20 % more than the week before"
    )
    month, *rest = told.lines
    assert month.startswith("This month so far: 165.20 USD; ")
    assert rest[:3] == [
        "AmazonS3: 0.00 → 9.80 USD (+9.80)",
        "AWSLambda: 14.00 → 7.00 USD (−7.00, −50 %)",
        "AmazonEC2: 35.00 → 42.00 USD (+7.00, +20 %)",
    ]
    assert rest[3].startswith("Budget tight: 165.20 of 100.00 USD spent (165.20 %), ")
    assert rest[4:] == [
        "1 of 2 budgets are in order",
        "1 finding on cost, 30.00 USD a month",
    ]


def test_a_digest_waits_for_the_bill_of_its_days(shelf: Shelf) -> None:
    assert compose(sources(shelf), WEEKLY.window, 5, MONDAY) is None
    window = days("2026-10-01", "2026-11-20")
    charges = steady(window, {"AmazonEC2": "5"})
    fill(shelf.store, shelf.lease, statements(charges, window, MONDAY), MONDAY)
    assert compose(sources(shelf), WEEKLY.window, 5, MONDAY) is None


def letter(shelf: Shelf) -> Notice:
    billed(shelf)
    told = compose(sources(shelf), WEEKLY.window, 5, MONDAY)
    assert told is not None
    put_on_record(WEEKLY, told, HOME, ["ops"], shelf.store.ledger, MONDAY)
    (change,) = shelf.store.ledger.transitions()
    return Notice.of(change, None, Names({HOME.account: "prod"}, "https://ops.example.com"))


def test_every_channel_writes_a_digest_as_lines_and_not_as_an_alarm(shelf: Shelf) -> None:
    notice = letter(shelf)
    title = "Spend of 2026-11-15 to 2026-11-21: 58.80 USD, 20 % more than the week before"

    def nothing(*_: str) -> None: ...

    secret = Secret("https://hooks.example.com/x")
    posted = slack.make("s", SlackSettings(type="slack", webhook_url=secret), nothing).render(
        [notice]
    )
    assert posted["text"] == title
    assert "AmazonS3: 0.00 → 9.80 USD (+9.80)" in json.dumps(posted, ensure_ascii=False)
    assert "https://ops.example.com/spend|" in json.dumps(posted)
    topic = "arn:aws:sns:eu-central-1:111111111111:t"
    published = sns.make("t", SnsSettings(type="sns", topic_arn=topic, account="a"), nothing)
    mail = published.render([notice])
    assert mail["subject"] == title
    assert mail["message"].splitlines()[0] == title
    sent = webhook.make("w", WebhookSettings(type="webhook", url=secret), nothing).render([notice])
    assert (sent["schema"], sent["title"], sent["data"]["usd"]) == (
        "watchdeck.digest/1", title, "58.80",
    )  # fmt: skip
    line = console.make("c", ConsoleSettings(type="console"), nothing).render([notice])
    assert line["event"] == title


def test_a_digest_is_delivered_once_like_any_message(shelf: Shelf) -> None:
    letter(shelf)
    ledger = shelf.store.ledger
    channel = console.make("ops", ConsoleSettings(type="console"), lambda *_: None)
    first = deliver(ledger, {"ops": channel}, MONDAY)
    again = deliver(ledger, {"ops": channel}, MONDAY + HOUR)
    assert (first.sent, again.sent) == (1, 0)
    assert [d.state for d in ledger.deliveries()] == [DeliveryState.SENT]
