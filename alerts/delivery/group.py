"""Sorts what is left by channel and into messages; a storm becomes one message.

No channel is given more than its rate allows; the rest waits its turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.channel import Notifier
from alerts.delivery.run import Run
from app.model.alarms import Delivery


@dataclass(frozen=True, slots=True)
class Parcel:
    """Deliveries that go to one channel as one message."""

    channel: str
    notifier: Notifier
    deliveries: tuple[Delivery, ...]


def grouped(waiting: Sequence[Delivery], run: Run) -> dict[str, list[Parcel]]:
    """Parcels by channel, in order; deliveries to a channel that is not there fail."""
    by_channel: dict[str, list[Delivery]] = {}
    for delivery in waiting:
        by_channel.setdefault(delivery.channel, []).append(delivery)
    parcels: dict[str, list[Parcel]] = {}
    for name, deliveries in by_channel.items():
        notifier = run.channels.get(name)
        if notifier is None:
            _no_such_channel(deliveries, run)
        else:
            parcels[name] = _within_rate(_packed(name, notifier, deliveries, run), notifier, run)
    return parcels


def _packed(
    name: str, notifier: Notifier, deliveries: Sequence[Delivery], run: Run
) -> list[Parcel]:
    """Many changes as one message; a digest is never part of one."""
    letters = [d for d in deliveries if run.notice(d).letter is not None]
    changes = [d for d in deliveries if d not in letters]
    alone = [Parcel(name, notifier, (delivery,)) for delivery in letters]
    if 1 < notifier.together < len(changes):
        return [Parcel(name, notifier, tuple(changes)), *alone]
    return [*(Parcel(name, notifier, (delivery,)) for delivery in changes), *alone]


def _within_rate(parcels: list[Parcel], notifier: Notifier, run: Run) -> list[Parcel]:
    """The parcels that may go now; the others are put off, one ``spacing`` after the other."""
    rate = notifier.rate
    for position, parcel in enumerate(parcels[rate.burst :], start=1):
        for delivery in parcel.deliveries:
            until = run.now + position * rate.spacing
            run.postpone(delivery, "waits for the channel's rate", until, tried=False)
    return parcels[: rate.burst]


def _no_such_channel(deliveries: Sequence[Delivery], run: Run) -> None:
    for delivery in deliveries:
        why = f"there is no channel `{delivery.channel}`; add it under notifications.channels"
        run.give_up(delivery, why, tried=False)
