"""``watchdeck query``: Logs Insights queries over the store, or over files and pipes."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.model import written
from app.model.errors import ConfigError, StoreError
from app.model.time import Window, epoch_ms, from_epoch_ms
from app.read.moments import moment
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.report_query import Format, write

if TYPE_CHECKING:
    import polars as pl

    from app.config import Settings
    from app.query.insights import Answer, Explanation, Limits, Scanned

STANDARD_INPUT = "-"
SPAN = timedelta(hours=1)
"""What is asked when neither start nor end is given."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(B|kB|MB|GB|TB|)", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the command line says of the limits; what is left out stands in the settings.

    Sizes are as a person writes them, such as ``5GB``.
    """

    seconds: float | None = None
    read: str | None = None
    memory: str | None = None

    def over(self, limits: Limits) -> Limits:
        """Other limits with those that are given here."""
        return replace(
            limits,
            seconds=limits.seconds if self.seconds is None else self.seconds,
            bytes=limits.bytes if self.read is None else _size("--max-bytes", self.read),
            memory=limits.memory if self.memory is None else _size("--max-memory", self.memory),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, over which time, and how the answer is wanted."""

    text: str
    groups: Sequence[str]
    since: str | None
    until: str | None
    form: Format
    output: Path | None
    explain: bool = False
    allowed: Allowed = Allowed()


def query_files(question: Question, files: Sequence[str]) -> int:
    """Answer over local files; ``-`` is standard input."""
    # Looked for before anything is read, so that a mistake costs no waiting.
    from app.query.insights import Limits, Watch, answer, explain
    from app.query.insights.check import check
    from app.query.insights.events import as_frame
    from app.query.insights.functions import Clock
    from app.query.insights.memory import MemorySource
    from app.query.insights.parse import parse

    check(parse(question.text))
    limits, now = question.allowed.over(Limits()), utc_now()
    start, end = window(question, now)
    source = MemorySource(as_frame(_events(files, now)))
    groups = _known(question.groups, source.group_names())
    first, last = source.window()
    clock = Clock(
        epoch_ms(now), epoch_ms(start) if start else first, epoch_ms(end) if end else last
    )
    if question.explain:
        return _explained(explain(question.text, source, clock=clock, groups=groups))
    watch = Watch(progress=_progress)
    return _told(
        question,
        answer(question.text, source, clock=clock, groups=groups, limits=limits, watch=watch),
    )


def query_store(settings: Settings, question: Question) -> int:
    """Answer over the log events of the store; asks AWS nothing."""
    from app.catalogue import load_catalogue
    from app.query.insights import Watch
    from app.read import Reads
    from app.read.logs import LogsReader, limits_of
    from app.run.report_store import opened

    limits, now = question.allowed.over(limits_of(settings.queries)), utc_now()
    start, end = window(question, now)
    span = Window(start or (end or now) - SPAN, end or now)
    with opened(settings) as store:
        places = Reads(store, load_catalogue(settings.catalogue.extras), settings).places
        logs = LogsReader(store, limits, counting_queries=True)
        if not logs.groups(places):
            raise StoreError(
                f"{settings.store.path} holds no log events yet: none were collected. "
                "Ask a file with --file, or another store with --store"
            )
        asked = (question.text, question.groups, span, places)
        if question.explain:
            return _explained(logs.explain(*asked, now=now))
        found = logs.query(*asked, now=now, watch=Watch(progress=_progress))
        code = _told(question, found)
        for said in [] if found.data.height else logs.absent(*asked):
            sys.stderr.write(f"watchdeck: {said}\n")
        return code


def _explained(explanation: Explanation) -> int:
    sys.stdout.write(f"{explanation}\n")
    return Exit.OK


def _told(question: Question, found: Answer) -> int:
    """Write the answer, and to a person how much was read for it."""
    result, scanned = found.result(), found.scanned
    _clear()
    write(result.columns, result.rows, question.form, question.output)
    _tell(f"{result.records_matched:,} rows; {_read(scanned)}")
    if scanned.stopped:
        sys.stderr.write(f"watchdeck: stopped by {scanned.stopped}; {_whole_since(scanned)}\n")
        return Exit.FAILED
    if found.more:
        sys.stderr.write("watchdeck: there are more rows; ask for them with `| limit`\n")
    return Exit.OK


def _whole_since(scanned: Scanned) -> str:
    if scanned.since_ms is None:
        return "there is no answer"
    since = from_epoch_ms(scanned.since_ms)
    return f"the answer is whole from {since.isoformat(' ', 'milliseconds')} on"


def _size(option: str, text: str) -> int:
    """Bytes as a person writes them: 500MB, 2.5 GB, or a plain number."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ConfigError(f"{option} {text}: write a number and a unit, as in 500MB or 2GB")
    return int(float(match[1]) * _UNITS[match[2].lower()])


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


def _known(groups: Sequence[str], there: Sequence[str]) -> Sequence[str] | None:
    """The groups that were asked for, if all of them are there; None for every one."""
    unknown = [group for group in groups if group not in there]
    if unknown:
        shown = ", ".join(sorted(there)[:10])
        raise ConfigError(f"there is no log group {', '.join(unknown)}; there are {shown}")
    return groups or None


def _progress(scanned: Scanned) -> None:
    if sys.stderr.isatty():
        done = f"{scanned.parts:,} of {scanned.of_parts:,} segments"
        sys.stderr.write(f"\r\x1b[K{done}, {_read(scanned)}")
        sys.stderr.flush()


def _read(scanned: Scanned) -> str:
    return (
        f"read {scanned.rows:,} events ({written.value(scanned.bytes, 'bytes')}), "
        f"left out {scanned.skipped_rows:,} ({written.value(scanned.skipped_bytes, 'bytes')})"
    )


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")


def _tell(words: str) -> None:
    """Say something beside the answer, to a person only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{words}\n")
