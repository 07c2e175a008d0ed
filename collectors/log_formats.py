"""The two formats of files that CloudWatch Logs writes, as events.

A subscription writes JSON texts one behind the other, with the ids that reading gives
as well. An export task writes a line for each event, ``time message``, where a message
may go on over several lines; its events have no ids, so they are told apart by what
they hold.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from app.model.time import epoch_ms
from collectors.log_reading import PART_EVENTS, RAW
from collectors.log_unpacking import Unreadable

LONGEST = 64_000_000
"""Characters of one JSON text; those of subscriptions have some millions at most."""

WRITE_TEST = "aws-logs-write-test"
"""A file that an export task leaves to prove that it may write."""

_LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?)Z(?: (.*)|$)", re.DOTALL)

Owner = tuple[str, str]
"""Account and log group; empty where the file does not say."""


@dataclass(slots=True)
class _Columns:
    """Events on their way to frames, by whose they are."""

    of: dict[Owner, dict[str, list[Any]]] = field(default_factory=dict)
    count: int = 0

    def add(self, owner: Owner, at: int, stream: str, id_: str, message: str) -> None:
        columns = self.of.setdefault(owner, {name: [] for name in RAW})
        for name, value in zip(RAW, (at, at, stream, id_, message), strict=True):
            columns[name].append(value)
        self.count += 1

    def taken(self) -> Iterator[tuple[Owner, pl.DataFrame]]:
        """What was gathered so far; nothing is left."""
        gathered, self.of, self.count = self.of, {}, 0
        for owner, columns in gathered.items():
            yield owner, pl.DataFrame(columns, schema=RAW)


def events(pieces: Iterator[str], name: str) -> Iterator[tuple[Owner, pl.DataFrame]]:
    """Events of the file ``name``, some at a time, as ``log_reading.RAW``.

    Their time of arrival is not known and given as their own. Raises Unreadable.
    """
    columns, start = _Columns(), ""
    while not start.strip() and (piece := next(pieces, None)) is not None:
        start += piece
    pieces = chain([start.lstrip()], pieces)
    if not start.strip():
        return
    if start.lstrip().startswith("{"):
        found = _of_subscription(pieces, columns)
    elif _LINE.match(start.lstrip()):
        found = _of_export(pieces, PurePosixPath(name).parent.name, columns)
    else:
        raise Unreadable("it holds neither messages of a subscription nor lines of an export")
    try:
        for _ in found:
            if columns.count >= PART_EVENTS:
                yield from columns.taken()
    except Unreadable:
        yield from columns.taken()
        raise
    yield from columns.taken()


def _of_subscription(pieces: Iterator[str], columns: _Columns) -> Iterator[None]:
    for message in _json_texts(pieces):
        kind = message.get("messageType") if isinstance(message, dict) else None
        if kind == "CONTROL_MESSAGE":
            continue
        if kind != "DATA_MESSAGE":
            raise Unreadable("it holds JSON that is no message of a subscription")
        owner = (str(message.get("owner", "")), str(message.get("logGroup", "")))
        stream = str(message.get("logStream", ""))
        try:
            for event in message.get("logEvents") or ():
                at, id_, text = int(event["timestamp"]), str(event["id"]), str(event["message"])
                columns.add(owner, at, stream, id_, text)
        except (KeyError, TypeError, ValueError):
            raise Unreadable("one of its events lacks an id, a timestamp or a message") from None
        yield


def _json_texts(pieces: Iterator[str]) -> Iterator[Any]:
    """Values that stand one behind the other."""
    decoder, text, at = json.JSONDecoder(), "", 0
    blanks = re.compile(r"\s*")
    for piece in pieces:
        text, at = text[at:] + piece, 0
        while True:
            at = blanks.match(text, at).end()  # type: ignore[union-attr]  # blanks fit anything
            if at == len(text):
                break
            try:
                value, at = decoder.raw_decode(text, at)
            except json.JSONDecodeError:
                if len(text) - at > LONGEST:
                    raise Unreadable("it holds no JSON that ends") from None
                break
            except RecursionError:
                raise Unreadable("it holds JSON that is no message of a subscription") from None
            yield value
    if text[at:].strip():
        raise Unreadable("it breaks off in the middle of a message, or that is no JSON")


def _of_export(pieces: Iterator[str], stream: str, columns: _Columns) -> Iterator[None]:
    same: Counter[int] = Counter()
    moment, lines = 0, list[str]()

    def add() -> None:
        message = "\n".join(lines).rstrip("\n")
        mark = hash((moment, message))
        columns.add(("", ""), moment, stream, f"{moment} {same[mark]} {stream} {message}", message)
        same[mark] += 1

    for line in _lines(pieces):
        found = _LINE.match(line)
        started = _moment(found[1]) if found else None
        if found is None or started is None:
            lines.append(line)
            continue
        if lines:
            add()
            yield
        moment, lines = started, [found[2] or ""]
    if lines:
        add()
        yield


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        yield from whole
    if rest:
        yield rest


def _moment(text: str) -> int | None:
    try:
        return epoch_ms(datetime.fromisoformat(f"{text}+00:00"))
    except ValueError:
        return None
