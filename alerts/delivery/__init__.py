"""From the record to people: stages, each takes deliveries and hands on what is left.

A message is sent at least once for each transition and channel. It is repeated only if
the process dies between the receiver's answer and the note of it, a few milliseconds;
the repeat carries the same key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from alerts.channel import Notifier
from alerts.delivery.dedup import without_repeats
from alerts.delivery.group import grouped
from alerts.delivery.order import in_order
from alerts.delivery.run import Report, Run
from alerts.delivery.send import send_all
from alerts.delivery.silence import not_silenced
from alerts.delivery.suppress import not_suppressed
from alerts.message import Names
from alerts.mutes import MuteRule, muted
from app.store import Ledger

STAGES = (in_order, not_silenced, not_suppressed, without_repeats)
"""What a delivery passes before it is grouped and sent; a mute wins over a suppressor."""


def deliver(
    ledger: Ledger,
    channels: Mapping[str, Notifier],
    now: datetime,
    *,
    names: Names | None = None,
    mutes: Sequence[MuteRule] = (),
) -> Report:
    """Send what is due. Blocks while receivers answer; never raises for one that fails."""
    run = Run.of(ledger, channels, now, names or Names())
    run.silences = [*run.silences, *muted(mutes, now)]
    waiting = run.unfinished
    for stage in STAGES:
        waiting = stage(waiting, run)
    send_all(grouped(waiting, run), run)
    return run.report()


__all__ = ["STAGES", "Report", "deliver"]
