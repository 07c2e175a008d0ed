"""The whole way, from the pretend AWS to a page, an alarm and a message, with real processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.config import StoreSettings, load
from app.model.rounds import Result
from app.model.states import AlarmState
from app.read.spending import NEAR_CAP
from app.run.supervise import wait_for
from app.store import Store, open_store

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

ROOT = Path(__file__).parents[2]
NEVER = threading.Event()
START = 600.0
"""Seconds until the demo must be ready; 90 on a quiet machine, and this one runs tests."""
PATIENCE_S = 240.0
"""Seconds that anything else may take; waiting costs only those who fail."""


@dataclass
class Running:
    """A demo that was started, and what it said so far."""

    process: subprocess.Popen[str]
    folder: Path
    port: int
    said: list[str]
    reader: threading.Thread

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def store(self) -> Path:
        return self.folder / "var" / "demo"

    def messages(self, channel: str) -> list[dict[str, Any]]:
        line = next(line for line in self.said if "Messages" in line)
        answer = get(f"{line.split()[-1]}?channel={channel}")
        return list(json.loads(answer)["messages"])

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        self.reader.join(PATIENCE_S)
        return code


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def answers(url: str) -> bool:
    try:
        get(url)
    except (urllib.error.URLError, OSError):
        return False
    return True


def start(folder: Path, *options: str) -> Running:
    shutil.copy(ROOT / "config.yaml", folder / "config.yaml")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "demo", "--port", str(port), *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    reader = threading.Thread(target=_read, args=(process, said), daemon=True)
    reader.start()
    return Running(process, folder, port, said, reader)


def _read(process: subprocess.Popen[str], said: list[str]) -> None:
    assert process.stdout is not None
    with process.stdout:
        said.extend(process.stdout)


def fires(running: Running) -> str | None:
    """The alarm that the demo has told to fire."""
    found = re.search(r"Firing now: +\d+ alarms?,(?: such as)? (.+)", "".join(running.said))
    return found and found[1]


def ready(running: Running) -> bool:
    return wait_for(lambda: any("To stop:" in line for line in running.said), NEVER, START)


def gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    try:
        return "State:\tZ" in status.read_text()
    except OSError:
        return True


def opened(folder: Path) -> Store:
    return open_store(StoreSettings(path=folder), datetime.now(UTC), writer=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("demo"))
    try:
        assert ready(running), running.said
        yield running
    finally:
        if running.process.poll() is None:
            running.end()


def test_the_demo_says_where_it_is_what_fires_and_how_to_stop(demo: Running) -> None:
    said = "".join(demo.said)
    assert f"The dashboard:     {demo.url}" in said
    assert "To stop:           Ctrl-C" in said
    assert wait_for(lambda: fires(demo) is not None, NEVER, PATIENCE_S)
    # Which one it is depends on the hour: each incident of a day makes others fire.
    store = opened(demo.store)
    try:
        assert fires(demo) in {d.name for d in store.ledger.definitions()}
    finally:
        store.close()


def test_the_first_page_is_served_and_the_store_is_ready(demo: Running) -> None:
    assert "Watchdeck" in get(demo.url)
    assert json.loads(get(f"{demo.url}/healthz")) == {"status": "ok"}
    assert json.loads(get(f"{demo.url}/readyz"))["status"] == "ready"
    assert "legacy-import" in get(f"{demo.url}/_dash-layout") or answers(f"{demo.url}/alarms")


def test_a_month_of_it_stays_below_the_warning_of_its_cap(demo: Running) -> None:
    store = opened(demo.store)
    try:
        plan = store.meter.plan()
        assert plan is not None
        month = sum(read.usd_per_hour for read in plan.reads) * 730
        cap = load(ROOT / "config.yaml", {}).collection.budget_usd_per_month
        assert cap / 2 < month < cap * NEAR_CAP
    finally:
        store.close()


def test_the_command_that_it_names_can_be_run(demo: Running) -> None:
    told = next(line for line in demo.said if "Its alarms:" in line)
    command = told.partition("Its alarms:")[2].split()
    listed = subprocess.run(
        command,
        cwd=demo.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "the old import fails" in listed.stdout


def test_there_is_a_day_of_every_group_of_metrics(demo: Running) -> None:
    store = opened(demo.store)
    try:
        lengths = {
            group: answered.length
            for (_, group), answered in store.answered().items()
            if group.startswith("metrics/") and not group.startswith("metrics/Watchdeck/")
        }
        assert len(lengths) > 10
        assert min(lengths.values()) > timedelta(hours=23, minutes=45)
    finally:
        store.close()


def test_no_round_of_the_first_minutes_fails(demo: Running) -> None:
    store = opened(demo.store)
    try:
        # No answer in time is a matter of how busy the machine is, and is asked again.
        fine = (Result.OK, Result.PARTIAL, Result.UNREACHABLE)
        wrong = [r for r in store.rounds.latest() if r.result not in fine]
        assert [(r.collector, str(r.place), r.group, r.message) for r in wrong] == []
    finally:
        store.close()


def test_an_alarm_is_in_alarm_with_its_reason(demo: Running) -> None:
    store, alarm = opened(demo.store), "222222222222/eu-central-1/the old import fails"
    try:
        assert wait_for(
            lambda: store.ledger.statuses()[alarm].state is AlarmState.ALARM, NEVER, PATIENCE_S
        )
        status = store.ledger.statuses()[alarm]
        assert status.reason.startswith("Threshold Crossed: 3 out of the last 3 datapoints")
    finally:
        store.close()


def test_a_message_reached_slack_sns_and_the_webhook(demo: Running) -> None:
    def told(channel: str) -> bool:
        return any("the old import fails" in json.dumps(m) for m in demo.messages(channel))

    for channel in ("slack", "sns", "webhook"):
        assert wait_for(lambda channel=channel: told(channel), NEVER, PATIENCE_S), channel


def command(demo: Running, *arguments: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-m", "app", *arguments, "--store", str(demo.store)],
        cwd=demo.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout


def test_the_command_line_tells_which_alarms_fire_and_why(demo: Running) -> None:
    listed = command(demo, "alarms", "list", "--state", "ALARM")
    assert "ALARM  the old import fails\n       blog-staging eu-central-1" in listed
    assert "fires at Errors (Sum) at or above 1 in 3 of 3 periods of 1 min" in listed
    shown = command(demo, "alarms", "show", "old import")
    assert "reason      Threshold Crossed: 3 out of the last 3 datapoints" in shown
    assert "INSUFFICIENT_DATA -> ALARM" in shown
    rows = json.loads(command(demo, "alarms", "list", "--json", "--state", "ALARM"))
    assert {row["state"] for row in rows} == {"ALARM"}


def test_a_killed_work_process_is_started_again(demo: Running) -> None:
    before = set(demo.children())
    work = next(p for p in before if b"\0work\0" in Path(f"/proc/{p}/cmdline").read_bytes())
    os.kill(work, signal.SIGKILL)
    assert wait_for(
        lambda: any(
            b"\0work\0" in Path(f"/proc/{p}/cmdline").read_bytes()
            for p in set(demo.children()) - before
        ),
        NEVER,
        PATIENCE_S,
    )


def test_ctrl_c_ends_everything_and_the_next_start_goes_on(demo: Running) -> None:
    children = demo.children()
    assert len(children) == 3
    assert demo.end(signal.SIGINT) == 0
    assert all(gone(pid) for pid in children)
    store = opened(demo.store)
    before, first = store.upkeep.stats(), min(r.started for r in store.rounds.recent(10_000))
    store.close()
    again = start(demo.folder)
    try:
        assert ready(again), again.said
        store = opened(again.store)
        after = store.upkeep.stats()
        assert min(r.started for r in store.rounds.recent(10_000)) == first
        assert after.transitions >= before.transitions > 0
        assert after.series >= before.series > 0
        verified = store.upkeep.verify()
        store.close()
        assert verified.ok
    finally:
        again.end()


def test_a_killed_demo_leaves_no_process_behind(tmp_path: Path) -> None:
    running = start(tmp_path)
    assert wait_for(lambda: answers(f"{running.url}/healthz"), NEVER, START)
    children = running.children()
    assert running.end(signal.SIGKILL) == -signal.SIGKILL
    assert wait_for(lambda: all(gone(pid) for pid in children), NEVER, PATIENCE_S)
