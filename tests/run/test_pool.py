"""Rounds run on a bounded number of threads, fairly, and no account stops another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from app.model.ids import Place
from app.model.rounds import Batch
from app.run.pool import Pool
from collectors.base import Collector, Task

PATIENCE = 10.0
PROD, STAGING = Place("111111111111", "eu-central-1"), Place("222222222222", "eu-central-1")
NEVER = threading.Event()


class Named:
    """A collector that only has a name; these tests hand over the tasks themselves."""

    every = timedelta(minutes=1)

    def __init__(self, name: str) -> None:
        self.name = name

    def plan(self, place: Place, now: datetime) -> list[Task]:
        return []

    def collect(self, task: Task, now: datetime) -> Iterator[Batch]:
        return iter(())


METRICS = Named("metrics")


def nothing(collector: Collector, place: Place) -> Sequence[Task]:
    return []


class Recorder:
    """Does tasks by writing them down, after waiting at a gate where there is one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.started: list[str] = []
        self.gates: dict[str, threading.Event] = {}
        self.arrived = threading.Semaphore(0)

    def __call__(self, collector: Collector, task: Task) -> bool:
        with self.lock:
            self.started.append(f"{task.place.account[0]} {task.group}")
        self.arrived.release()
        gate = self.gates.get(task.group)
        return gate is None or gate.wait(PATIENCE)


@pytest.fixture
def pools() -> Iterator[Callable[..., Pool]]:
    made: list[Pool] = []

    def make(run: Callable[[Collector, Task], bool], **kwargs: int) -> Pool:
        pool = Pool(run, kwargs.get("size", 1), kwargs.get("share", 1), nothing)
        made.append(pool)
        return pool

    yield make
    for pool in made:
        assert pool.stop(PATIENCE)


def tasks(place: Place, *groups: str) -> list[Task]:
    return [Task(place, group) for group in groups]


def test_tasks_run_in_the_order_of_their_plan(pools: Callable[..., Pool]) -> None:
    record = Recorder()
    pool = pools(record)
    pool.offer(METRICS, PROD, tasks(PROD, "a", "b", "c"))
    pool.start()
    assert pool.wait_idle(NEVER)
    assert record.started == ["1 a", "1 b", "1 c"]


def test_places_take_turns(pools: Callable[..., Pool]) -> None:
    record = Recorder()
    pool = pools(record)
    pool.offer(METRICS, PROD, tasks(PROD, "a", "b", "c"))
    pool.offer(METRICS, STAGING, tasks(STAGING, "x"))
    pool.start()
    assert pool.wait_idle(NEVER)
    assert record.started == ["1 a", "2 x", "1 b", "1 c"]


def test_an_account_that_hangs_leaves_threads_for_the_others(pools: Callable[..., Pool]) -> None:
    record = Recorder()
    record.gates = {"hangs": threading.Event(), "hangs too": threading.Event()}
    pool = pools(record, size=2, share=1)
    pool.offer(METRICS, PROD, tasks(PROD, "hangs", "hangs too"))
    pool.offer(METRICS, STAGING, tasks(STAGING, "x", "y"))
    pool.start()
    for _ in range(3):
        assert record.arrived.acquire(timeout=PATIENCE)
    assert sorted(record.started) == ["1 hangs", "2 x", "2 y"]
    for gate in record.gates.values():
        gate.set()


def test_an_account_that_fails_does_not_stop_the_others(pools: Callable[..., Pool]) -> None:
    done: list[str] = []

    def run(collector: Collector, task: Task) -> bool:
        if task.place == PROD:
            raise RuntimeError("unforeseen")
        done.append(task.group)
        return True

    pool = pools(run)
    pool.offer(METRICS, PROD, tasks(PROD, "a", "b"))
    pool.offer(METRICS, STAGING, tasks(STAGING, "x", "y"))
    pool.start()
    assert pool.wait_idle(NEVER)
    assert done == ["x", "y"]
    assert pool.counters() == {"waiting": 0, "running": 0, "done": 2, "failed": 2}


def test_a_new_plan_replaces_what_still_waits(pools: Callable[..., Pool]) -> None:
    record = Recorder()
    record.gates["a"] = threading.Event()
    pool = pools(record)
    pool.offer(METRICS, PROD, tasks(PROD, "a", "old"))
    pool.start()
    assert record.arrived.acquire(timeout=PATIENCE)
    pool.offer(METRICS, PROD, tasks(PROD, "a", "new"))
    record.gates["a"].set()
    assert pool.wait_idle(NEVER)
    assert record.started == ["1 a", "1 a", "1 new"] or record.started == ["1 a", "1 new", "1 a"]


def test_a_group_never_runs_beside_itself(pools: Callable[..., Pool]) -> None:
    record = Recorder()
    record.gates["a"] = threading.Event()
    pool = pools(record, size=2, share=2)
    pool.offer(METRICS, PROD, tasks(PROD, "a"))
    pool.start()
    assert record.arrived.acquire(timeout=PATIENCE)
    pool.offer(METRICS, PROD, tasks(PROD, "a", "b"))
    assert record.arrived.acquire(timeout=PATIENCE)
    assert record.started == ["1 a", "1 b"]
    record.gates["a"].set()


def test_what_was_done_well_may_bring_more_until_nothing_is_new() -> None:
    plans = iter([tasks(PROD, "a", "b"), tasks(PROD, "b"), tasks(PROD, "c")])
    done: list[str] = []

    def run(collector: Collector, task: Task) -> bool:
        done.append(task.group)
        return True

    pool = Pool(run, 1, 1, lambda collector, place: next(plans))
    pool.offer(METRICS, PROD, tasks(PROD, "a"))
    pool.start()
    assert pool.wait_idle(NEVER)
    assert pool.stop(PATIENCE)
    assert done == ["a", "b"]


def test_what_failed_brings_no_more() -> None:
    asked: list[Place] = []

    def more(collector: Collector, place: Place) -> Sequence[Task]:
        asked.append(place)
        return []

    pool = Pool(lambda collector, task: task.group != "b", 1, 1, more)
    pool.offer(METRICS, PROD, tasks(PROD, "a", "b", "c"))
    pool.start()
    assert pool.wait_idle(NEVER)
    assert pool.stop(PATIENCE)
    assert asked == []


def test_stopping_waits_for_what_runs_and_starts_nothing_else(pools: Callable[..., Pool]) -> None:
    record = Recorder()
    record.gates["a"] = threading.Event()
    pool = pools(record)
    pool.offer(METRICS, PROD, tasks(PROD, "a", "b"))
    pool.start()
    assert record.arrived.acquire(timeout=PATIENCE)
    assert not pool.stop(patience=0.05)
    record.gates["a"].set()
    assert pool.stop(PATIENCE)
    assert record.started == ["1 a"]
