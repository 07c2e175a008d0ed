"""Jobs run by the clock, each class on its own threads, and what was left out is counted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.run.clock import utc_now
from app.run.schedule import Job, Kind, Phased, Schedule, phase_of

SECOND = timedelta(seconds=1)
PATIENCE = 10.0


@pytest.fixture
def schedule() -> Iterator[Schedule]:
    made = Schedule(utc_now)
    yield made
    made.stop()


def test_a_job_runs_at_once_and_again(schedule: Schedule) -> None:
    ran = threading.Semaphore(0)
    schedule.add(Job("tick", Kind.COLLECT, SECOND, lambda: ran.release()))
    schedule.start()
    assert ran.acquire(timeout=PATIENCE)
    assert ran.acquire(timeout=PATIENCE)


def test_a_job_may_wait_for_its_first_turn(schedule: Schedule) -> None:
    ran: list[str] = []
    done = threading.Event()
    schedule.add(
        Job("late", Kind.COLLECT, timedelta(days=1), lambda: ran.append("late"), at_once=False)
    )
    schedule.add(Job("early", Kind.COLLECT, timedelta(days=1), done.set))
    schedule.start()
    assert done.wait(PATIENCE)
    assert ran == []


def test_a_first_turn_can_be_put_off(schedule: Schedule) -> None:
    ran: list[str] = []
    done = threading.Event()
    day, soon = timedelta(days=1), SECOND / 5
    hour = timedelta(hours=1)
    schedule.add(Job("much", Kind.CHECKS, day, lambda: ran.append("much"), after=hour))
    schedule.add(Job("soon", Kind.CHECKS, day, done.set, after=soon))
    schedule.start()
    assert done.wait(PATIENCE)
    assert ran == []


def test_a_failing_job_keeps_its_schedule_and_is_counted(schedule: Schedule) -> None:
    ran = threading.Semaphore(0)

    def fail() -> None:
        ran.release()
        raise ValueError("no")

    schedule.add(Job("alarms", Kind.ALARMS, SECOND, fail))
    schedule.start()
    assert ran.acquire(timeout=PATIENCE)
    assert ran.acquire(timeout=PATIENCE)
    assert schedule.counters()["failed:alarms"] >= 1


def test_a_run_beside_itself_is_left_out_and_counted(schedule: Schedule) -> None:
    entered, release = threading.Semaphore(0), threading.Event()
    overlapped = threading.Event()

    def slow() -> None:
        entered.release()
        release.wait(PATIENCE)

    def look() -> None:
        if schedule.counters().get("overlapped:collect"):
            overlapped.set()

    schedule.add(Job("collect:metrics", Kind.COLLECT, SECOND, slow))
    schedule.add(Job("look", Kind.UPKEEP, SECOND, look))
    schedule.start()
    assert overlapped.wait(PATIENCE)
    release.set()
    assert entered.acquire(timeout=0)
    assert not entered.acquire(timeout=0)


def test_slow_collectors_never_hold_up_an_alarm(schedule: Schedule) -> None:
    release, judged = threading.Event(), threading.Event()
    for i in range(12):
        schedule.add(
            Job(f"collect:{i}", Kind.COLLECT, SECOND, lambda: release.wait(PATIENCE) and None)
        )
    schedule.add(Job("alarms", Kind.ALARMS, SECOND, judged.set))
    schedule.start()
    assert judged.wait(PATIENCE)
    release.set()


def test_all_of_many_jobs_due_at_one_instant_run() -> None:
    start = utc_now()
    schedule = Schedule(lambda: start)
    ran = threading.Semaphore(0)
    for i in range(50):
        schedule.add(Job(f"collect:{i}", Kind.COLLECT, timedelta(days=1), lambda: ran.release()))
    schedule.start()
    try:
        assert all(ran.acquire(timeout=PATIENCE) for _ in range(50))
        assert "missed" not in schedule.counters()
    finally:
        schedule.stop()


def test_a_phase_is_the_same_each_time_and_lies_within_the_interval() -> None:
    every = timedelta(minutes=15)
    names = [f"collect:inventory:{account}/eu-central-1" for account in range(200)]
    phases = [phase_of(name, every) for name in names]
    assert phases == [phase_of(name, every) for name in names]
    assert all(timedelta() <= phase < every for phase in phases)
    assert len({phase // timedelta(minutes=1) for phase in phases}) == 15


def test_a_phase_survives_a_restart() -> None:
    phase = phase_of("collect:metrics:111111111111/eu-central-1", timedelta(seconds=20))
    assert phase == timedelta(seconds=3, microseconds=388114)


MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        pytest.param(None, 10, 30, id="the first time"),
        pytest.param(None, 30, 90, id="a moment that is just now is past"),
        pytest.param(11, 12, 30, id="a run at another time changes nothing"),
        pytest.param(30, 31, 90, id="again after a minute"),
        pytest.param(30, 200, 210, id="what was missed is not made up for"),
    ],
)
def test_a_job_keeps_its_place_in_the_minute(last: int | None, now: int, expected: int) -> None:
    trigger = Phased(MINUTE, timedelta(seconds=30))
    before = None if last is None else NOON + timedelta(seconds=last)
    fires = trigger.get_next_fire_time(before, NOON + timedelta(seconds=now))
    assert fires == NOON + timedelta(seconds=expected)


def test_a_job_can_be_hurried(schedule: Schedule) -> None:
    ran = threading.Semaphore(0)
    schedule.add(Job("alarms", Kind.ALARMS, timedelta(days=1), lambda: ran.release()))
    schedule.start()
    assert ran.acquire(timeout=PATIENCE)
    schedule.hurry("alarms")
    assert ran.acquire(timeout=PATIENCE)
