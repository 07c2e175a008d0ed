"""Jobs show each part of their answer as it comes, and end when nobody waits any more."""

from __future__ import annotations

import threading

import pytest

from app.query.insights import Scanned, Watch
from app.read.jobs import Jobs


class Clock:
    now = 0.0

    def seconds(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(clock: Clock) -> Jobs:
    return Jobs(at_once=1, patience=20, seconds=clock.seconds)


def until_cancelled(watch: Watch) -> str:
    assert watch.cancel is not None
    assert watch.cancel.wait(30)
    return "given up"


def test_each_part_is_there_as_soon_as_it_is_known(jobs: Jobs) -> None:
    first, go_on = threading.Event(), threading.Event()

    def second(_: Watch) -> str:
        first.set()
        assert go_on.wait(30)
        return "events over time"

    name = jobs.start(lambda _: "rows", second)
    assert first.wait(30)
    half = jobs.look(name)
    go_on.set()
    whole = jobs.look(name, wait=30)
    assert half is not None
    assert (half.done, half.finished) == (("rows",), False)
    assert whole is not None
    assert (whole.done, whole.finished) == (("rows", "events over time"), True)


def test_a_job_tells_how_far_it_is(jobs: Jobs, clock: Clock) -> None:
    told = threading.Event()

    def work(watch: Watch) -> None:
        assert watch.progress is not None
        watch.progress(Scanned(parts=2, of_parts=5, rows=200))
        told.set()
        until_cancelled(watch)

    name = jobs.start(work)
    assert told.wait(30)
    clock.now = 3.0
    found = jobs.look(name)
    jobs.cancel(name)
    assert found is not None
    assert (found.seconds, found.scanned.parts, found.scanned.of_parts) == (3.0, 2, 5)


def test_a_job_that_is_cancelled_ends_with_what_it_has(jobs: Jobs) -> None:
    name = jobs.start(until_cancelled)
    jobs.cancel(name)
    found = jobs.look(name, wait=30)
    assert found is not None
    assert found.done == ("given up",)


def test_a_job_that_nobody_looks_at_is_given_up_and_forgotten(jobs: Jobs, clock: Clock) -> None:
    left = threading.Event()

    def work(watch: Watch) -> None:
        until_cancelled(watch)
        left.set()

    name = jobs.start(work)
    clock.now = 19.0
    assert jobs.look(name) is not None
    clock.now = 38.0
    assert jobs.look(name) is not None
    clock.now = 59.0
    assert jobs.look(name) is None
    assert left.wait(30)


def test_more_jobs_than_may_run_wait_for_their_turn(jobs: Jobs) -> None:
    before, after = jobs.start(until_cancelled), jobs.start(lambda _: "late")
    waiting = jobs.look(after)
    jobs.cancel(before)
    found = jobs.look(after, wait=30)
    assert waiting is not None
    assert waiting.done == ()
    assert found is not None
    assert found.done == ("late",)


def test_what_went_wrong_is_raised_where_the_answer_is_looked_for(jobs: Jobs) -> None:
    def work(_: Watch) -> None:
        raise ValueError("the disk is full")

    name = jobs.start(work)
    with pytest.raises(ValueError, match="the disk is full"):
        jobs.look(name, wait=30)
