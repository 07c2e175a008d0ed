"""Log events of a batch as a segment, without those that are there already.

CloudWatch is asked for the same time again and again, because events come late.
Here every event is told by its id, so nothing else has to care: segments never
hold one twice, and scans need not look for doubles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import Connection

from app.model.logs import EVENT_COLUMNS, FIELD, LogRows
from app.store import log_facts
from app.store.log_encode import columns_of, encode, in_order
from app.store.log_facts import LogFacts
from app.store.log_memory import EventMemory
from app.store.segments import Encoded, Level, Segment

_KINDS = (pl.Float64(), pl.String(), pl.Boolean())


def prepared(logs: LogRows, ids: Sequence[int], memory: EventMemory) -> pl.DataFrame:
    """The rows of ``logs`` that no segment holds yet, with ids for positions, in order."""
    _check(logs)
    numbers = np.array(ids, dtype=np.uint32)
    rows = logs.frame.select(*EVENT_COLUMNS, *columns_of(logs.fields)).with_columns(
        pl.Series("group", numbers[logs.frame["group"].to_numpy()], dtype=pl.UInt32),
        pl.col("at", "ingested").cast(EVENT_COLUMNS["at"]),
    )
    rows = in_order(rows)
    new = _unlike_the_one_before(rows) & ~memory.known(rows)
    return rows if new.all() else rows.filter(pl.Series(new))


def encoded(rows: pl.DataFrame, logs: LogRows, seq: int) -> Encoded:
    """A fresh segment of new rows."""
    return encode(rows, logs.fields, Level.FRESH, seq, more=logs.more_fields)


def listed(
    connection: Connection, segments: Iterable[Segment], facts: Mapping[str, LogFacts]
) -> None:
    """Remember the facts of those segments that were listed just now, by path."""
    for segment in segments:
        own = facts.get(segment.path)
        if own is not None:
            log_facts.add(connection, segment.id, own)


def _unlike_the_one_before(rows: pl.DataFrame) -> NDArray[np.bool_]:
    """Rows in order that are not the same event as the row before them."""
    group, event = rows["group"].to_numpy(), rows["event"].to_numpy()
    new = np.ones(rows.height, dtype=np.bool_)
    new[1:] = (group[1:] != group[:-1]) | (event[1:] != event[:-1])
    return new


def _check(logs: LogRows) -> None:
    frame = logs.frame
    missing = [
        name for name in (*EVENT_COLUMNS, *columns_of(logs.fields)) if name not in frame.columns
    ]
    if missing:
        raise ValueError(f"log events lack the column {', '.join(missing)}")
    absent = [n for n in ("group", "at", "event", "message") if frame[n].null_count()]
    if absent:
        raise ValueError(f"log events have no {', '.join(absent)}")
    if frame.height and cast("int", frame["group"].max()) >= len(logs.groups):
        raise ValueError("log events name a group that the batch does not hold")
    wrong = [
        name
        for name in frame.columns
        if name.startswith(FIELD) and frame.schema[name] not in _KINDS
    ]
    if wrong:
        raise ValueError(f"{wrong[0]} is neither number, text nor boolean")
