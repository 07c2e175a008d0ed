"""Counting the queries that were answered here, with what they would read in CloudWatch.

Logs Insights bills all bytes of the chosen groups in the window of a query, whatever is
found in them ("Amazon CloudWatch pricing"); here most of them are never opened.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from app.model.errors import StoreError
from app.model.logs import LogGroupKey
from app.model.time import Window, epoch_ms
from app.store import LogSegment, Store

_log = logging.getLogger(__name__)


def note_query(store: Store, groups: Sequence[LogGroupKey], window: Window, now: datetime) -> None:
    """Remember that a query was answered; where that cannot be stored the answer still counts."""
    try:
        store.queries.note(now, would_scan(store, groups, window))
    except StoreError as error:
        _log.warning("a query was not counted: %s", error)


def would_scan(store: Store, groups: Sequence[LogGroupKey], window: Window) -> int:
    """Bytes of all stored events of the groups in a window, nearly: by their share of the time."""
    start, end = epoch_ms(window.start), epoch_ms(window.end)
    found = store.logs.segments(start, end, groups)
    return sum(round(one.raw_bytes * _inside(one, start, end)) for one in found)


def _inside(one: LogSegment, start: int, end: int) -> float:
    """The share of a segment's time that lies in the window."""
    length = one.last_ms - one.first_ms
    if length <= 0:
        return 1.0
    return max(0, min(end, one.last_ms) - max(start, one.first_ms)) / length
