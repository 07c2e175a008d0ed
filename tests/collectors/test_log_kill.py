"""kill -9 while log events are collected: none is lost, kept twice or counted twice."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from app.config import StoreSettings
from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.model.groups import LOG_GROUPS
from app.model.time import Window
from app.store import open_store
from tests.collectors.log_victim import LOGS, NAMES
from tests.collectors.log_working import HOUR, NOW, PLACE, LogWork

ROOT = Path(__file__).parents[2]
KILLS = 8


def begin() -> subprocess.Popen[bytes]:
    """A process that is importing already and waits to be told its store."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.collectors.log_victim"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )


def kill(victim: subprocess.Popen[bytes], line: str, aim: bytes, draw: random.Random) -> None:
    """Let it work and kill it some milliseconds after a mark."""
    assert victim.stdin is not None
    assert victim.stdout is not None
    victim.stdin.write(line.encode())
    marks, said = draw.randrange(1, 4 if aim == b"s" else 12), b""
    while said.count(aim) < marks:
        some = victim.stdout.read(1)
        if not some:
            raise AssertionError(victim.communicate()[1].decode())
        said += some
    try:
        victim.wait(timeout=draw.uniform(0, 0.03))
    except subprocess.TimeoutExpired:
        victim.kill()
    _, errors = victim.communicate()
    # What the process before it left behind unlisted is cleared up, and said.
    said_more = [line for line in errors.decode().splitlines() if not line.startswith("removed ")]
    assert said_more == []


def finished(endpoint: Endpoint, folder: Path) -> LogWork:
    """A last process works until nothing is left, some minutes after the last victim."""
    store = open_store(StoreSettings(path=folder), NOW)
    [listed] = store.coverage(PLACE, LOG_GROUPS).answered
    lease = store.acquire("victim", NOW, timedelta(days=365))
    assert lease is not None
    now = max(listed.end, endpoint.clock.now()) + timedelta(minutes=15)
    endpoint.clock.set(now)
    work = LogWork(endpoint, store, lease, LOGS, now)
    work.rounds()
    return work


@pytest.mark.slow
def test_killed_at_any_moment_no_event_is_lost_or_doubled(tmp_path: Path) -> None:
    draw = random.Random(7)
    with start(clock=Clock(lambda: NOW), wait=False) as endpoint:
        following = begin()
        for number in range(KILLS):
            victim, following = following, begin()
            kill(victim, f"{tmp_path} {endpoint.url}\n", b"c" if number % 3 else b"s", draw)
        following.kill()
        following.communicate()
        work = finished(endpoint, tmp_path)
        try:
            assert work.store.opened.quarantined == ()
            assert work.now > NOW + timedelta(minutes=20)
            # What is newer may still come; what is older was there before the first read.
            window = Window(NOW - 2 * HOUR, work.now - timedelta(minutes=11))
            groups = [n for n in endpoint.logs.groups(PLACE) if n.startswith(tuple(_starts()))]
            assert len(groups) == 4
            for name in groups:
                found = work.stored(name)
                inside = found.filter(
                    found["at"].is_between(window.start, window.end, closed="left")
                )
                assert found["event"].n_unique() == found.height
                assert inside.height == work.told(name, window) > 50, name
            counted = sum(slot["count"] for slot in work.slots("Killed", "Lines"))
            assert counted == work.stored().height
        finally:
            work.store.close()


def _starts() -> list[str]:
    return [name.removesuffix("*") for name in NAMES]
