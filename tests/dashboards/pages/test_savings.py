"""Findings by amount, their evidence with the price's source, and waivers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from plotly.utils import PlotlyJSONEncoder

from app.model.findings import (
    OF_BILL,
    Check,
    CheckRun,
    Finding,
    FindingKind,
    FindingSeverity,
    FindingStatus,
    UnitPrice,
)
from dashboards.pages import advice, savings, waiving
from dashboards.parts import Seen
from tests.support.components import text, with_class
from tests.support.shelf import HOME, NOW, Shelf

IDLE = Check("EC2-01", "Idle instance", FindingKind.COST, FindingSeverity.MEDIUM, "Stop it.", "ec2")
OPEN = Check("NET-01", "Open", FindingKind.SECURITY, FindingSeverity.HIGH, "Close it.", "ec2")
PRICE = UnitPrice(
    "t3.large", Decimal("0.0960"), "hour", "learned from the bill", date(2026, 11, 20)
)
ARN = "arn:aws:ec2:eu-central-1:111111111111:instance/i-1"
TILES, STANDING, WAIVED, BLIND = 0, 1, 6, 11


def finding(check: Check, name: str, usd: str | None, **more: Any) -> Finding:
    made = Finding(check.id, HOME, f"{ARN}{name}", name, "CPU under 2 %", check.severity)
    return replace(made, usd=usd and Decimal(usd), **more)


@pytest.fixture
def found(empty: Shelf) -> Shelf:
    all_ = [
        finding(IDLE, "small", "7.50"),
        finding(IDLE, "large", "70.08", evidence={"cpu_percent": 1.4}, prices=(PRICE,)),
        finding(OPEN, "door", None),
        finding(IDLE, "odd", None, status=FindingStatus.ERROR),
    ]
    runs = [CheckRun(IDLE, HOME, NOW, alarm=2, error=1), CheckRun(OPEN, HOME, NOW, alarm=1)]
    empty.store.findings.replace(runs, all_, NOW)
    return empty


def answered(shelf: Shelf, seen: Seen) -> list[Any]:
    return savings.answer(shelf.reads, shelf.scope(), seen)


def words(component: Any) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_findings_on_cost_stand_by_amount_with_the_source_of_the_price(
    found: Shelf, seen: Seen
) -> None:
    answer = answered(found, seen)
    assert [(row["resource"], row["usd"]) for row in answer[STANDING]] == [
        ("large", 70.08),
        ("small", 7.5),
    ]
    assert answer[STANDING][0]["price"] == "learned from the bill, 2026-11-20"
    assert [row["resource"] for row in answer[BLIND]] == ["odd"]


def test_the_total_is_what_the_reader_says(found: Shelf, seen: Seen) -> None:
    first = with_class(answered(found, seen)[TILES], "tile")[0]
    assert text(first) == "At stake$77.58a month, by 2 findings"


def test_beside_a_finding_are_evidence_price_and_advice(found: Shelf, seen: Seen) -> None:
    said = words(savings.beside(found.reads, f"EC2-01|{ARN}large", seen))
    for part in ("$70.08", "CPU under 2 %", "Stop it.", "Cpu percent", "$0.096 per hour"):
        assert part in said


def test_a_waiver_needs_a_reason_and_takes_the_finding_out(found: Shelf, seen: Seen) -> None:
    key = f"EC2-01|{ARN}large"
    assert waiving.started(found.reads, key, "30d", " ", seen).startswith("Say why")
    assert waiving.started(found.reads, key, "30d", "a demo", seen) == "Waived until 24 Dec 12:00."
    answer = answered(found, seen)
    assert [row["resource"] for row in answer[STANDING]] == ["small"]
    assert [(row["resource"], row["reason"]) for row in answer[WAIVED]] == [("large", "a demo")]
    later = Seen(NOW + timedelta(days=31), seen.zone)
    assert waiving.find(found.reads, key, later).waiver is None


def test_before_the_first_run_the_page_does_not_say_that_all_is_well(
    empty: Shelf, seen: Seen
) -> None:
    said = words(answered(empty, seen))
    assert "Nothing was found that could cost less." not in said
    assert "Not collected yet" in said


def test_a_waiver_ends_by_hand_and_the_finding_stands_again(found: Shelf, seen: Seen) -> None:
    key = f"EC2-01|{ARN}large"
    waiving.started(found.reads, key, "30d", "a demo", seen)
    waiver = waiving.find(found.reads, key, seen).waiver
    assert waiving.ended(found.reads, str(waiver.id), NOW) == "The waiver has ended."
    assert waiving.find(found.reads, key, Seen(NOW, seen.zone)).waiver is None


def test_a_whole_part_of_the_bill_is_shown_and_is_not_at_stake(found: Shelf, seen: Seen) -> None:
    part = replace(finding(IDLE, "custom metrics", "37.73"), resource=HOME.account + OF_BILL + "x")
    assert part.is_of_bill
    found.store.findings.replace([CheckRun(IDLE, HOME, NOW, alarm=1)], [part], NOW)
    answer = answered(found, seen)
    assert text(with_class(answer[TILES], "tile")[0]) == "At stake$0a month, by 0 findings"
    assert answer[STANDING][0]["why"] == "CPU under 2 %; all of it, not at stake"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("MigrateToGraviton", "Migrate to Graviton"),
        ("PurchaseSavingsPlans", "Purchase Savings Plans"),
        ("VeryLow", "Very low"),
        ("Stop", "Stop"),
        ("", ""),
    ],
)
def test_names_of_aws_are_written_as_words(name: str, words: str) -> None:
    assert advice.words_of(name) == words
