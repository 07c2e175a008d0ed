"""Holding what is stored against what CloudWatch says has arrived.

``AWS/Logs IncomingLogEvents`` counts the events of a group by the minute of their
arrival; one billed metric a group proves that nothing is missing. Minutes that hold
fewer are read again, first near the time of arrival, then a whole day before it.
What is still missing then is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from app.aws import Aws, MetricQuery, Priority
from app.config import LogKeepSettings
from app.model.errors import AwsError, BadRequest
from app.model.groups import LOGS_AUDIT, logs_group
from app.model.ids import Place, SeriesKey
from app.model.logs import EVENTS_ARRIVED, EVENTS_MISSING, OWN_NAMESPACE, LogGroupKey
from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Intervals, Window, epoch_ms, floor, from_epoch_ms
from app.store import Store
from app.store.tables import METRICS
from collectors.asking import is_refused
from collectors.log_choice import leaves_out
from collectors.log_history import SliceReader
from collectors.log_reading import COLLECTOR
from collectors.packing import pack

EVERY = timedelta(hours=6)
LONGEST = timedelta(hours=24)
SETTLING = timedelta(minutes=30)
"""How old a minute must be; points of CloudWatch may come that late."""

NEAR, FAR = timedelta(minutes=15), timedelta(hours=24)
"""How long before its arrival an event is looked for, at first and then."""

AHEAD = timedelta(hours=2)
"""Events may be dated so far after their arrival (PutLogEvents)."""

MOST_READ_AGAIN = 20
"""Groups that one audit reads again; the others wait for the next."""

_MINUTE = timedelta(minutes=1)
_MS = 60_000


@dataclass(frozen=True, slots=True)
class Deficit:
    """Minutes of arrival (epoch ms) of one group that lack events, with how many."""

    key: LogGroupKey
    missing: Mapping[int, int]

    @property
    def events(self) -> int:
        return sum(self.missing.values())

    def spans(self, before: timedelta) -> Intervals:
        """Where the missing events may be by their own time."""
        minutes = map(from_epoch_ms, self.missing)
        after = _MINUTE if before < FAR else AHEAD
        return Intervals.of(Window(at - before, at + after) for at in minutes)

    def said(self) -> str:
        first, last = (from_epoch_ms(f(self.missing)) for f in (min, max))
        return (
            f"{self.events:,} events of {self.key.name} are missing: CloudWatch counted them "
            f"between {first:%Y-%m-%d %H:%M} and {last + _MINUTE:%H:%M} UTC and does not give them"
        )


@dataclass(frozen=True, slots=True)
class Audit:
    """Audits groups of one place."""

    aws: Aws
    store: Store
    place: Place

    def batches(
        self,
        groups: Mapping[LogGroupKey, LogKeepSettings],
        window: Window,
        reader: SliceReader,
        now: datetime,
    ) -> Iterator[Batch]:
        """What was missing and could be read; the last batch says what is missing still."""
        notes: dict[str, None] = {}
        keys = [key for key, rule in groups.items() if not leaves_out(rule)]
        incoming = self._incoming(keys, window, notes)
        deficits = self._deficits(incoming, window)
        for before in (NEAR, FAR):
            for deficit in deficits[:MOST_READ_AGAIN]:
                rule = groups[deficit.key]
                for span in deficit.spans(before):
                    yield from self._read(reader, deficit.key, rule, span, notes, now)
            again = {d.key: incoming[d.key] for d in deficits}
            deficits = self._deficits(again, window)
        notes |= dict.fromkeys(deficit.said() for deficit in deficits)
        done = Covered(self.place, LOGS_AUDIT, window, Settledness.SETTLED)
        series, frames = found(incoming, deficits, window.end - _MINUTE)
        yield Batch(frames=frames, series=series, covered=[done], notes=tuple(notes))

    def _read(
        self,
        reader: SliceReader,
        key: LogGroupKey,
        rule: LogKeepSettings,
        span: Window,
        notes: dict[str, None],
        now: datetime,
    ) -> Iterator[Batch]:
        window = span.meet(Window(span.start, now))
        if window is None:
            return
        try:
            yield from reader.batches(key, rule, window, window.start)
        except AwsError as error:
            if not (is_refused(error) or isinstance(error, BadRequest)):
                raise
            notes[error.message] = None

    def _incoming(
        self, keys: Sequence[LogGroupKey], window: Window, notes: dict[str, None]
    ) -> dict[LogGroupKey, dict[int, int]]:
        """What arrived of each group, by minute."""
        by_series = {series_of(key): key for key in keys}
        queries = [MetricQuery(series, 60, ("Sum",)) for series in by_series]
        found: dict[LogGroupKey, dict[int, int]] = {}
        for call in pack(queries, window):
            data = self.aws.metric_data(
                self.place, call, window, collector=COLLECTOR, priority=Priority.NORMAL
            )
            notes |= dict.fromkeys(f"CloudWatch says: {message}" for message in data.messages)
            for line, query in enumerate(call):
                at, values = data.line(line)
                if data.complete[line]:
                    counted = zip(at.tolist(), values.tolist(), strict=True)
                    found[by_series[query.series]] = {ms: int(n) for ms, n in counted}
        return found

    def _deficits(
        self, incoming: Mapping[LogGroupKey, Mapping[int, int]], window: Window
    ) -> list[Deficit]:
        """Groups with fewer events than arrived, in minutes whose time has been read."""
        stored = arrivals(self.store, list(incoming), window)
        found = []
        for key, counted in incoming.items():
            answered = self.store.coverage(self.place, logs_group(key.name)).answered
            own = stored.get(key, {})
            missing = {
                ms: events
                for ms, events in lacking(counted, own).items()
                if _was_read(answered, from_epoch_ms(ms))
            }
            if missing:
                found.append(Deficit(key, missing))
        return sorted(found, key=lambda deficit: (-deficit.events, deficit.key))


def found(
    incoming: Mapping[LogGroupKey, Mapping[int, int]], deficits: Sequence[Deficit], at: datetime
) -> tuple[list[SeriesKey], Mapping[str, pl.DataFrame]]:
    """How many events arrived in each group, and how many of them are missing, as series."""
    missing = {deficit.key: deficit.events for deficit in deficits}
    series: list[SeriesKey] = []
    rows: list[tuple[object, ...]] = []
    for key, counted in incoming.items():
        told = ((EVENTS_ARRIVED, sum(counted.values())), (EVENTS_MISSING, missing.get(key, 0)))
        for metric, events in told:
            value = float(events)
            rows.append((len(series), 60, at, value, value, value, 1.0))
            dimensions = {"LogGroupName": key.name}
            series.append(SeriesKey.of(key.place, OWN_NAMESPACE, metric, dimensions))
    if not rows:
        return [], {}
    schema = {name: kind for name, kind in METRICS.schema.items() if name != "seq"}
    return series, {METRICS.name: pl.DataFrame(rows, schema=schema, orient="row")}


def series_of(key: LogGroupKey) -> SeriesKey:
    """The metric that counts what arrives in a group."""
    dimensions = {"LogGroupName": key.name}
    return SeriesKey.of(key.place, "AWS/Logs", "IncomingLogEvents", dimensions)


def due(answered: Intervals, now: datetime) -> Window | None:
    """What to audit now, None while it is not yet time."""
    end = floor(now - SETTLING, _MINUTE)
    if not answered:
        return Window(end - LONGEST, end)
    last = answered.windows[-1].end
    if end - last < EVERY:
        return None
    return Window(max(last, end - LONGEST), end)


def arrivals(
    store: Store, keys: Sequence[LogGroupKey], window: Window
) -> dict[LogGroupKey, dict[int, int]]:
    """Stored events of groups by the minute of their arrival."""
    if not keys:
        return {}
    ids = store.logs.ids()
    names = {ids[key]: key for key in keys if key in ids}
    start, end = epoch_ms(window.start), epoch_ms(window.end)
    first, last = epoch_ms(window.start - FAR), epoch_ms(window.end + AHEAD)
    minute = pl.col("ingested").dt.epoch("ms") // _MS * _MS
    parts = [
        store.logs.scan(segment, ("group", "ingested")).select("group", minute=minute)
        for segment in store.logs.segments(first, last, keys)
    ]
    if not parts:
        return {}
    counted = (
        pl.concat(parts)
        .filter(
            pl.col("group").is_in(list(names)),
            pl.col("minute").is_between(start, end, closed="left"),
        )
        .group_by("group", "minute")
        .len()
        .collect(engine="streaming")
    )
    found: dict[LogGroupKey, dict[int, int]] = {}
    for group, ms, events in counted.iter_rows():
        found.setdefault(names[group], {})[ms] = events
    return found


def lacking(counted: Mapping[int, int], stored: Mapping[int, int]) -> dict[int, int]:
    """How many events each minute (ms) lacks.

    CloudWatch may count an event in the minute beside the one that the event names, so what the
    minutes beside have too many makes up for it, each event once.
    """
    over = {ms: events - counted.get(ms, 0) for ms, events in stored.items()}
    found = {}
    for ms in sorted(counted):
        lack = counted[ms] - stored.get(ms, 0)
        for beside in (ms - _MS, ms + _MS):
            borrowed = max(0, min(lack, over.get(beside, 0)))
            over[beside] = over.get(beside, 0) - borrowed
            lack -= borrowed
        if lack > 0:
            found[ms] = lack
    return found


def _was_read(answered: Intervals, minute: datetime) -> bool:
    """Whether events that arrived in a minute lie in time that was read, most likely."""
    return not answered.gaps(Window(minute - NEAR, minute + _MINUTE))
