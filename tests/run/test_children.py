"""Child processes start anew, are restarted when they die, and all end with the parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.run.children import Child, end_all
from app.run.supervise import tend, wait_for

PATIENCE = 20.0
NEVER = threading.Event()

LIVES = """
import os, pathlib, sys
sys.path.insert(0, {root!r})
from app.run.lifeline import stop_event
stop = stop_event()
pathlib.Path({mark!r}).write_text(str(os.getpid()))
stop.wait()
"""
DIES = "import sys; sys.exit({code})"
ROOT = str(Path(__file__).parents[2])


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Writes a program that a child can run with ``-m``."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def write(name: str, text: str) -> str:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return name

    return write


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def appears(path: Path) -> bool:
    return wait_for(lambda: path.exists() and path.read_text() != "", NEVER, PATIENCE)


def test_a_child_that_died_is_started_again(
    module: Callable[[str, str], str], tmp_path: Path
) -> None:
    mark = tmp_path / "pid"
    child = Child("lives", [module("lives", LIVES.format(root=ROOT, mark=str(mark)))])
    child.start()
    try:
        assert appears(mark)
        first = int(mark.read_text())
        mark.unlink()
        os.kill(first, signal.SIGKILL)
        assert wait_for(lambda: child.tend() is None and child.restarts == 1, NEVER, PATIENCE)
        assert appears(mark)
        assert int(mark.read_text()) != first
    finally:
        end_all([child])


def test_restarts_come_later_and_later(module: Callable[[str, str], str]) -> None:
    clock = [0.0]
    child = Child("dies", [module("dies", DIES.format(code=1))], clock=lambda: clock[0])
    starts: list[float] = []
    child.start()
    for _ in range(3):
        assert child.process is not None
        child.process.wait(PATIENCE)
        while child.tend() is None and child.process is None:
            clock[0] += 0.5
        starts.append(clock[0])
    end_all([child])
    assert starts == [1.0, 3.0, 7.0]


def test_wrong_settings_end_everything_instead_of_restarting(
    module: Callable[[str, str], str], tmp_path: Path
) -> None:
    mark = tmp_path / "pid"
    lives = Child("lives", [module("lives", LIVES.format(root=ROOT, mark=str(mark)))])
    wrong = Child("wrong", [module("wrong", DIES.format(code=2))])
    assert tend([lives, wrong], NEVER, lambda: None) == 2
    assert lives.process is None
    assert wrong.process is None


def test_stopping_ends_every_child(module: Callable[[str, str], str], tmp_path: Path) -> None:
    marks = [tmp_path / "one", tmp_path / "two"]
    children = [
        Child(m.name, [module(m.name + "_", LIVES.format(root=ROOT, mark=str(m)))]) for m in marks
    ]
    stop = threading.Event()

    def look() -> None:
        if all(m.exists() and m.read_text() for m in marks):
            stop.set()

    assert tend(children, stop, look) == 0
    assert all(gone(int(m.read_text())) for m in marks)


def test_a_child_that_will_not_end_is_killed(
    module: Callable[[str, str], str], tmp_path: Path
) -> None:
    mark = tmp_path / "pid"
    stubborn = (
        "import os, pathlib, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n"
        "while True: signal.pause()\n"
    )
    child = Child("stubborn", [module("stubborn", stubborn)])
    child.start()
    assert appears(mark)
    end_all([child], patience=0.2)
    assert gone(int(mark.read_text()))


def test_children_end_when_their_parent_is_killed(
    module: Callable[[str, str], str], tmp_path: Path
) -> None:
    mark = tmp_path / "pid"
    module("lives", LIVES.format(root=ROOT, mark=str(mark)))
    parent = (
        f"import sys; sys.path.insert(0, {ROOT!r})\n"
        "from app.run.children import Child\n"
        "Child('lives', ['lives']).start()\n"
        "import signal; signal.pause()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent])
    assert appears(mark)
    process.kill()
    process.wait()
    assert wait_for(lambda: gone(int(mark.read_text())), NEVER, PATIENCE)
