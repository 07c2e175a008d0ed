"""Bytes of log events by group: as CloudWatch counts them, or as they are stored here."""

from __future__ import annotations

from app.model.ids import Place
from app.model.logs import LogGroupKey
from app.model.time import Window, epoch_ms
from app.read.spend.drivers import LOGGED
from app.read.spend.metered import Metered
from app.read.spend.observing import EVENT_BYTES, Arrived
from app.store import Store

BY_AWS = "AWS/Logs IncomingBytes"
BY_US = "events stored here"


def arrived(store: Store, metered: Metered, window: Window) -> Arrived:
    """The bytes of a window; CloudWatch's own count goes first where it is collected."""
    counted = metered.by_series(LOGGED, window)
    if counted:
        by_group = {
            LogGroupKey(Place(key.account, key.region), dict(key.dimensions)["LogGroupName"]): size
            for key, size in counted.items()
        }
        return Arrived(by_group, BY_AWS)
    places = set(metered.places)
    stored = _stored(store, window)
    return Arrived({k: size for k, size in stored.items() if k.place in places}, BY_US)


def _stored(store: Store, window: Window) -> dict[LogGroupKey, float]:
    """Messages of stored segments, shared out by how many events each group has in them."""
    names = {id_: key for key, id_ in store.logs.ids().items()}
    found: dict[LogGroupKey, float] = {}
    for segment in store.logs.segments(epoch_ms(window.start), epoch_ms(window.end) - 1):
        groups = segment.facts.groups
        rows = int(groups["rows"].sum())
        each = segment.facts.raw_bytes / rows if rows else 0.0
        for part in groups:
            key = names.get(int(part["group"]))
            inside = _inside(int(part["first"]), int(part["last"]), window)
            if key is not None and inside:
                size = float(part["rows"]) * inside * (each + EVENT_BYTES)
                found[key] = found.get(key, 0.0) + size
    return found


def _inside(first: int, last: int, window: Window) -> float:
    """The part of a stretch of events that lies in the window, if they are spread evenly."""
    start, end = max(first, epoch_ms(window.start)), min(last + 1, epoch_ms(window.end))
    return max(0.0, (end - start) / (last + 1 - first))
