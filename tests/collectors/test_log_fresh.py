"""A group that has more events than can be polled is told to need files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest

from app.catalogue import load_catalogue
from app.config import LogKeepSettings, LogsSettings, StoreSettings
from app.model.ids import Place
from app.model.logs import LogGroupKey
from app.model.time import Window
from app.store import Store, open_store
from collectors.log_fresh import Due, FreshReader
from collectors.log_pulse import Pulses
from collectors.log_reading import RAW, Part
from collectors.log_tools import LogTools

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BIG = LogGroupKey(Place("111111111111", "eu-central-1"), "/big")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(StoreSettings(path=tmp_path), NOW)
    yield made
    made.close()


class Short:
    """A reader that reads only the newest ``share`` of a window."""

    share = 0.5

    def read(self, _: str, window: Window, __: int) -> list[Part]:
        start = window.end - window.length * self.share
        return [Part(pl.DataFrame(schema=RAW), (Window(start, window.end),), 50)]


def notes(store: Store, minutes: Sequence[tuple[int, float]]) -> list[list[str]]:
    """What each read says: minute, and how much of the window could be read."""
    short = Short()
    tools = LogTools.of(store, load_catalogue(), LogsSettings())
    reader = FreshReader(
        cast("Any", short), tools.shaper, tools.metrics, Pulses(), timedelta(hours=24), 1
    )
    found = []
    for minute, share in minutes:
        now, short.share = NOW + minute * MINUTE, share
        due = Due(BIG, LogKeepSettings(), Window(now - 10 * MINUTE, now), full=True)
        [batch] = reader.together([due], now)
        found.append(list(batch.notes))
    return found


def test_after_half_an_hour_behind_it_is_said(store: Store) -> None:
    said = (
        "/big has had more events than can be polled for 30 minutes; let a subscription write "
        "files (collection.logs.files)"
    )
    assert notes(store, [(0, 0.5), (29, 0.9), (30, 0.5)]) == [[], [], [said]]


def test_a_read_to_the_end_begins_anew(store: Store) -> None:
    assert notes(store, [(0, 0.5), (20, 1), (25, 0.5), (54, 0.5)]) == [[], [], [], []]
