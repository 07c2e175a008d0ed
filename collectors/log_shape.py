"""What of the events that AWS gives is kept.

In this order: what a rule leaves out goes, then secrets are made unreadable. What was
left out is counted, by minute and reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from app.config import LogKeepSettings
from app.model.hashing import event_hashes, mixed
from app.model.logs import LogGroupKey
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

    def shape(self, key: LogGroupKey, rule: LogKeepSettings, raw: pl.DataFrame) -> Shaped:
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


def _flags(rule: LogKeepSettings, events: pl.DataFrame) -> Iterable[tuple[str, pl.Series]]:
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
