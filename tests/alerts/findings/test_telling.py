"""New findings are told once, and their end too; a waiver and a blind check are no end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from alerts.findings import Hearers, tell
from alerts.message import Names, Notice
from app.model.findings import (
    Check,
    CheckRun,
    Finding,
    FindingKind,
    FindingSeverity,
    FindingStatus,
    Waiver,
)
from app.model.states import AlarmState
from tests.support.shelf import HOME, NOW, Shelf

CHECK = Check("EC2-01", "Idle instance", FindingKind.COST, FindingSeverity.MEDIUM, "Stop it.")
RUN = CheckRun(CHECK, HOME, NOW, alarm=1)
FOUND = Finding(
    "EC2-01", HOME, "arn:aws:ec2:eu-central-1:111111111111:instance/i-1", "web", "does nothing",
    FindingSeverity.MEDIUM, usd=Decimal("30.00"),
)  # fmt: skip
HOUR = timedelta(hours=1)
EVERYBODY = Hearers(("ops",), FindingSeverity.MEDIUM)
ALARM, OK = AlarmState.ALARM, AlarmState.OK


def told(shelf: Shelf) -> list[AlarmState]:
    return [d.transition.new for d in reversed(shelf.store.ledger.deliveries())]


def test_a_finding_is_told_once_and_so_is_its_end(shelf: Shelf) -> None:
    ledger = shelf.store.ledger
    assert tell(ledger, EVERYBODY, [RUN], [FOUND], NOW) == 1
    assert tell(ledger, EVERYBODY, [RUN], [FOUND], NOW + HOUR) == 0
    assert tell(ledger, EVERYBODY, [RUN], [], NOW + 2 * HOUR) == 1
    assert told(shelf) == [ALARM, OK]


def test_the_message_names_the_finding_and_what_to_do(shelf: Shelf) -> None:
    tell(shelf.store.ledger, EVERYBODY, [RUN], [FOUND], NOW)
    (change,) = shelf.store.ledger.transitions()
    notice = Notice.of(change, None, Names(public_url="https://ops.example.com"))
    assert notice.title == "▲ ALARM (warning): Idle instance: web"
    assert change.reason == "Does nothing. It costs 30.00 USD a month."
    assert notice.definition.put["AlarmDescription"] == "Stop it."
    assert notice.page == "https://ops.example.com/spend/savings"
    assert notice.resource == "instance/i-1"


@pytest.mark.parametrize(
    ("finding", "hearers"),
    [
        pytest.param(FOUND, replace(EVERYBODY, least=FindingSeverity.HIGH), id="not severe enough"),
        pytest.param(replace(FOUND, status=FindingStatus.ERROR), EVERYBODY, id="could not look"),
        pytest.param(
            FOUND,
            replace(EVERYBODY, waivers=[Waiver("*", "web", "why", "ada", NOW, NOW + HOUR)]),
            id="waived",
        ),
    ],
)
def test_what_is_not_told(shelf: Shelf, finding: Finding, hearers: Hearers) -> None:
    assert tell(shelf.store.ledger, hearers, [RUN], [finding], NOW) == 0


def test_a_waiver_ends_a_finding_quietly(shelf: Shelf) -> None:
    ledger = shelf.store.ledger
    tell(ledger, EVERYBODY, [RUN], [FOUND], NOW)
    waiver = Waiver("EC2-01", "web", "a demo", "ada", NOW, NOW + 9 * HOUR)
    tell(ledger, replace(EVERYBODY, waivers=[waiver]), [RUN], [FOUND], NOW + HOUR)
    assert told(shelf) == [ALARM]
    tell(ledger, EVERYBODY, [RUN], [FOUND], NOW + 9 * HOUR)
    assert told(shelf) == [ALARM, ALARM]


def test_a_check_that_could_not_look_ends_nothing(shelf: Shelf) -> None:
    ledger = shelf.store.ledger
    tell(ledger, EVERYBODY, [RUN], [FOUND], NOW)
    tell(ledger, EVERYBODY, [replace(RUN, message="no metrics")], [], NOW + HOUR)
    assert told(shelf) == [ALARM]
