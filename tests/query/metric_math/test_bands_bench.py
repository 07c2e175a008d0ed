"""How windows and false alarms are counted, and that the labelled series keep to the goal."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from app.query.metric_math.values import Grid
from bench.bands import FOLDER, LABELS, Labelled, mean_and_sigmas, ours, outcome, read

ARRAY = np.array([0, 9, 9, 0, 9, 0, -9, 0, 0, 9], dtype=float)


def test_breaches_in_a_window_are_found_and_changes_outside_are_false() -> None:
    grid = Grid(0, 300, 10)
    series = Labelled("x", grid, ARRAY, [(1200, 1500), (2100, 2400)])
    bounds = np.full(10, -1.0), np.array([np.nan, *np.full(9, 1.0)])
    found = outcome(series, bounds)
    assert (found.found, found.windows, found.false) == (1, 2, 3)
    assert found.weeks == pytest.approx(5 * 300 / 604_800)


def test_a_series_is_read_with_its_labels(tmp_path: Path) -> None:
    rows = ["timestamp,value", "2014-02-14 14:27:00,1.5", "2014-02-14 14:37:00,2"]
    (tmp_path / "a.csv").write_text("\n".join(rows))
    window = ["2014-02-14 14:30:00.000000", "2014-02-14 14:40:00.000000"]
    (tmp_path / LABELS).write_text(json.dumps({"realAWSCloudwatch/a.csv": [window]}))
    (series,) = read(tmp_path)
    assert series.grid == Grid(1392387900, 300, 3)
    assert np.nan_to_num(series.points, nan=-1).tolist() == [1.5, -1, 2]
    assert series.windows == [(1392388200.0, 1392388800.0)]


@pytest.mark.skipif(not (FOLDER / LABELS).exists(), reason="the labelled series are not here")
def test_most_windows_are_found_with_few_false_alarms() -> None:
    every = read(FOLDER)
    own = [outcome(each, ours(each)) for each in every]
    peer = [outcome(each, mean_and_sigmas(each)) for each in every]
    assert sum(o.found for o in own) >= 0.75 * sum(o.windows for o in own)
    assert median(o.false_a_week for o in own) <= 2
    assert sum(o.false for o in own) < sum(o.false for o in peer) / 3
