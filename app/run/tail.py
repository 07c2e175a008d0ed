"""``watchdeck tail``: events as they are collected, until Ctrl-C.

It follows the store, so it costs nothing and shows every event once, at the pace of
the collector; CloudWatch's own Live Tail is billed by the minute and leaves events out.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.text import Text

from app.config import Settings
from app.model.errors import StoreError
from app.model.ids import Place
from app.query.log_filter import matches
from app.read.logs import Arrived, LogsReader
from app.run.report_query import THEME, Levels

LOOK_EVERY_S = 1.0
LONGEST_NAME = 28


@dataclass(frozen=True, slots=True)
class Follow:
    """What to show: groups by name (none: all), a filter pattern, and how many older events."""

    groups: Sequence[str]
    pattern: str = ""
    last: int = 10


def tail(settings: Settings, follow: Follow, stop: threading.Event) -> None:
    """Print the newest events, then each one that is collected, until ``stop``."""
    from app.run.report_store import opened

    matches(follow.pattern, "")  # a mistake in the pattern is told before anything else
    places = [Place(a.id, region) for a in settings.accounts for region in a.regions]
    with opened(settings) as store:
        logs = LogsReader(store)
        if not logs.groups(places):
            raise StoreError(f"{settings.store.path} holds no log events yet: none were collected")
        events, seq = logs.arrived(0, follow.groups, places)
        shown = [event for event in events if matches(follow.pattern, event.message)]
        _print(shown[-follow.last :] if follow.last else [])
        while not stop.wait(LOOK_EVERY_S):
            store.refresh()
            events, seq = logs.arrived(seq, follow.groups, places)
            _print([event for event in events if matches(follow.pattern, event.message)])


def _print(events: Sequence[Arrived]) -> None:
    console = Console(theme=THEME, highlight=False, soft_wrap=True)
    levels: Callable[[Text], Text] = Levels()
    for event in events:
        head = f"{_time(event.at)} {_short(event.group)} "
        line = Text(head, style="dim") + levels(Text(event.message.rstrip("\n")))
        console.print(line)
    sys.stdout.flush()


def _time(at: datetime) -> str:
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else "…" + name[1 - LONGEST_NAME :]
