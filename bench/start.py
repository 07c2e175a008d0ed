"""From the start of a process to the first page, and the memory of an idle web process.

``web`` on an empty store, then the whole demo from nothing: pretend AWS, first
collection, first page with data. The peer is the bare start of the libraries
that any Dash dashboard over polars and SQLAlchemy must load.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.timing import compare, report, scratch

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "config.yaml"
PATIENCE = 120.0
LIBRARIES = "import dash, polars, sqlalchemy, pydantic, waitress"
ENV = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    with scratch() as folder:
        web = statistics.median(_web_start(folder) for _ in range(5))
        libraries = statistics.median(_seconds(LIBRARIES) for _ in range(5))
        report("web: process start to first page", web, "s", limit=2)
        compare("web start", web, libraries, peer_name="the libraries alone", unit="s")
        report("web: memory when idle", _web_memory(folder), "MB", limit=250)
        demo = _demo(folder)
        report("demo: process start to first page", demo.first_page, "s", limit=10)
        report("demo: process start to a day of data", demo.day_of_data, "s", limit=90)
        report("demo: memory of the web process, idle after answers", demo.web, "MB", limit=250)
        print(f"load of the machine: {', '.join(f'{each:.1f}' for each in os.getloadavg())}")


@dataclass(frozen=True, slots=True)
class _Demo:
    """Seconds until the demo shows something, and megabytes of its web process."""

    first_page: float
    day_of_data: float
    web: float


def _seconds(program: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, env=ENV)
    return time.perf_counter() - started


def _web_start(folder: Path) -> float:
    started = time.perf_counter()
    with _process(folder, ["web"]) as (_, port):
        _wait_for_page(port)
        return time.perf_counter() - started


def _web_memory(folder: Path) -> float:
    with _process(folder, ["web"]) as (process, port):
        _wait_for_page(port)
        return _rss_mb(process.pid)


def _rss_mb(pid: int) -> float:
    """Resident memory now; 0 where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(ln for ln in status.read_text().splitlines() if ln.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _demo(folder: Path) -> _Demo:
    started = time.perf_counter()
    with _process(folder, ["demo", "--fresh"], cwd=folder) as (process, port):
        _wait_for_page(port)
        first = time.perf_counter() - started
        for line in process.stdout or ():
            if b"The dashboard:" in line:
                day = time.perf_counter() - started
                return _Demo(first, day, _web_memory_of_demo(port))
    raise RuntimeError("the demo ended before it was ready")


def _web_memory_of_demo(port: int) -> float:
    """After questions that make it read everything that pages read, and a little rest."""
    for question in ("services", "alarms", "resources?service=lambda"):
        address = f"http://127.0.0.1:{port}/api/v1/{question}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            answer.read()
    time.sleep(3)
    return sum(_rss_mb(pid) for pid in _pids_of("web", port))


def _pids_of(command: str, port: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if command.encode() in words and str(port).encode() in words:
            yield int(path.parent.name)


@contextmanager
def _process(
    folder: Path, command: Sequence[str], cwd: Path = ROOT
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = _free_port()
    store = [] if command[0] == "demo" else ["--store", str(folder / "store")]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "app",
            *command,
            "--config",
            str(CONFIG),
            "--port",
            str(port),
            *store,
        ],
        cwd=cwd,
        env={**ENV, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process, port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_for_page(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                answer.read()
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/_dash-layout", timeout=30
            ) as layout:
                layout.read()
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.01)
    raise RuntimeError(f"nothing answered on port {port} within {PATIENCE:g} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
