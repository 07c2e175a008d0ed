"""From the record to people: stages, each takes deliveries and hands on what is left.

A message is sent at least once for each transition and channel. It is repeated only if
the process dies between the receiver's answer and the note of it, a few milliseconds;
the repeat carries the same key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from alerts.channel import Notifier
from alerts.delivery.dedup import without_repeats
from alerts.delivery.group import grouped
from alerts.delivery.order import in_order
from alerts.delivery.run import Report, Run
from alerts.delivery.send import send_all
from alerts.delivery.silence import not_silenced
from alerts.message import Names
from app.store import Ledger

STAGES = (in_order, not_silenced, without_repeats)
"""What a delivery passes before it is grouped and sent; inhibition has its place after silence."""


def deliver(
    ledger: Ledger, channels: Mapping[str, Notifier], now: datetime, *, names: Names | None = None
) -> Report:
    """Send what is due. Blocks while receivers answer; never raises for one that fails."""
    run = Run.of(ledger, channels, now, names or Names())
    waiting = run.unfinished
    for stage in STAGES:
        waiting = stage(waiting, run)
    send_all(grouped(waiting, run), run)
    return run.report()


__all__ = ["STAGES", "Report", "deliver"]
