"""Findings stand until their check no longer makes them; waivers end by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from app.model.findings import (
    Check,
    CheckRun,
    Finding,
    FindingKind,
    FindingSeverity,
    UnitPrice,
    Waiver,
)
from app.store import Store
from tests.store.samples import HOUR, NOW, PROD

CHECK = Check(
    "EC2-03", "Unattached volume", FindingKind.COST, FindingSeverity.MEDIUM, "Delete it.", "ec2"
)
RUN = CheckRun(CHECK, PROD, NOW, ok=3, alarm=1)
PRICE = UnitPrice("gp3 storage", Decimal("0.0952"), "GB-month", "price list", date(2026, 11, 1))
FOUND = Finding(
    check="EC2-03",
    place=PROD,
    resource="arn:aws:ec2:eu-central-1:111111111111:volume/vol-1",
    name="vol-1",
    reason="available for 9 days",
    severity=FindingSeverity.MEDIUM,
    evidence={"GB": 100},
    usd=Decimal("9.52"),
    prices=(PRICE,),
)
OTHER = replace(FOUND, resource="arn:other", name="other")


def test_a_finding_keeps_when_it_was_first_seen(store: Store) -> None:
    store.findings.replace([RUN], [FOUND], NOW)
    store.findings.replace([replace(RUN, at=NOW + HOUR)], [FOUND], NOW + HOUR)
    assert store.findings.standing() == [replace(FOUND, first_seen=NOW)]
    assert store.findings.runs() == [replace(RUN, at=NOW + HOUR)]


def test_what_a_run_does_not_find_again_is_gone_and_can_come_back(store: Store) -> None:
    store.findings.replace([RUN], [FOUND, OTHER], NOW)
    store.findings.replace([RUN], [OTHER], NOW + HOUR)
    assert [each.name for each in store.findings.standing()] == ["other"]
    assert store.findings.gone(NOW) == [(replace(FOUND, first_seen=NOW), NOW + HOUR)]
    store.findings.replace([RUN], [FOUND, OTHER], NOW + 2 * HOUR)
    assert replace(FOUND, first_seen=NOW + 2 * HOUR) in store.findings.standing()


def test_a_run_that_could_not_look_leaves_what_stood(store: Store) -> None:
    store.findings.replace([RUN], [FOUND], NOW)
    blind = replace(RUN, message="metrics have not been read")
    store.findings.replace([blind], [], NOW + HOUR)
    assert [each.name for each in store.findings.standing()] == ["vol-1"]
    assert store.findings.runs() == [blind]


def test_what_a_check_found_goes_with_the_check(store: Store) -> None:
    store.findings.replace([RUN], [FOUND], NOW)
    other = replace(RUN, check=replace(CHECK, id="EC2-01"))
    store.findings.replace([other], [], NOW + HOUR)
    assert store.findings.standing() == []
    assert store.findings.runs() == [other]


def test_a_finding_long_gone_is_forgotten(store: Store) -> None:
    store.findings.replace([RUN], [FOUND], NOW)
    store.findings.replace([RUN], [], NOW + HOUR)
    store.findings.replace([RUN], [], NOW + timedelta(days=92))
    assert store.findings.gone(NOW) == []


def test_a_waiver_holds_until_it_ends_and_can_be_ended_early(store: Store) -> None:
    waiver = Waiver("EC2-*", "vol-1", "kept for the audit", "ada", NOW, NOW + 2 * HOUR)
    before = store.findings.version
    kept = store.findings.waive(waiver)
    assert store.findings.waivers(NOW) == [replace(waiver, id=kept.id)]
    assert kept.covers(FOUND, NOW)
    assert not kept.covers(OTHER, NOW)
    assert not kept.covers(FOUND, NOW + 2 * HOUR)
    store.findings.end_waiver(kept.id, NOW + HOUR)
    assert store.findings.waivers(NOW + HOUR) == []
    assert store.findings.version == before + 2
