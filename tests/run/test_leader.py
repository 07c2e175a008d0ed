"""One process writes; a restart on the same machine goes on at once, another machine waits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.config import StoreSettings
from app.model.errors import LeaseLost
from app.run.leader import TTL, Leadership, holder_of
from app.run.supervise import wait_for
from app.store import Store, open_store

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NEVER = threading.Event()
PATIENCE = 20.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(StoreSettings(path=tmp_path / "store"), NOW)
    yield opened
    opened.close()


def test_a_machine_keeps_its_name_over_restarts(tmp_path: Path) -> None:
    assert holder_of(tmp_path) == holder_of(tmp_path)
    assert holder_of(tmp_path) != holder_of(tmp_path / "another")


def test_a_second_process_of_the_same_folder_may_not_write(store: Store, tmp_path: Path) -> None:
    first = Leadership(store, tmp_path, lambda: NOW)
    second = Leadership(store, tmp_path, lambda: NOW)
    with first, second:
        assert first.try_take()
        assert not second.try_take()
        first.release()
        assert second.try_take()


def test_another_machine_waits_until_the_lease_has_run_out(store: Store, tmp_path: Path) -> None:
    later = [NOW]
    here = Leadership(store, tmp_path / "here", lambda: NOW)
    there = Leadership(store, tmp_path / "there", lambda: later[0])
    with here, there:
        assert here.try_take()
        assert not there.try_take()
        later[0] = NOW + TTL + timedelta(seconds=1)
        assert there.try_take()


def test_without_the_lease_there_is_nothing_to_write_with(store: Store, tmp_path: Path) -> None:
    leadership = Leadership(store, tmp_path, lambda: NOW)
    with pytest.raises(LeaseLost):
        leadership.lease()
    assert leadership.try_take()
    assert leadership.lease().holder == leadership.holder
    leadership.lost.set()
    with pytest.raises(LeaseLost):
        leadership.lease()
    leadership.release()


def test_waiting_ends_when_the_other_lets_go(store: Store, tmp_path: Path) -> None:
    first = Leadership(store, tmp_path, lambda: NOW)
    second = Leadership(store, tmp_path, lambda: NOW)
    took: list[bool] = []
    assert first.try_take()
    waiter = threading.Thread(target=lambda: took.append(second.wait(threading.Event())))
    waiter.start()
    first.release()
    waiter.join(PATIENCE)
    assert took == [True]
    second.release()


def test_waiting_ends_when_told_to_stop(store: Store, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    assert not Leadership(store, tmp_path, lambda: NOW).wait(stop)


HOLDS = """
import pathlib, signal, sys
from datetime import UTC, datetime
sys.path.insert(0, {root!r})
from app.config import StoreSettings
from app.run.leader import Leadership
from app.store import open_store
now = lambda: datetime.now(UTC)
folder = pathlib.Path({folder!r})
store = open_store(StoreSettings(path=folder), now())
assert Leadership(store, folder, now).try_take()
(folder / "held").write_text("yes")
signal.pause()
"""


def test_a_killed_process_holds_nobody_up_on_its_machine(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    program = HOLDS.format(root=str(Path(__file__).parents[2]), folder=str(folder))
    process = subprocess.Popen([sys.executable, "-c", program])
    assert wait_for(lambda: (folder / "held").exists(), NEVER, PATIENCE)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    now = datetime.now(UTC)
    store = open_store(StoreSettings(path=folder), now)
    with Leadership(store, folder, lambda: now) as leadership:
        assert leadership.try_take()
    store.close()
