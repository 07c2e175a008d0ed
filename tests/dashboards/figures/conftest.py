"""Lines written on one line: ``1 2 _ 4`` has a gap in the third slot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.model.lines import Line
from app.model.time import Window

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def window():
    return Window(START, START + timedelta(hours=1))


@pytest.fixture
def line():
    def make(values, name="a", unit="count", *, partial=False, minutes=1):
        if isinstance(values, str):
            values = [np.nan if v == "_" else float(v) for v in values.split()]
        step = timedelta(minutes=minutes)
        return Line(name, START, step, np.asarray(values, dtype=float), unit, partial=partial)

    return make
