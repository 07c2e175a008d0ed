"""Digests: when they are due, what they say, and that each goes out once."""

from __future__ import annotations

import json
import re
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
from app.model.time import Window
from app.read.books import Books
from app.read.budgets import BudgetsReader, ids_of
from app.read.findings import FindingsReader
from app.read.spend import SpendReader
from tests.support.shelf import HOME, Shelf
from tests.support.spend import Charge, days, fill, statements, steady

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
        pytest.param({"fortnightly": "monday"}, MONDAY, ["fortnightly"], id="each second week"),
        pytest.param({"fortnightly": "monday"}, MONDAY - 168 * HOUR, [], id="the other week"),
        pytest.param(
            {"fortnightly": "monday"}, MONDAY + 6 * 336 * HOUR, ["fortnightly"], id="next year"
        ),
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
    assert told.title == ("Spend of 15–21 Nov 2026: 58.80 USD, 20 % more than the week before")
    month, tight, *rest = told.lines
    assert re.match(r"November so far: 165\.20 USD; [\d.]+ expected by its end \([\d.]+ to", month)
    assert tight.startswith("Budget tight is exceeded: 165.20 of 100.00 USD spent (165.20 %), ")
    assert rest == [
        "1 of 2 budgets is in order",
        "• AmazonS3: 0.00 → 9.80 USD (+9.80, new)",
        "• AWSLambda: 14.00 → 7.00 USD (−7.00, −50 %)",
        "• AmazonEC2: 35.00 → 42.00 USD (+7.00, +20 %)",
        "1 finding on cost, 30.00 USD a month",
    ]


def test_a_fortnight_is_held_against_the_two_weeks_before_it(shelf: Shelf) -> None:
    """8 to 21 November: 7 days of 7.00 and 7 of 8.40 USD; before them 14 of 7.00."""
    billed(shelf)
    told = compose(sources(shelf), Due("fortnightly", MONDAY.date(), 14).window, 5, MONDAY)
    assert told is not None
    assert told.title == ("Spend of 8–21 Nov 2026: 107.80 USD, 10 % more than the two weeks before")
    assert "• AmazonS3: 0.00 → 9.80 USD (+9.80, new)" in told.lines


def test_a_day_is_held_against_that_of_a_week_before_and_noise_is_no_mover(shelf: Shelf) -> None:
    charges = [
        *steady(days("2026-11-01", "2026-11-21"), {"AmazonEC2": "5", "AWSLambda": "2"}),
        *steady(days("2026-11-21", "2026-11-22"), {"AmazonEC2": "5.05", "AWSLambda": "2"}),
    ]
    window = days("2026-11-01", "2026-11-22")
    fill(shelf.store, shelf.lease, statements(charges, window, MONDAY), MONDAY)
    told = compose(sources(shelf), Due("daily", MONDAY.date(), 1).window, 5, MONDAY)
    assert told is not None
    assert told.title == (
        "Spend of Sat 21 Nov 2026: 7.05 USD, 1 % more than the same day a week before"
    )
    assert told.lines[1] == "No service moved by 1 % of the bill or more"


def test_a_mover_tells_the_usage_type_that_moved_it(shelf: Shelf) -> None:
    """Traffic of the gateways from 1 to 3 USD a day, their hours as before; one price rises."""

    def gateways(usd: str, gb: float, rate: str) -> dict[str, tuple[str, float]]:
        return {"EUC1-NatGateway-Bytes": (usd, gb), "EUC1-NatGateway-Hours": (rate, 24.0)}

    def charges(window: Window, told: dict[str, tuple[str, float]]) -> list[Charge]:
        return [
            each
            for usage_type, (usd, quantity) in told.items()
            for each in steady(
                window, {"EC2 - Other": usd}, usage_type=usage_type, quantity=quantity
            )
        ]

    window = days("2026-11-01", "2026-11-23")
    early, late = days("2026-11-01", "2026-11-15"), days("2026-11-15", "2026-11-23")
    bill = [*charges(early, gateways("1", 20.0, "1")), *charges(late, gateways("3", 60.0, "1"))]
    fill(shelf.store, shelf.lease, statements(bill, window, MONDAY), MONDAY)
    told = compose(sources(shelf), WEEKLY.window, 5, MONDAY)
    assert told is not None
    assert told.lines[1] == (
        "• EC2 - Other: 14.00 → 28.00 USD (+14.00, +100 %), mostly more of NatGateway-Bytes"
    )
    bill = [*charges(early, gateways("1", 20.0, "1")), *charges(late, gateways("3", 20.0, "1"))]
    later = MONDAY + HOUR
    fill(shelf.store, shelf.lease, statements(bill, window, later), later)
    told = compose(sources(shelf), WEEKLY.window, 5, later)
    assert told is not None
    assert told.lines[1].endswith(", mostly another price of NatGateway-Bytes")


