"""An account that the readings of two payers tell counts once, and both are named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.config import StoreSettings
from app.model.spend import SpendDimension, SpendSource
from app.read.spend import Granularity, SpendAnswer, SpendQuestion, SpendReader
from app.store import Lease, Store, open_store
from tests.support.spend import Charge, day, days, fill, statement, statements, steady

NOW = day("2026-11-20") + timedelta(hours=12)
READ = day("2026-11-19")
D = SpendDimension
WEEK = days("2026-11-01", "2026-11-08")
PAYER, MEMBER, OTHER = "111111111111", "222222222222", "333333333333"
ANY = [(), (D.SERVICE,), (D.USAGE_TYPE,), (D.LINKED_ACCOUNT,), (D.REGION,), (D.RECORD_TYPE,)]


class Till:
    def __init__(self, store: Store, lease: Lease) -> None:
        self.store, self.lease = store, lease

    def add(self, charges: list[Charge], payer: str, window=WEEK) -> None:
        """As Cost Explorer tells them in all its cuts."""
        fill(self.store, self.lease, statements(charges, window, READ, payer=payer), NOW)

    def bill(self, charges: list[Charge], payer: str, window=WEEK) -> None:
        """As a Cost and Usage Report tells them."""
        told = statement(charges, window, READ, source=SpendSource.CUR, payer=payer)
        fill(self.store, self.lease, [told], NOW)

    def ask(self, *group: D, window=WEEK, **more) -> SpendAnswer:
        question = SpendQuestion(window, group=group, **more)
        return SpendReader(self.store).ask(question, NOW).value


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    store = open_store(StoreSettings(path=tmp_path), NOW)
    lease = store.acquire("test", NOW, timedelta(hours=1))
    assert lease is not None
    yield Till(store, lease)
    store.close()


def organisation() -> list[Charge]:
    return [
        *steady(WEEK, {"AmazonS3": "1"}, account=PAYER),
        *steady(WEEK, {"AmazonS3": "2"}, account=MEMBER),
    ]


@pytest.mark.parametrize("group", ANY, ids=str)
def test_a_member_that_is_asked_too_counts_once_from_its_payer(
    till: Till, group: tuple[D, ...]
) -> None:
    till.add(steady(WEEK, {"AmazonS3": "2.5"}, account=MEMBER), MEMBER)
    till.add(organisation(), PAYER)
    for granularity in (Granularity.DAY, Granularity.MONTH):
        answer = till.ask(*group, granularity=granularity, top=1)
        assert answer.total == Decimal(21)
        assert not answer.missing
    (said,) = till.ask(*group).warnings
    assert said == (
        "Account 222222222222 is told twice (2026-11-01 to 2026-11-07): by the reading of payer "
        "111111111111 and by the reading of 222222222222 itself. Each day of it counts once, from "
        "the reading of 111111111111; leave 222222222222 out of collection.spend.payers."
    )
    assert SpendReader(till.store).warnings(NOW) == till.ask().warnings


def test_days_that_only_the_member_tells_are_taken_from_it(till: Till) -> None:
    till.add(
        steady(days("2026-11-01", "2026-11-09"), {"S": "2"}, account=MEMBER),
        MEMBER,
        days("2026-11-01", "2026-11-09"),
    )
    till.add(organisation(), PAYER)
    answer = till.ask(D.LINKED_ACCOUNT, window=days("2026-11-01", "2026-11-09"))
    assert {row.key[0]: row.total for row in answer.rows} == {
        PAYER: Decimal(7),
        MEMBER: Decimal(16),
    }
    assert answer.missing.windows == (days("2026-11-08", "2026-11-09"),)


def test_payers_without_a_common_account_are_added_up_and_nobody_is_warned(till: Till) -> None:
    till.add(organisation(), PAYER)
    till.add(steady(WEEK, {"AmazonS3": "4"}, account=OTHER), OTHER)
    answer = till.ask(D.SERVICE)
    assert (answer.total, answer.warnings) == (Decimal(49), ())


def moved(till: Till) -> None:
    """A member moved on the 3rd: on that day two organisations of two accounts have it."""
    first = [Charge(f"2026-11-0{n}", "2", "S3", account=MEMBER) for n in (1, 2, 3)]
    till.add([*steady(WEEK, {"S3": "1"}, account=PAYER), *first], PAYER)
    later = [Charge(f"2026-11-0{n}", "3", "S3", account=MEMBER) for n in (3, 4, 5, 6, 7)]
    till.add([*steady(WEEK, {"S3": "10"}, account=OTHER), *later], OTHER)


@pytest.mark.parametrize("group", [(), (D.SERVICE,), (D.LINKED_ACCOUNT,)], ids=str)
def test_an_account_that_moved_counts_once_on_the_day_of_its_move(
    till: Till, group: tuple[D, ...]
) -> None:
    moved(till)
    answer = till.ask(*group)
    assert answer.totals == tuple(map(Decimal, (13, 13, 13, 14, 14, 14, 14)))
    assert not answer.missing
    (warning,) = answer.warnings
    assert warning.startswith(f"Account {MEMBER} is told twice (2026-11-03): by the reading of ")


@pytest.mark.parametrize("group", [(), (D.SERVICE,), (D.LINKED_ACCOUNT,)], ids=str)
def test_in_a_chain_of_three_readings_each_account_counts_once(
    till: Till, group: tuple[D, ...]
) -> None:
    """The third goes before the second, which goes before the first, whose id sorts before."""
    both, other = "444444444444", "555555555555"
    first, second, third = PAYER, MEMBER, OTHER
    own = {account: steady(WEEK, {"S3": "1"}, account=account) for account in (first, second)}
    shared = {account: steady(WEEK, {"S3": "10"}, account=account) for account in (both, other)}
    till.add([*own[first], *shared[both]], first)
    till.add([*own[second], *shared[both], *shared[other]], second)
    members = [c for n in range(3) for c in steady(WEEK, {"S3": "1"}, account=f"66666666666{n}")]
    till.add([*members, *shared[other]], third)
    answer = till.ask(*group)
    assert answer.totals == (Decimal(3 + 1 + 1 + 10 + 10),) * 7
    assert not answer.missing


def test_a_split_that_cannot_be_taken_apart_says_that_it_counts_twice(till: Till) -> None:
    moved(till)
    answer = till.ask(D.USAGE_TYPE)
    assert answer.totals[1:4] == (Decimal(13), Decimal(16), Decimal(14))
    assert answer.warnings[1] == (
        f"In this split account {MEMBER} counts twice (2026-11-03): the readings of {PAYER} and "
        f"{OTHER} both have it, and this split of {OTHER}'s tells no accounts."
    )


def test_a_bill_that_a_member_exported_is_not_taken_for_that_of_the_organisation(
    till: Till,
) -> None:
    till.add(organisation(), PAYER)
    till.bill(steady(WEEK, {"AmazonS3": "2"}, account=MEMBER, resource="bucket"), PAYER)
    assert till.ask(D.LINKED_ACCOUNT).total == Decimal(21)
    assert till.ask().sources == (SpendSource.CE,)
    by_resource = till.ask(D.RESOURCE)
    assert [(r.key[0], r.total) for r in by_resource.rows] == [("bucket", Decimal(14))]
    assert by_resource.missing.windows == (WEEK,)


def test_a_bill_of_an_organisation_with_one_account_is_its_payers(till: Till) -> None:
    charges = steady(WEEK, {"AmazonS3": "2"}, account=MEMBER, resource="bucket")
    till.add(charges, PAYER)
    till.bill(charges, PAYER)
    answer = till.ask(D.RESOURCE)
    assert (answer.total, answer.warnings) == (Decimal(14), ())
    assert not answer.missing
