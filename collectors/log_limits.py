"""How many events of a group are kept in an hour, where a rule limits it.

Which events were kept is known by their ids: an event read again is never counted
again, and none is left out that was kept before. After a restart they are read
from the store.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

import polars as pl

from app.config import LogKeepSettings
from app.model.logs import LogGroupKey
from app.store import Store

HOUR_MS = 3_600_000
_MB = 1_000_000
_MOST_HOURS = 512


@dataclass(slots=True)
class _Hour:
    """Events of one hour that were kept, and the bytes of their messages."""

    events: set[int] = field(default_factory=set)
    bytes: int = 0


class HourlyLimits:
    """Decides which events of limited groups are kept; thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hours: OrderedDict[tuple[LogGroupKey, int], _Hour] = OrderedDict()
        self._lock = threading.Lock()

    def kept(self, key: LogGroupKey, rule: LogKeepSettings, events: pl.DataFrame) -> pl.Series:
        """Which of the events are kept: the ones that came first, up to the limit of their hour."""
        flags = pl.repeat(value=True, n=events.height, eager=True)
        most, most_mb = rule.max_events_per_hour, rule.max_mb_per_hour
        if (most is None and most_mb is None) or events.is_empty():
            return flags
        most_bytes = None if most_mb is None else int(most_mb * _MB)
        ordered = events.with_row_index("row").sort("at", "event")
        rows = ordered.select(
            "row", "event", pl.col("at") // HOUR_MS, pl.col("message").str.len_bytes()
        )
        left_out = []
        with self._lock:
            for row, event, hour, size in rows.iter_rows():
                known = self._hour(key, hour)
                if event in known.events:
                    continue
                full = most is not None and len(known.events) >= most
                if full or (most_bytes is not None and known.bytes + size > most_bytes):
                    left_out.append(row)
                    continue
                known.events.add(event)
                known.bytes += size
        return flags.scatter(left_out, False) if left_out else flags

    def _hour(self, key: LogGroupKey, hour: int) -> _Hour:
        known = self._hours.get((key, hour))
        if known is None:
            known = self._hours[key, hour] = self._stored(key, hour)
            if len(self._hours) > _MOST_HOURS:
                self._hours.popitem(last=False)
        return known

    def _stored(self, key: LogGroupKey, hour: int) -> _Hour:
        logs, found = self._store.logs, _Hour()
        number = logs.ids().get(key)
        start = hour * HOUR_MS
        for segment in logs.segments(start, start + HOUR_MS - 1, [key]):
            rows = (
                logs.scan(segment, ("group", "at", "event", "message"))
                .filter(
                    pl.col("group") == number,
                    pl.col("at").dt.epoch("ms").is_between(start, start + HOUR_MS, closed="left"),
                )
                .select("event", size=pl.col("message").str.len_bytes())
                .collect()
            )
            found.events |= set(rows["event"].to_list())
            found.bytes += int(rows["size"].sum())
        return found


def said(rule: LogKeepSettings) -> str:
    """The limit of a rule in words."""
    parts = []
    if rule.max_events_per_hour is not None:
        parts.append(f"max_events_per_hour is {rule.max_events_per_hour:,}")
    if rule.max_mb_per_hour is not None:
        parts.append(f"max_mb_per_hour is {rule.max_mb_per_hour:g}")
    return " and ".join(parts)
