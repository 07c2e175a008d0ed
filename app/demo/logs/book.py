"""Events of log groups as CloudWatch Logs knows them at a moment.

An event has a time of its own and a time of arrival; before that nobody can
read it. Most arrive within seconds, a few some minutes late, a very few half an
hour. They are made a stretch of hours at a time and kept for a moment.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import RLock

import numpy as np
import polars as pl

from app.demo.logs.groups import Delay, Group, groups_of
from app.demo.logs.written import SCHEMA, WrittenLogs
from app.demo.world.noise import Floats, Hashes, hashes, stream_of
from app.demo.world.world import World
from app.model.ids import Place

STRETCH_HOURS = 6
STRETCH_MS = STRETCH_HOURS * 3_600_000
MINUTES = STRETCH_HOURS * 60

OVERHEAD = 26
"""Bytes that CloudWatch Logs counts for each event beside its message."""

_MOST_KEPT = 400_000
"""Lines held in memory."""

_MOST_COUNTS = 20_000
_ONE_IN_LATE, _ONE_IN_VERY_LATE = 1_500, 20_000

Key = tuple[Place, str, int, int]
"""Place, group, stretch since the epoch, and how much trouble was provoked so far."""


class LogBook:
    """All groups of one world, and those that callers made themselves."""

    def __init__(self, world: World, written: WrittenLogs) -> None:
        self._world, self.written = world, written
        self._groups = {place: groups_of(d) for place, d in world.deployments.items()}
        self._lines: OrderedDict[Key, pl.DataFrame] = OrderedDict()
        self._spills: dict[Key, pl.DataFrame] = {}
        self._counts: OrderedDict[Key, tuple[Floats, Floats]] = OrderedDict()
        self._lock = RLock()

    def groups(self, place: Place) -> Mapping[str, Group]:
        """Every group of a place by name, sorted."""
        own = self._groups.get(place, {})
        return dict(sorted({**own, **self.written.groups(place)}.items()))

    def stretch(self, place: Place, name: str, number: int) -> pl.DataFrame:
        """Every event whose time lies in a stretch, by time, arrived or not."""
        made = self._events(self._key(place, name, number))
        put = self.written.events(place, name, number * STRETCH_MS, (number + 1) * STRETCH_MS)
        return made if put is None else _ordered(pl.concat([made, put]))

    def arrivals(self, place: Place, name: str, number: int) -> tuple[Floats, Floats]:
        """Events and bytes that arrived in each minute of a stretch."""
        with self._lock:
            key = self._key(place, name, number)
            counts = self._counts.get(key)
            if counts is None:
                counts = self._counts[key] = self._counted(key)
                if len(self._counts) > _MOST_COUNTS:
                    self._counts.popitem(last=False)
        put = self.written.arrivals(place, name, number * STRETCH_MS, (number + 1) * STRETCH_MS)
        if put is None:
            return counts
        more = _by_minute(put, number)
        return counts[0] + more[0], counts[1] + more[1]

    def _key(self, place: Place, name: str, number: int) -> Key:
        return place, name, number, self._world.incidents.version

    def _events(self, key: Key) -> pl.DataFrame:
        with self._lock:
            known = self._lines.pop(key, None)
            events = self._made(key) if known is None else known
            self._lines[key] = events
            while len(self._lines) > 1 and sum(f.height for f in self._lines.values()) > _MOST_KEPT:
                self._lines.popitem(last=False)
            return events

    def _made(self, key: Key) -> pl.DataFrame:
        """The events of a stretch; what began at the end of the one before goes on in it."""
        before = (*key[:2], key[2] - 1, key[3])
        if before not in self._spills:
            self._written(before)
        events = pl.concat([self._spills[before], self._written(key)])
        return _ordered(events.filter(pl.col("at") < (key[2] + 1) * STRETCH_MS))

    def _written(self, key: Key) -> pl.DataFrame:
        """Everything that began in a stretch; remembers what reaches into the next."""
        place, name, number, _ = key
        group = self._groups.get(place, {}).get(name)
        if group is None or group.write is None:
            events = pl.DataFrame(schema=SCHEMA)
        else:
            sheet = self._world.sheet(place, number * MINUTES, (number + 1) * MINUTES)
            events = _dated(group.write(sheet), group.delay)
        end = (number + 1) * STRETCH_MS
        self._spills[key] = events.filter(pl.col("at") >= end)
        return events.filter(pl.col("at") >= number * STRETCH_MS)

    def _counted(self, key: Key) -> tuple[Floats, Floats]:
        before = (*key[:2], key[2] - 1, key[3])
        return _by_minute(pl.concat([self._events(before), self._events(key)]), key[2])


def _dated(lines: pl.DataFrame, delay: Delay) -> pl.DataFrame:
    """Lines with their time of arrival and their id."""
    own = lines["mark"].to_numpy() + lines["part"].to_numpy().astype(np.uint64)
    marks: Hashes = hashes(stream_of("arrival"), own.view(np.int64))
    wait = delay.least + (marks % np.uint64(delay.most - delay.least)).astype(np.int64)
    draw = (marks >> np.uint64(20)).astype(np.int64)
    late = (1 + draw % 8) * 60_000
    very_late = (12 + draw % 36) * 60_000
    wait = np.where(draw % _ONE_IN_LATE == 0, late, wait)
    wait = np.where(draw % _ONE_IN_VERY_LATE == 7, very_late, wait)
    dated = lines.with_columns(ingested=pl.col("at") + pl.Series(wait), number=pl.Series(marks))
    return dated.with_columns(id=_id()).select(SCHEMA.names())


def _id() -> pl.Expr:
    """56 digits, as CloudWatch Logs writes ids of events; lines of one moment keep their order."""
    return pl.concat_str(
        pl.lit("3"),
        pl.col("at").cast(pl.String).str.zfill(14),
        pl.col("part").cast(pl.String).str.zfill(21),
        pl.col("number").cast(pl.String).str.zfill(20),
    )


def _ordered(events: pl.DataFrame) -> pl.DataFrame:
    """By time, arrival and id, which is the order of CloudWatch Logs."""
    return events.sort("at", "ingested", "id")


def _by_minute(events: pl.DataFrame, stretch: int) -> tuple[Floats, Floats]:
    start = stretch * STRETCH_MS
    counted = (
        events.lazy()
        .filter(pl.col("ingested").is_between(start, start + STRETCH_MS, closed="left"))
        .group_by(minute=(pl.col("ingested") - start) // 60_000)
        .agg(events=pl.len(), bytes=(pl.col("message").str.len_bytes() + OVERHEAD).sum())
        .collect()
    )
    number, size = np.zeros(MINUTES), np.zeros(MINUTES)
    number[counted["minute"].to_numpy()] = counted["events"].to_numpy()
    size[counted["minute"].to_numpy()] = counted["bytes"].to_numpy()
    return number, size
