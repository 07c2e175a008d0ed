"""The lease: one writer at a time, and an old one cannot harm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.model.errors import LeaseLost
from app.model.rounds import Batch
from app.model.time import Intervals
from tests.store.conftest import Opener
from tests.store.samples import (
    GROUP,
    HOUR,
    MINUTE,
    NOW,
    PROD,
    at,
    batch,
    covered,
    hold,
    stored,
    window,
)


def test_a_second_writer_waits(opener: Opener) -> None:
    first, second = opener(), opener()
    assert first.acquire("first", NOW, MINUTE) is not None
    assert second.acquire("second", NOW + MINUTE / 2, MINUTE) is None


def test_a_lease_given_back_can_be_taken_at_once(opener: Opener) -> None:
    first, second = hold(opener(), "first"), opener()
    first.store.release(first.lease)
    assert second.acquire("second", NOW, MINUTE) is not None


def test_an_expired_lease_can_be_taken(opener: Opener) -> None:
    first, second = opener(), opener()
    old = first.acquire("first", NOW, MINUTE)
    new = second.acquire("second", NOW + MINUTE, MINUTE)
    assert old is not None
    assert new is not None
    assert new.token > old.token


def test_the_old_holder_can_commit_nothing(opener: Opener) -> None:
    first = hold(opener(), "first")
    first.sums({"11:30": 1.0})
    second = hold(opener(), "second", NOW + HOUR)
    with pytest.raises(LeaseLost, match="second does"):
        first.commit(Batch(covered=[covered(at("11:00"), at("11:05"))]))
    with pytest.raises(LeaseLost):
        first.sums({"11:31": 2.0})
    with pytest.raises(LeaseLost):
        first.store.note(lease=first.lease, now=NOW)
    second.store.refresh()
    assert stored(second.store, [1], window("11:00", "12:00")) == [(1, at("11:30"), 1.0)]
    assert second.store.coverage(PROD, GROUP).answered == Intervals((window("11:30", "11:31"),))


def test_the_old_holder_can_neither_merge_nor_remove(opener: Opener) -> None:
    first = hold(opener(), "first")
    first.sums({"11:30": 1.0})
    first.sums({"11:31": 1.0})
    hold(opener(), "second", NOW + HOUR)
    for work in (first.store.upkeep.compact, first.store.upkeep.retain):
        with pytest.raises(LeaseLost):
            work(first.lease, NOW)
    assert first.store.upkeep.stats().tables[0].fresh == 2


def test_an_expired_lease_that_nobody_took_still_writes(opener: Opener) -> None:
    writing = hold(opener())
    writing.commit(batch([(0, at("11:30"), 1.0)]), now=NOW + 5 * HOUR)
    assert stored(writing.store, [1], window("11:00", "12:00")) == [(1, at("11:30"), 1.0)]


def test_renewing_keeps_others_out(opener: Opener) -> None:
    first, second = opener(), opener()
    lease = first.acquire("first", NOW, MINUTE)
    assert lease is not None
    longer = first.renew(lease, NOW + MINUTE)
    assert longer.expires == NOW + 2 * MINUTE
    assert second.acquire("second", NOW + 1.5 * MINUTE, MINUTE) is None


def test_a_lost_lease_cannot_be_renewed(opener: Opener) -> None:
    first = hold(opener(), "first")
    hold(opener(), "second", NOW + HOUR)
    with pytest.raises(LeaseLost):
        first.store.renew(first.lease, NOW + HOUR)


def test_giving_back_a_lost_lease_does_not_free_the_new_one(opener: Opener) -> None:
    first = hold(opener(), "first")
    second = hold(opener(), "second", NOW + HOUR)
    first.store.release(first.lease)
    second.sums({"11:30": 1.0})
    assert first.store.acquire("third", NOW + HOUR, MINUTE) is None


def test_a_holder_that_comes_back_takes_over_from_itself(opener: Opener) -> None:
    before = hold(opener(), "work@host")
    again = hold(opener(), "work@host")
    again.sums({"11:30": 1.0})
    with pytest.raises(LeaseLost):
        before.sums({"11:31": 1.0})


def test_of_many_that_race_one_wins(opener: Opener) -> None:
    stores = [opener() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        leases = list(
            pool.map(lambda one: one[1].acquire(f"writer {one[0]}", NOW, MINUTE), enumerate(stores))
        )
    assert sum(lease is not None for lease in leases) == 1
