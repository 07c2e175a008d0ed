"""Log events from any local file: what a pipe, a download or an export holds.

A line that is an event as CloudWatch gives it (``timestamp`` in milliseconds
beside ``message``) is taken as such; any other line is a message of its own,
dated by what stands in it. Lines that only go on with a stack trace belong to
the event above them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
import polars as pl

from app.model.errors import ConfigError
from app.model.time import epoch_ms

SCHEMA = pl.Schema(
    {
        "timestamp": pl.Int64(),
        "ingestionTime": pl.Int64(),
        "message": pl.String(),
        "logStream": pl.String(),
        "logGroup": pl.String(),
    }
)
_GZIP = b"\x1f\x8b"
_SECONDS_BELOW = 100_000_000_000
_TIMES = ("timestamp", "@timestamp", "time", "ts", "eventTime", "datetime", "date")
_ENVELOPE = frozenset(
    (
        *("timestamp", "message", "ingestionTime", "eventId", "id", "account"),
        *("logStream", "logStreamName", "logStreamARN", "logGroup", "logGroupName"),
    )
)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?"
)
_COMMON = re.compile(r"\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LOOKED_AT = 200
"""Characters of a line in which its time is looked for."""

_PYTHON = "Traceback (most recent"
_GOES_ON = re.compile(
    r"[ \t]|Caused by: |Traceback \(most recent|\.{3} \d+ more|[\])}]+$"
    r"|During handling of the above exc|The above exception was the direct|--- End of "
)
_BEGINS_TRACE = re.compile(
    r"[A-Za-z_$][\w.$]*(Error|Exception|Throwable)\b(:|$)|Exception in thread |Uncaught "
    r"|panic: |\[signal |goroutine \d+ \[|thread '.*' panicked|stack backtrace:"
)
"""What stands at the start of a line only because an event with a time goes on."""

_GO_FRAME = re.compile(r"[\w./*()\[\]{}-]+\(.*\)$|created by |exit status \d+$")
_ENDS_TRACE = re.compile(r"[A-Za-z_][\w.]*(: |$)")
"""What ends a trace of Python: the name of the error, and maybe what it says."""


@dataclass(frozen=True, slots=True)
class LocalEvents:
    """``frame`` has the columns of SCHEMA in the order of the file.

    ``dated`` is False when no line told a time; then every event stands at ``now``.
    """

    frame: pl.DataFrame
    dated: bool


def read_events(content: bytes, name: str, now: datetime) -> LocalEvents:
    """Every event of a file; ``name`` becomes its log group and stream where it names none.

    Raises ConfigError for gzip that breaks off and for what is no text.
    """
    text = _text(content, name)
    document = _document(text)
    lines = _Lines(name)
    for event in document if document is not None else []:
        lines.take(event)
    if document is None:
        for line in text.splitlines():
            lines.add(line)
    return lines.finished(epoch_ms(now))


def _text(content: bytes, name: str) -> str:
    if content.startswith(_GZIP):
        content = _unzipped(content, name)
    if b"\0" in content[:4096]:
        raise ConfigError(f"{name} is no text; a file of log lines or JSON lines is expected")
    return content.decode("utf-8-sig", errors="replace")


def _unzipped(content: bytes, name: str) -> bytes:
    """All members of a gzip file."""
    parts = []
    while content:
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(content))
        except zlib.error as error:
            raise ConfigError(f"{name} looks like gzip but cannot be read: {error}") from error
        if not member.eof:
            raise ConfigError(f"{name} is gzip that breaks off; fetch the file again")
        content = member.unused_data
    return b"".join(parts)


def _document(text: str) -> list[Mapping[str, Any]] | None:
    """The events of an answer of FilterLogEvents or GetLogEvents, if that is what the text is."""
    head = text[:_LOOKED_AT].lstrip()
    if not head.startswith(("{", "[")) or '"events"' not in text[:100_000]:
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    events = found.get("events") if isinstance(found, dict) else None
    if isinstance(events, list) and all(isinstance(e, dict) and _is_event(e) for e in events):
        return events
    return None


def _is_event(found: Mapping[str, Any]) -> bool:
    """Whether a JSON object is an event and not a message that has such fields itself."""
    time, message = found.get("timestamp"), found.get("message")
    return isinstance(time, int) and isinstance(message, str) and found.keys() <= _ENVELOPE


@dataclass(slots=True)
class _Lines:
    """Events as they are read, line by line."""

    name: str
    columns: dict[str, list[Any]] = field(default_factory=lambda: {n: [] for n in SCHEMA})
    in_trace: bool = False
    in_python: bool = False
    plain: bool = False
    """Whether the event read last was a line of text, so that others may go on with it."""

    dated: bool = False
    """Whether it told its time, so that one without is hardly an event of its own."""

    def add(self, line: str) -> None:
        if not line.strip():
            return
        found = _json(line)
        if found is not None and _is_event(found):
            self.take(found)
            return
        time = _time_in(line) if found is None else _time_of(found)
        if time is None and found is None and self._goes_on(line):
            self.columns["message"][-1] += "\n" + line
            return
        self._put(time, line, {})
        self.plain, self.dated = found is None, time is not None
        self.in_trace = self.in_python = line.startswith(_PYTHON)

    def take(self, event: Mapping[str, Any]) -> None:
        self._put(_ms(event["timestamp"]), event["message"], event)
        self.plain = self.in_trace = self.in_python = False

    def finished(self, now_ms: int) -> LocalEvents:
        frame = pl.DataFrame(self.columns, schema=SCHEMA)
        dated = frame["timestamp"].null_count() < frame.height
        # A line without a time of its own stands where its neighbours stand.
        times = pl.col("timestamp").forward_fill().backward_fill().fill_null(now_ms)
        return LocalEvents(frame.with_columns(times), dated)

    def _goes_on(self, line: str) -> bool:
        if not self.plain:
            return False
        inside = _GOES_ON.match(line) is not None
        if self.in_python and not inside:
            self.in_python = self.in_trace = False
            return _ENDS_TRACE.match(line) is not None
        if self.dated and not inside:
            is_frame = self.in_trace and _GO_FRAME.match(line) is not None
            inside = is_frame or _BEGINS_TRACE.match(line) is not None
        self.in_python |= line.startswith(_PYTHON)
        self.in_trace = inside
        return inside

    def _put(self, time: int | None, message: str, event: Mapping[str, Any]) -> None:
        columns = self.columns
        columns["timestamp"].append(time)
        columns["ingestionTime"].append(event.get("ingestionTime"))
        columns["message"].append(message)
        stream = event.get("logStream") or event.get("logStreamName") or self.name
        group = event.get("logGroup") or event.get("logGroupName") or self.name
        columns["logStream"].append(str(stream))
        columns["logGroup"].append(str(group))


def _json(line: str) -> dict[str, Any] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _time_of(found: Mapping[str, Any]) -> int | None:
    """The time that a JSON line tells in one of the usual fields."""
    for value in _named_times(found):
        if isinstance(value, str):
            time = _time_in(value)
            if time is None and value.isdecimal():
                time = _ms(int(value))
        else:
            time = _ms(value)
        if time is not None:
            return time
    aws = found.get("_aws")
    return _ms(aws.get("Timestamp", 0)) or None if isinstance(aws, dict) else None


def _named_times(found: Mapping[str, Any]) -> Iterator[str | int | float]:
    for name in _TIMES:
        value = found.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            yield value


def _ms(value: float) -> int:
    return int(value * 1000) if abs(value) < _SECONDS_BELOW else int(value)


def _time_in(line: str) -> int | None:
    """The first time written near the start of a line; one without a zone is UTC."""
    head = line[:_LOOKED_AT]
    iso = _ISO.search(head)
    try:
        if iso is not None:
            return _iso(iso)
        common = _COMMON.search(head)
        return _common(common) if common is not None else None
    except ValueError:
        return None


def _iso(found: re.Match[str]) -> int:
    *whole, fraction, zone = found.groups()
    year, month, day, hour, minute, second = map(int, whole)
    ms = int((fraction or "0").ljust(3, "0")[:3])
    at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    return epoch_ms(at) + ms - _offset_ms(zone or "Z")


def _common(found: re.Match[str]) -> int:
    day, month, year, hour, minute, second, zone = found.groups()
    number = _MONTHS.index(month) + 1
    at = datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    return epoch_ms(at) - _offset_ms(zone)


def _offset_ms(zone: str) -> int:
    if zone in ("Z", "UTC"):
        return 0
    sign, digits = (-1 if zone[0] == "-" else 1), zone[1:].replace(":", "")
    return sign * (int(digits[:2]) * 60 + int(digits[2:])) * 60_000
