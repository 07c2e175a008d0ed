"""From events as AWS gives them to rows of the store.

In this order: what a rule leaves out goes, secrets are made unreadable, and fields
are discovered in what is left. What was left out is counted, by minute and reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from app.config import LogGroupSettings
from app.model.hashing import event_hashes, mixed
from app.model.logs import EVENT_COLUMNS, LogGroupKey, LogRows
from app.query.insights.shred import shred
from app.query.log_filter import mask
from collectors.log_limits import HourlyLimits, said
from collectors.log_redaction import Redaction

EXCLUDED, SAMPLED, OVER_LIMIT = "excluded", "sampled", "over limit"
LEFT = pl.Schema({"at": pl.Int64(), "reason": pl.String(), "bytes": pl.Int64()})
"""An event that was left out."""

_SEED = np.uint64(0x5851F42D4C957F2D)


@dataclass(frozen=True, slots=True)
class Shaped:
    """Events that are kept, with ``event``, and what was left out of those that were read."""

    key: LogGroupKey
    events: pl.DataFrame
    left: pl.DataFrame
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shaper:
    """Applies rules, limits and redaction."""

    redaction: Redaction
    limits: HourlyLimits

    def shape(self, key: LogGroupKey, rule: LogGroupSettings, raw: pl.DataFrame) -> Shaped:
        """What is kept of events of one group, which have the columns of ``log_reading.RAW``."""
        events = raw.unique("id", keep="first", maintain_order=True)
        events = events.with_columns(event_hashes(key, events["id"]))
        left: list[pl.DataFrame] = []
        for reason, flags in _flags(rule, events):
            events = _parted(events, flags, reason, left)
        over = self.limits.kept(key, rule, events)
        before = events.height
        events = _parted(events, over, OVER_LIMIT, left)
        note = ""
        if before > events.height:
            note = f"{before - events.height:,} events of {key.name} were left out: {said(rule)}"
        events = events.with_columns(self.redaction.apply(events["message"]))
        return Shaped(key, events, pl.concat([pl.DataFrame(schema=LEFT), *left]), note)


def _flags(rule: LogGroupSettings, events: pl.DataFrame) -> Iterable[tuple[str, pl.Series]]:
    """For each reason which events it keeps; worked out on the events as they are read."""
    messages = events["message"]
    kept = pl.repeat(value=True, n=events.height, eager=True)
    if rule.include:
        kept &= mask(rule.include, messages)
    for pattern in rule.exclude:
        kept &= ~mask(pattern, messages)
    yield EXCLUDED, kept
    undecided, sampled = kept, pl.repeat(value=True, n=events.height, eager=True)
    for sample in rule.sample:
        concerned = undecided & mask(sample.pattern or "", messages)
        sampled &= ~concerned | _share(events["event"], sample.share)
        undecided &= ~concerned
    yield SAMPLED, sampled.filter(kept)


def _share(events: pl.Series, share: float) -> pl.Series:
    """That share of the events, always the same ones."""
    drawn = mixed(events.to_numpy() ^ _SEED).astype(np.float64) / 2.0**64
    return pl.Series(drawn < share)


def _parted(
    events: pl.DataFrame, kept: pl.Series, reason: str, left: list[pl.DataFrame]
) -> pl.DataFrame:
    if kept.all():
        return events
    gone = events.filter(~kept)
    left.append(
        gone.select(
            "at",
            pl.lit(reason).alias("reason"),
            pl.col("message").str.len_bytes().cast(pl.Int64).alias("bytes"),
        )
    )
    return events.filter(kept)


@dataclass(slots=True)
class Rows:
    """Shaped events of several groups, on their way into one batch."""

    groups: dict[LogGroupKey, int] = field(default_factory=dict)
    frames: list[pl.DataFrame] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    count: int = 0
    bytes: int = 0

    def add(self, shaped: Shaped) -> None:
        if shaped.note:
            self.notes[shaped.note] = None
        if shaped.events.is_empty():
            return
        number = self.groups.setdefault(shaped.key, len(self.groups))
        self.frames.append(shaped.events.with_columns(group=pl.lit(number, dtype=pl.UInt32)))
        self.count += shaped.events.height
        self.bytes += int(shaped.events["message"].str.len_bytes().sum())

    def rows(self) -> LogRows | None:
        """All of them as rows of the store, with their fields; None if there are none."""
        if not self.frames:
            return None
        return log_rows(tuple(self.groups), pl.concat(self.frames))


def log_rows(groups: Sequence[LogGroupKey], events: pl.DataFrame) -> LogRows:
    """Rows of the store from events whose ``group`` is a position in ``groups``."""
    names = pl.Series([key.name for key in groups]).gather(events["group"])
    found = shred(events["message"], names.to_list())
    moment = EVENT_COLUMNS["at"]
    frame = events.select(
        pl.col(name).cast(moment) if dtype == moment else pl.col(name)
        for name, dtype in EVENT_COLUMNS.items()
    )
    return LogRows(
        tuple(groups), frame.with_columns(found.columns), found.fields, found.more_fields
    )