def test_a_digest_waits_for_the_bill_of_its_days(shelf: Shelf) -> None:
    assert compose(sources(shelf), WEEKLY.window, 5, MONDAY) is None
    window = days("2026-10-01", "2026-11-20")
    charges = steady(window, {"AmazonEC2": "5"})
    fill(shelf.store, shelf.lease, statements(charges, window, MONDAY), MONDAY)
    assert compose(sources(shelf), WEEKLY.window, 5, MONDAY) is None


def test_a_digest_waits_for_days_that_were_still_filling(shelf: Shelf) -> None:
    """The bill was last read at 05:00 of the 22nd, when most of the 21st was not told yet."""
    charges = steady(days("2026-10-01", "2026-11-21"), {"AmazonEC2": "10"})
    charges += steady(days("2026-11-21", "2026-11-22"), {"AmazonEC2": "1"})
    window = days("2026-10-01", "2026-11-22")
    read = MONDAY - 31 * HOUR
    fill(shelf.store, shelf.lease, statements(charges, window, read), MONDAY)
    for due_ in (WEEKLY, Due("daily", MONDAY.date(), 1)):
        assert compose(sources(shelf), due_.window, 5, MONDAY) is None


def test_a_digest_says_that_the_week_before_has_no_whole_bill(shelf: Shelf) -> None:
    window = days("2026-11-10", "2026-11-23")
    bill = statements(steady(window, {"AmazonEC2": "10"}), window, MONDAY)
    fill(shelf.store, shelf.lease, bill, MONDAY)
    told = compose(sources(shelf), WEEKLY.window, 5, MONDAY)
    assert told is not None
    assert told.title == "Spend of 15–21 Nov 2026: 70.00 USD"
    assert told.lines[1:] == ("Not compared: not every day of 8–14 Nov 2026 has a whole bill",)


def letter(shelf: Shelf) -> Notice:
    billed(shelf)
    told = compose(sources(shelf), WEEKLY.window, 5, MONDAY)
    assert told is not None
    put_on_record(WEEKLY, told, HOME, ["ops"], shelf.store.ledger, MONDAY)
    (change,) = shelf.store.ledger.transitions()
    return Notice.of(change, None, Names({HOME.account: "prod"}, "https://ops.example.com"))


def test_every_channel_writes_a_digest_as_lines_and_not_as_an_alarm(shelf: Shelf) -> None:
    notice = letter(shelf)
    title = "Spend of 15–21 Nov 2026: 58.80 USD, 20 % more than the week before"

    def nothing(*_: str) -> None: ...

    secret = Secret("https://hooks.example.com/x")
    posted = slack.make("s", SlackSettings(type="slack", webhook_url=secret), nothing).render(
        [notice]
    )
    assert posted["text"] == title
    assert "• AmazonS3: 0.00 → 9.80 USD (+9.80, new)" in json.dumps(posted, ensure_ascii=False)
    assert "https://ops.example.com/spend|" in json.dumps(posted)
    assert "<https://ops.example.com/spend/budgets|Budgets>" in json.dumps(posted)
    topic = "arn:aws:sns:eu-central-1:111111111111:t"
    published = sns.make("t", SnsSettings(type="sns", topic_arn=topic, account="a"), nothing)
    mail = published.render([notice])
    assert mail["subject"] == title.replace("–", "-")
    assert mail["message"].splitlines()[0] == title
    assert mail["message"].splitlines()[-1] == "Savings: https://ops.example.com/spend/savings"
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
