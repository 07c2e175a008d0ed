"""`watchdeck tail` follows the store: older events first, then each new one once."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest

from app.config import StoreSettings
from app.model.rounds import Batch
from app.store import open_store
from tests.cli.test_cli import CONFIG, ENV, ROOT
from tests.read.test_logs import API, FUNCTION, rows_of
from tests.support.shelf import HOME


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    text = CONFIG.replace("111111111111", HOME.account).replace("eu-central-1", HOME.region)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "app", "tail", *arguments],
        cwd=folder,
        env={**ENV, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().rstrip("\n")


def test_new_events_follow_the_older_ones(folder: Path) -> None:
    now = datetime.now(UTC)
    store = open_store(StoreSettings(path=folder / "var"), now)
    lease = store.acquire("tests", now, timedelta(hours=1))
    assert lease is not None
    at = datetime(2026, 11, 24, 11, 0, 0, 250_000, tzinfo=UTC)
    later = at + timedelta(milliseconds=100)
    first = [(API, at, "INFO one"), (FUNCTION, at, "ERROR two"), (API, later, "ERROR three")]
    store.commit(Batch(logs=rows_of(first, columns=True)), lease=lease, now=now)
    process = start(folder, "--group", "/a*", "--filter", "?ERROR ?WARN", "--last", "1")
    try:
        assert line(process.stdout) == "11:00:00.350 /api ERROR three"
        more = [
            (API, at + timedelta(seconds=n), f"{level} {n}")
            for n, level in ((1, "INFO"), (2, "WARN"))
        ]
        store.commit(Batch(logs=rows_of(more, columns=True)), lease=lease, now=now)
        assert line(process.stdout) == "11:00:02.250 /api WARN 2"
    finally:
        process.terminate()
        process.communicate(timeout=60)
        store.close()
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        ((), "holds no log events yet: none were collected", 4),
        (("--filter", "{ $.a = "), "", 2),
    ],
)
def test_what_cannot_be_followed_is_told(
    folder: Path, arguments: tuple[str, ...], words: str, code: int
) -> None:
    process = start(folder, *arguments)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    assert words in told
