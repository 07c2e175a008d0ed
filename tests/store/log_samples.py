"""Log events for the tests of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

import polars as pl

from app.model.logs import EVENT_COLUMNS, FieldInfo, FieldKind, LogGroupKey, LogRows
from app.model.rounds import Batch
from app.model.time import epoch_ms
from app.store import Store
from tests.store.samples import DAY, HOUR, NOW, PROD, STAGING, Writing

API, JOBS = LogGroupKey(PROD, "/api"), LogGroupKey(STAGING, "/jobs")
START = NOW - HOUR
ID = "f96eea7e-1b2c-4d3e-8f90-a1b2c3d4e5f6"

Event = tuple[int, str]
"""Minutes after START, message."""


def event_id(group: LogGroupKey, at: datetime, message: str) -> int:
    digest = blake2b(f"{group} {at} {message}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def rows(
    events: Mapping[LogGroupKey, Sequence[Event]],
    fields: Mapping[str, Sequence[object]] | None = None,
) -> LogRows:
    """Events of groups; ``fields`` hold a value for each event in order."""
    groups = tuple(events)
    found = []
    for number, (group, some) in enumerate(events.items()):
        for minute, message in some:
            at = START + timedelta(minutes=minute)
            found.append((number, at, at, "stream", event_id(group, at, message), message))
    frame = pl.DataFrame(found, schema=EVENT_COLUMNS, orient="row")
    infos = {}
    for name, values in (fields or {}).items():
        series = pl.Series(f"f.{name}", values, strict=False)
        kinds = {pl.Float64(): FieldKind.NUMBER, pl.Boolean(): FieldKind.BOOLEAN}
        infos[name] = FieldInfo(kinds.get(series.dtype, FieldKind.TEXT), len(values), True)
        frame = frame.with_columns(series)
    return LogRows(groups, frame, infos)


def write(writing: Writing, logs: LogRows, now: datetime = NOW) -> int:
    return writing.commit(Batch(logs=logs), now=now).rows


def read(
    store: Store,
    groups: Sequence[LogGroupKey] | None = None,
    columns: Sequence[str] = ("at", "message"),
) -> list[tuple[object, ...]]:
    found = store.logs.segments(epoch_ms(START - DAY), epoch_ms(NOW + DAY), groups)
    frames = [store.logs.scan(segment, columns).collect() for segment in found]
    return sorted((row for frame in frames for row in frame.rows()), key=str)


def messages(store: Store, groups: Sequence[LogGroupKey] | None = None) -> list[object]:
    return sorted(str(row[1]) for row in read(store, groups))
