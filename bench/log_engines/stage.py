"""Runs the engines, each in a process of its own, and makes their answers comparable."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from bench.log_engines.questions import Question
from bench.logs_data import Day
from bench.timing import size_of

PEERS_PYTHON = Path(sys.prefix) / "peers" / "bin" / "python"
"""chdb brings pandas and pyarrow along, so it has an environment of its own."""

PATIENCE_S = 60.0
_ROWS_OF_FILE = 500_000
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")


@dataclass(frozen=True, slots=True)
class Contender:
    """One engine on one kind of storage; ``wording`` names the text that it is asked with."""

    name: str
    module: str
    storage: str
    wording: str
    python: str = sys.executable

    @property
    def is_database(self) -> bool:
        return self.module in ("in_duckdb", "in_chdb")


@dataclass(frozen=True, slots=True)
class Answered:
    """How one engine did on one question; seconds and MB."""

    contender: Contender
    cold: float
    warm: float
    cpu: float
    """Seconds of computing, which other work on the machine disturbs less than the clock."""
    runs: int
    peak_mb: float
    digest: str
    rows: int


@dataclass(slots=True)
class _Asked:
    """An engine that has answered once and waits to be asked again."""

    contender: Contender
    process: subprocess.Popen[str]
    cold: float
    rows: int
    digest: str
    peak_mb: float = 0.0
    warm: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def again(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        told = _told(self.contender, self.process)
        self.warm.append(told["seconds"])
        self.cpu.append(told["cpu"])
        self.peak_mb = told["peak_mb"]

    def done(self) -> Answered:
        self.process.communicate()
        return Answered(
            self.contender,
            self.cold,
            statistics.median(self.warm),
            statistics.median(self.cpu),
            len(self.warm),
            self.peak_mb,
            self.digest,
            self.rows,
        )


def _told(contender: Contender, process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{contender.name} ended with {process.wait()}")
    told: dict[str, Any] = json.loads(line)
    return told


@dataclass(frozen=True, slots=True)
class Loaded:
    """What taking the day in came to."""

    seconds: float
    bytes: int
    peak_mb: float


class Stage:
    """One day, and the stores of every engine beside it."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.parquet = day.folder / "parquet"
        self.ours = day.folder / "watchdeck"

    def peers(self) -> tuple[list[Contender], list[str]]:
        """The peers that are here, and in words those that are not."""
        here, absent = [], []
        for name, needed, made in _PEERS:
            missing = needed()
            if missing:
                absent.append(f"{name} is left out: {missing}")
            else:
                here += made
        return here, absent

    def files_for_peers(self) -> None:
        """The day as Parquet: slices of time, each sorted by group and time."""
        if (self.parquet / "done").exists():
            return
        shutil.rmtree(self.parquet, ignore_errors=True)
        self.parquet.mkdir()
        files = self.day.chunk_files
        at_once = max(1, _ROWS_OF_FILE // pl.read_parquet(files[0]).height)
        for first in range(0, len(files), at_once):
            pl.read_parquet(files[first : first + at_once]).select(
                "log_group",
                "log_stream",
                pl.col("at").dt.replace_time_zone(None).alias("ts"),
                "message",
            ).sort("log_group", "ts").write_parquet(
                self.parquet / f"{first:04d}.parquet",
                compression="zstd",
                compression_level=1,
                row_group_size=100_000,
            )
        (self.parquet / "done").touch()

    def load_peer(self, contender: Contender) -> Loaded:
        """Load once; the figures of the first time are kept beside the store."""
        folder = self._native(contender).parent
        told = folder / "loaded.json"
        if not told.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            figures = self._run(contender, {"step": "load"})
            size = figures.get("bytes") or size_of(folder)
            loaded = [figures["seconds"], size, figures["peak_mb"]]
            told.write_text(json.dumps(loaded), "utf-8")
        return Loaded(*json.loads(told.read_text("utf-8")))

    def load_ours(self, *, fields: bool) -> dict[str, Any]:
        """Take the day in anew, with or without columns of fields."""
        folder = self.ours if fields else self.day.folder / "watchdeck-plain"
        shutil.rmtree(folder, ignore_errors=True)
        return self._run(OURS, {"step": "load", "fields": fields, "store": str(folder)})

    def ask(
        self, question: Question, contenders: Sequence[Contender], repeat: int = 5
    ) -> tuple[list[Answered], list[str]]:
        """Put one question to all: cold one after the other, then warm in turns.

        Gives back the answers, and in words what went wrong. A slow engine
        stops when it has had its time, after two warm answers at least.
        """
        asked, problems = [], []
        for contender in contenders:
            try:
                asked.append(self._begun(contender, question))
            except RuntimeError as problem:
                problems.append(str(problem))
        for turn in range(repeat):
            for one in asked:
                if turn < 2 or sum(one.warm) < PATIENCE_S:
                    one.again()
        return [one.done() for one in asked], problems

    def _begun(self, contender: Contender, question: Question) -> _Asked:
        order = {
            "step": "ask",
            "text": getattr(question, contender.wording),
            "columns": question.columns,
            "groups": question.groups,
            "evict": [str(path) for path in self._read_by(contender)],
        }
        process = self._started(contender, order)
        cold = _told(contender, process)
        digest = digested(cold["rows"], question.compared)
        return _Asked(contender, process, cold["seconds"], len(cold["rows"]), digest)

    def _run(self, contender: Contender, order: dict[str, Any]) -> dict[str, Any]:
        process = self._started(contender, order)
        told = _told(contender, process)
        process.communicate()
        return told

    def _started(self, contender: Contender, order: dict[str, Any]) -> subprocess.Popen[str]:
        given = {
            "storage": contender.storage,
            "native": str(self._native(contender)),
            "parquet": str(self.parquet / "*.parquet"),
            "chunks": self.day.chunk_pattern,
            "raw": str(self.day.raw),
            "store": str(self.ours),
        }
        process = subprocess.Popen(
            [contender.python, "-m", f"bench.log_engines.{contender.module}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(given | order) + "\n")
        process.stdin.flush()
        return process

    def _native(self, contender: Contender) -> Path:
        return self.day.folder / contender.module / "native"

    def _read_by(self, contender: Contender) -> list[Path]:
        if contender.module == "in_shell":
            return [self.day.raw]
        if contender.module == "in_watchdeck":
            return [self.ours]
        return [self._native(contender) if contender.storage == "native" else self.parquet]


def digested(rows: Sequence[Sequence[Any]], columns: int | None) -> str:
    """The same for equal answers in any order of rows, however an engine writes its numbers."""
    plain = sorted(repr([_plain(cell) for cell in row[:columns]]) for row in rows)
    return hashlib.blake2b("\n".join(plain).encode(), digest_size=4).hexdigest()


def _plain(cell: Any) -> Any:
    if isinstance(cell, str) and _ISO.match(cell):
        cell = datetime.fromisoformat(cell).timestamp() * 1000
    try:
        return round(float(cell), 4)  # no figure of the questions has more decimals
    except (TypeError, ValueError):
        return cell


def _needs_programs() -> str:
    lacking = [name for name in ("rg", "jq", "awk") if shutil.which(name) is None]
    return f"Debian packages ripgrep, jq and gawk have it: {', '.join(lacking)}" if lacking else ""


def _needs_chdb() -> str:
    return "" if PEERS_PYTHON.exists() else "`make bench` installs chdb where it can be had"


def _both(name: str, module: str, wording: str, python: str = sys.executable) -> list[Contender]:
    return [
        Contender(name, module, "native", wording, python),
        Contender(f"{name} on Parquet", module, "parquet", wording, python),
    ]


OURS = Contender("Watchdeck", "in_watchdeck", "native", "insights")
_PEERS: list[tuple[str, Callable[[], str], list[Contender]]] = [
    ("DuckDB", lambda: "", _both("DuckDB", "in_duckdb", "duckdb")),
    ("chdb", _needs_chdb, _both("chdb", "in_chdb", "clickhouse", str(PEERS_PYTHON))),
    ("ripgrep", _needs_programs, [Contender("ripgrep", "in_shell", "raw", "shell")]),
]
