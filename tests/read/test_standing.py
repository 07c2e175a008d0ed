"""How old answers are: of what is shown, not of what is looked for now and then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Window
from tests.support.shelf import HOME, NOW, Shelf

MINUTE = timedelta(minutes=1)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.close()


def test_looking_for_new_series_once_an_hour_makes_no_metric_old(shelf: Shelf) -> None:
    shelf.cover("AWS/Lambda", 60 * MINUTE, end=NOW - 2 * MINUTE)
    window = Window(NOW - 80 * MINUTE, NOW - 50 * MINUTE)
    listed = Covered(HOME, "series/AWS/Lambda", window, Settledness.SETTLED)
    shelf.commit(Batch(covered=[listed]))
    shelf.round("metrics", "series/AWS/Lambda", at=NOW - 50 * MINUTE)
    assert shelf.reads.health.overview(shelf.scope()).as_of == NOW - 2 * MINUTE
