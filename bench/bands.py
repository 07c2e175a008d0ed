"""Anomaly bands on labelled series of real services, beside two simple bands.

Run ``python -m bench.bands [FOLDER]``. The folder holds series of five minutes as CSV
(``timestamp,value``) and ``anomaly_windows.json``, which names the stretches that people
called anomalous. Each band is learnt anew every six hours from what lies before; an alarm
of one datapoint in one, outside either bound, goes over the series from the first bound on.

*Found* is a labelled window with at least one breach inside; *false* is a change to ALARM
outside every window, by the weeks that lie outside of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
import polars as pl

from app.query.metric_math.band import HISTORY, band, fitted
from app.query.metric_math.level import QUARTER
from app.query.metric_math.values import Grid, Points
from bench.timing import median_ms, report

FOLDER = Path("../shared/data/cloudwatch")
LABELS = "anomaly_windows.json"
PERIOD, DAY, WEEK = 300, 86_400, 604_800
SIGMAS = 3.0
TO_FIND, FALSE_A_WEEK, LEARN_MS = 0.75, 2.0, 100.0
Bounds = tuple[Points, Points]
Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A series on its grid, and the stretches that people called anomalous."""

    name: str
    grid: Grid
    points: Points
    windows: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an alarm on a band comes to over one series."""

    found: int
    windows: int
    false: int
    weeks: float

    @property
    def false_a_week(self) -> float:
        return self.false / self.weeks if self.weeks else 0.0


def read(folder: Path) -> list[Labelled]:
    """Every series of a folder by name."""
    labels = json.loads((folder / LABELS).read_text("utf-8"))
    by_file = {name.rsplit("/", 1)[-1]: windows for name, windows in labels.items()}
    return [_series(path, by_file.get(path.name, [])) for path in sorted(folder.glob("*.csv"))]


def _series(path: Path, windows: Sequence[Sequence[str]]) -> Labelled:
    rows = pl.read_csv(path, schema={"timestamp": pl.String, "value": pl.Float64})
    at = rows["timestamp"].str.to_datetime("%Y-%m-%d %H:%M:%S").dt.epoch("s").to_numpy()
    start = int(at[0]) // PERIOD * PERIOD
    grid = Grid.over(start, int(at[-1]) + 1, PERIOD)
    points = np.full(grid.size, np.nan)
    points[(at - start) // PERIOD] = rows["value"].to_numpy()
    stretches = [(_epoch(start), _epoch(end)) for start, end in windows]
    return Labelled(path.stem, grid, points, stretches)


def _epoch(text: str) -> float:
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


def ours(series: Labelled) -> Bounds:
    """The band of ANOMALY_DETECTION_BAND with its usual width."""
    return band(series.points, series.grid, 2.0, 0)


def mean_and_sigmas(series: Labelled) -> Bounds:
    """One mean and three deviations, from the two weeks before."""
    return _learnt(series, _mean_and_sigmas)


def _mean_and_sigmas(past: Points, count: int) -> tuple[Points, float]:
    return np.full(count, np.nanmean(past)), SIGMAS * float(np.nanstd(past))


def seasonal_naive(series: Labelled) -> Bounds:
    """The same time yesterday and three deviations of such differences in two weeks."""
    return _learnt(series, _seasonal_naive)


def _seasonal_naive(past: Points, count: int) -> tuple[Points, float]:
    day = DAY // PERIOD
    yesterday = past[-day:][:count] if past.size >= day else np.full(count, np.nan)
    changes = past[day:] - past[:-day]
    known = changes[~np.isnan(changes)]
    return yesterday, SIGMAS * float(known.std()) if known.size else np.nan


def _learnt(series: Labelled, learn: Callable[[Points, int], tuple[Points, float]]) -> Bounds:
    """Bounds learnt anew whenever ours are, from the two weeks before, half a day at least."""
    times = series.grid.times()
    lower, upper = np.full((2, times.size), np.nan)
    edges = np.flatnonzero(np.diff(times // QUARTER)) + 1
    for begin, end in zip(edges, [*edges[1:], times.size], strict=True):
        past = series.points[max(0, begin - HISTORY // PERIOD) : begin]
        if begin * PERIOD < DAY // 2:
            continue
        middle, half = learn(past, end - begin)
        lower[begin:end], upper[begin:end] = middle - half, middle + half
    return lower, upper


def outcome(series: Labelled, bounds: Bounds) -> Outcome:
    """Windows found and changes to ALARM outside of them."""
    lower, upper = bounds
    times = series.grid.times()
    outside = (series.points < lower) | (series.points > upper)
    changed = outside & ~np.concatenate([[False], outside[:-1]])
    inside = [(times >= start) & (times <= end) for start, end in series.windows]
    anywhere = np.any(inside, axis=0) if inside else np.zeros(times.size, dtype=bool)
    judged = ~np.isnan(upper) & ~anywhere
    found = sum(bool((outside & window).any()) for window in inside)
    false = int((changed & ~anywhere).sum())
    return Outcome(found, len(inside), false, float(judged.sum()) * PERIOD / WEEK)


BANDS: dict[str, Callable[[Labelled], Bounds]] = {
    "ours": ours,
    "mean + 3 sigma": mean_and_sigmas,
    "seasonal naive": seasonal_naive,
}


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    cells = (f"{o.found}/{o.windows}  {o.false_a_week:5.2f} a week" for o in outcomes)
    return f"{name:42}" + "".join(f"{cell:>22}" for cell in cells)


def _learning_ms(series: Labelled) -> float:
    times: npt.NDArray[np.int64] = series.grid.times()
    count = min(times.size, HISTORY // PERIOD)
    return median_ms(lambda: fitted(times[:count], series.points[:count], PERIOD))


def main(folder: Path) -> None:
    if not (folder / LABELS).exists():
        print(f"no labelled series in {folder}; name a folder with {LABELS}")
        return
    every = read(folder)
    results = {name: [outcome(each, find(each)) for each in every] for name, find in BANDS.items()}
    print(f"{'found and false alarms':42}" + "".join(f"{name:>22}" for name in BANDS))
    for i, series in enumerate(every):
        print(_row(series.name, [outcomes[i] for outcomes in results.values()]))
    for name, outcomes in results.items():
        found, windows = sum(o.found for o in outcomes), sum(o.windows for o in outcomes)
        rates = [o.false_a_week for o in outcomes]
        print(
            f"{name}: {found} of {windows} windows, false alarms a week "
            f"{median(rates):.2f} in the median series, {sum(rates) / len(rates):.2f} on average"
        )
    _limits(results["ours"], [_learning_ms(series) for series in every])


def _limits(outcomes: Sequence[Outcome], learning: Sequence[float]) -> None:
    found, windows = sum(o.found for o in outcomes), max(1, sum(o.windows for o in outcomes))
    usual = median(o.false_a_week for o in outcomes)
    report("windows found", 100 * found / windows, "%", limit=100 * TO_FIND, better="more")
    report("false alarms a week, median series", usual, "", limit=FALSE_A_WEEK)
    report("two weeks learnt, median series", median(learning), "ms", limit=LEARN_MS)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
