"""Prometheus's own evaluation of 10,000 alerting rules, where it is installed.

Found on the path, or where ``PROMETHEUS`` points. Each rule asks for three breaches among the
newest five samples of one series, which is as near as PromQL comes to M of N; it has no
treatment of missing data and writes no reason.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError

from bench.timing import scratch

RULES, INTERVAL_S, ENOUGH = 10_000, 5, 8
_TOOK = re.compile(r"^prometheus_rule_group_last_duration_seconds\{.*\} ([\d.e+-]+)$", re.M)
_RUNS = re.compile(r"^prometheus_rule_group_iterations_total\{.*\} ([\d.e+-]+)$", re.M)


def rules_ms() -> float | None:
    """Milliseconds that one evaluation of all rules took; None where it is not installed."""
    program = os.environ.get("PROMETHEUS") or shutil.which("prometheus")
    if program is None:
        return None
    with scratch() as folder, _samples() as target:
        _write(folder, target)
        with _running(program, folder) as page:
            return _taken(page)


class _Samples(BaseHTTPRequestHandler):
    """A page of one metric with 10,000 series."""

    def do_GET(self) -> None:
        draw = random.Random()
        lines = (f'm{{i="{i}"}} {draw.random():.3f}\n' for i in range(RULES))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write("".join(lines).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _samples() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Samples)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def _write(folder: Path, target: str) -> None:
    """Settings and rules; JSON is YAML."""
    every = f"{INTERVAL_S}s"
    window = f"{5 * INTERVAL_S}s:{every}"
    rules = [
        {"alert": f"a{i}", "expr": f'count_over_time((m{{i="{i}"}} > 0.9)[{window}]) >= 3'}
        for i in range(RULES)
    ]
    group = {"name": "alarms", "interval": every, "rules": rules}
    (folder / "rules.yml").write_text(json.dumps({"groups": [group]}))
    settings = {
        "global": {"scrape_interval": every, "evaluation_interval": every},
        "rule_files": [str(folder / "rules.yml")],
        "scrape_configs": [{"job_name": "x", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(json.dumps(settings))


@contextmanager
def _running(program: str, folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            yield f"http://{address}/metrics"
        finally:
            process.terminate()
            process.wait(30)


def _taken(page: str) -> float | None:
    """How long the evaluation takes once every rule has samples to look at."""
    for _ in range(120):
        time.sleep(1)
        try:
            with urllib.request.urlopen(page, timeout=5) as answer:  # noqa: S310 - on loopback
                text = answer.read().decode()
        except (URLError, TimeoutError):
            continue
        runs, took = _RUNS.search(text), _TOOK.search(text)
        if runs and took and float(runs[1]) >= ENOUGH:
            return float(took[1]) * 1000
    return None
