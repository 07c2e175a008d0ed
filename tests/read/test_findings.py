"""What the page of findings asks: what stands, what is waived, what could not be looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.model.findings import (
    Check,
    CheckRun,
    Finding,
    FindingKind,
    FindingSeverity,
    FindingStatus,
)
from app.model.readings import Look
from tests.support.shelf import HOME, NOW, Shelf

IDLE = Check("EC2-01", "Idle", FindingKind.COST, FindingSeverity.MEDIUM, "Stop it.", "ec2")
STEADY = Check("EC2-12", "Steady", FindingKind.COST, FindingSeverity.INFO, "Commit.", "ec2")


def finding(check: Check, name: str, usd: str | None) -> Finding:
    return Finding(
        check.id, HOME, f"arn:{name}", name, "why", check.severity, usd=usd and Decimal(usd)
    )


FOUND = [
    finding(IDLE, "web", "30.00"),
    finding(STEADY, "web", "12.50"),
    finding(IDLE, "batch", "70.40"),
    finding(STEADY, "batch", None),
    replace(finding(IDLE, "odd", None), status=FindingStatus.ERROR),
]
RUNS = [CheckRun(IDLE, HOME, NOW, alarm=2, error=1), CheckRun(STEADY, HOME, NOW, alarm=2)]


def ask(shelf: Shelf):
    return shelf.reads.findings.all([HOME], NOW)


def test_before_the_first_run_nothing_was_looked_at(shelf: Shelf) -> None:
    assert ask(shelf).look is Look.NOT_COLLECTED


def test_a_resource_counts_once_with_its_largest_amount(shelf: Shelf) -> None:
    shelf.store.findings.replace(RUNS, FOUND, NOW)
    reading = ask(shelf)
    answer = reading.value
    assert (reading.look, reading.as_of) == (Look.DATA, NOW)
    assert [(r.check.id, r.finding.name) for r in answer.rows] == [
        ("EC2-01", "batch"), ("EC2-01", "web"), ("EC2-12", "web"), ("EC2-12", "batch"),
    ]  # fmt: skip
    assert answer.usd == Decimal("100.40")
    assert answer.unpriced == 1
    assert [r.finding.name for r in answer.blind] == ["odd"]


def test_a_part_of_the_bill_is_in_no_total(shelf: Shelf) -> None:
    jump = replace(finding(IDLE, "NAT", "500.00"), resource=f"{HOME.account}/bill/NAT gateways")
    shelf.store.findings.replace(RUNS, [*FOUND, jump], NOW)
    answer = ask(shelf).value
    assert answer.rows[0].finding.name == "NAT"
    assert answer.usd == Decimal("100.40")


def test_a_waived_finding_saves_nothing_and_stays_to_be_seen(shelf: Shelf) -> None:
    shelf.store.findings.replace(RUNS, FOUND, NOW)
    batch = next(r.finding for r in ask(shelf).value.rows if r.finding.name == "batch")
    shelf.reads.findings.waive(batch, "a demo", "ada", NOW, NOW + timedelta(days=30))
    answer = ask(shelf).value
    assert answer.usd == Decimal("30.00")
    assert [(r.finding.name, r.waiver and r.waiver.reason) for r in answer.waived] == [
        ("batch", "a demo")
    ]
    later = shelf.reads.findings.all([HOME], NOW + timedelta(days=31)).value
    assert later.usd == Decimal("100.40")


def test_a_waiver_needs_a_reason_and_an_end_to_come(shelf: Shelf) -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        shelf.reads.findings.waive(FOUND[0], " ", "ada", NOW, NOW + timedelta(days=1))
    with pytest.raises(ValueError, match="in the future"):
        shelf.reads.findings.waive(FOUND[0], "why", "ada", NOW, NOW)


def test_checks_that_could_not_look_are_no_clean_answer(shelf: Shelf) -> None:
    blind = replace(RUNS[0], message="EC2 has not been read")
    shelf.store.findings.replace([blind], [], NOW)
    assert ask(shelf).look is Look.COULD_NOT_ASK
    shelf.store.findings.replace(RUNS, [], NOW)
    assert ask(shelf).look is Look.NOTHING


def test_one_resource_and_one_service_have_their_own(shelf: Shelf) -> None:
    shelf.store.findings.replace(RUNS, FOUND, NOW)
    findings = shelf.reads.findings
    assert findings.of_resource("arn:web", HOME, NOW).value.usd == Decimal("30.00")
    assert findings.of_service("ec2", [HOME], NOW).value.usd == Decimal("100.40")
    assert findings.of_service("sqs", [HOME], NOW).look is Look.NOT_COLLECTED
