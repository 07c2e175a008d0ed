"""Coverage: what was asked is added up, and nothing else is."""

from __future__ import annotations

from itertools import count, pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import StoreSettings
from app.model.rounds import Batch, Settledness
from app.model.time import Intervals, Window
from app.store import open_store
from tests.store.samples import (
    GROUP,
    MINUTE,
    NOW,
    PROD,
    STAGING,
    Writing,
    at,
    covered,
    hold,
    window,
)


def test_neighbouring_windows_become_one(writing: Writing) -> None:
    for start, end in (("11:00", "11:05"), ("11:10", "11:15"), ("11:05", "11:10")):
        writing.commit(Batch(covered=[covered(at(start), at(end))]))
    assert writing.store.coverage(PROD, GROUP).answered == Intervals((window("11:00", "11:15"),))


def test_a_hole_stays_a_hole(writing: Writing) -> None:
    writing.commit(
        Batch(covered=[covered(at("11:00"), at("11:05")), covered(at("11:06"), at("11:10"))])
    )
    answered = writing.store.coverage(PROD, GROUP).answered
    assert answered.gaps(window("11:00", "11:10")) == Intervals((window("11:05", "11:06"),))


def test_provisional_windows_are_answered_and_not_settled(writing: Writing) -> None:
    early = covered(at("11:00"), at("11:05"))
    late = covered(at("11:05"), at("11:10"), settledness=Settledness.PROVISIONAL)
    writing.commit(Batch(covered=[early, late]))
    found = writing.store.coverage(PROD, GROUP)
    assert found.answered == Intervals((window("11:00", "11:10"),))
    assert found.settled == Intervals((window("11:00", "11:05"),))


def test_places_and_groups_are_kept_apart(writing: Writing) -> None:
    writing.commit(
        Batch(
            covered=[
                covered(at("11:00"), at("11:05")),
                covered(at("11:00"), at("11:01"), place=STAGING),
                covered(at("11:00"), at("11:02"), group="AWS/SQS"),
            ]
        )
    )
    store = writing.store
    assert store.coverage_groups() == [(PROD, GROUP), (PROD, "AWS/SQS"), (STAGING, GROUP)]
    assert store.coverage_groups(STAGING) == [(STAGING, GROUP)]
    assert store.coverage(STAGING, GROUP).answered == Intervals((window("11:00", "11:01"),))
    everything = {target: store.coverage(*target) for target in store.coverage_groups()}
    assert store.coverages() == everything
    assert store.answered() == {target: found.answered for target, found in everything.items()}


def test_what_was_never_asked_has_no_coverage(writing: Writing) -> None:
    assert not writing.store.coverage(PROD, GROUP).answered


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12), st.booleans()), max_size=12)


def test_coverage_is_the_union_of_what_was_committed(tmp_path: Path) -> None:
    store = open_store(StoreSettings(path=tmp_path), NOW)
    writing, number = hold(store), count()

    @given(SPANS)
    @settings(max_examples=60, deadline=None)
    def holds(spans: list[tuple[int, int, bool]]) -> None:
        group = f"group {next(number)}"
        asked: set[int] = set()
        final: set[int] = set()
        for first, length, settled in spans:
            kind = Settledness.SETTLED if settled else Settledness.PROVISIONAL
            start = NOW + first * MINUTE
            one = covered(start, start + length * MINUTE, group=group, settledness=kind)
            writing.commit(Batch(covered=[one]))
            asked |= set(range(first, first + length))
            final |= set(range(first, first + length)) if settled else set()
        found = store.coverage(PROD, group)
        assert (minutes(found.answered), minutes(found.settled)) == (asked, final)
        for one_window, later in pairwise(found.answered.windows):
            assert one_window.end < later.start

    holds()
    store.close()


def minutes(intervals: Intervals) -> set[int]:
    return {
        (part.start - NOW) // MINUTE
        for span in intervals
        for part in Window(span.start, span.end).split(MINUTE)
    }
