"""``watchdeck query``: Logs Insights queries over files and pipes, without a server."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.model import written
from app.model.errors import ConfigError, StoreError
from app.model.time import Window
from app.read.moments import moment
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.report_query import Format, write

if TYPE_CHECKING:
    import polars as pl

    from app.config import Settings
    from app.query.insights import Result, Scanned

STANDARD_INPUT = "-"
SPAN = timedelta(hours=1)
"""What is asked when neither start nor end is given."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, over which time, and how the answer is wanted."""

    text: str
    groups: Sequence[str]
    since: str | None
    until: str | None
    form: Format
    output: Path | None
    seconds: float | None = None


def query_files(question: Question, files: Sequence[str]) -> None:
    """Answer over local files; ``-`` is standard input."""
    # Looked for before anything is read, so that a mistake costs no waiting.
    from app.query.insights.check import check
    from app.query.insights.parse import parse

    check(parse(question.text))
    now = utc_now()
    start, end = window(question, now)
    result = _answered(question, _events(files, now), start, end, now)
    write(result.columns, result.rows, question.form, question.output)
    _tell(f"{result.records_matched:,} rows of {result.records_scanned:,} events")


def query_store(settings: Settings, question: Question) -> int:
    """Answer over the log events of the store; asks AWS nothing."""
    from app.catalogue import load_catalogue
    from app.query.insights import Limits, Watch
    from app.read import Reads
    from app.run.report_store import opened

    now = utc_now()
    start, end = window(question, now)
    span = Window(start or (end or now) - SPAN, end or now)
    with opened(settings) as store:
        reads = Reads(store, load_catalogue(settings.catalogue.extras), settings)
        if not reads.logs.groups(reads.places):
            raise StoreError(
                f"{settings.store.path} holds no log events yet: none were collected. "
                "Ask a file with --file, or another store with --store"
            )
        found = reads.logs.query(
            question.text,
            question.groups,
            span,
            reads.places,
            now=now,
            limits=Limits(seconds=question.seconds),
            watch=Watch(progress=_progress),
        )
        result = found.result()
    _clear()
    write(result.columns, result.rows, question.form, question.output)
    scanned = found.scanned
    _tell(
        f"{result.records_matched:,} rows; read {scanned.rows:,} events "
        f"({written.value(scanned.bytes, 'bytes')}), left out {scanned.skipped_rows:,} "
        f"({written.value(scanned.skipped_bytes, 'bytes')})"
    )
    if scanned.stopped:
        sys.stderr.write(f"watchdeck: stopped by {scanned.stopped}; the answer is not whole\n")
        return Exit.FAILED
    return Exit.OK


def form_of(text: str) -> Format:
    """The format of that name."""
    try:
        return Format(text)
    except ValueError:
        known = ", ".join(Format)
        raise ConfigError(f"--format {text}: there is no such format; known are {known}") from None


def window(question: Question, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Start and end of the question, each None where it leaves it open."""
    start = None if question.since is None else moment(question.since, now, "--since")
    end = None if question.until is None else moment(question.until, now, "--until")
    if start and end and end < start:
        raise ConfigError(f"--until ({end:%Y-%m-%d %H:%M:%S}) lies before --since; swap the two")
    return start, end


def _events(files: Sequence[str], now: datetime) -> pl.DataFrame:
    import polars as pl

    from app.read.event_files import read_events

    frames = []
    for name in files:
        found = read_events(_content(name), Path(name).name if name != STANDARD_INPUT else "-", now)
        if not found.dated and found.frame.height:
            _tell(f"{name}: no line tells a time; every event stands at now")
        frames.append(found.frame)
    return pl.concat(frames)


def _content(name: str) -> bytes:
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read {name}: {error.strerror}") from error


def _answered(
    question: Question,
    events: pl.DataFrame,
    start: datetime | None,
    end: datetime | None,
    now: datetime,
) -> Result:
    from app.query.insights import run_query

    groups = question.groups or None
    if groups:
        known = set(events["logGroup"].unique().to_list())
        unknown = [group for group in groups if group not in known]
        if unknown:
            there = ", ".join(sorted(known)[:10])
            raise ConfigError(f"there is no log group {', '.join(unknown)}; there are {there}")
    return run_query(question.text, events, start=start, end=end, now=now, log_groups=groups)


def _progress(scanned: Scanned) -> None:
    if sys.stderr.isatty():
        read = written.value(scanned.bytes, "bytes")
        sys.stderr.write(f"\r\x1b[Kread {scanned.rows:,} events, {read}")
        sys.stderr.flush()


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")


def _tell(words: str) -> None:
    """Say something beside the answer, to a person only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{words}\n")
