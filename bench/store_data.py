"""Generated metrics for the benchmarks of the store: a day of minutes, seeded.

Series are laid out as a real account lists them: the metrics of one function
are neighbours, so one metric of all functions is spread over the ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.config import StoreSettings
from app.model.ids import Place, SeriesKey
from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Window
from app.store import Lease, Store, open_store

DAY = datetime(2026, 11, 23, tzinfo=UTC)
NOW = DAY + timedelta(days=1, hours=4)
ACCOUNTS = ("111111111111", "222222222222", "333333333333", "444444444444")
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
FUNCTION_METRICS = (
    "Invocations",
    "Errors",
    "Duration",
    "Throttles",
    "ConcurrentExecutions",
    "IteratorAge",
)


def keys(count: int) -> list[SeriesKey]:
    """The first ``count`` series: six metrics each of many functions in twelve places."""
    return [
        SeriesKey(
            ACCOUNTS[function % 4],
            REGIONS[function % 3],
            "AWS/Lambda",
            metric,
            (("FunctionName", f"fn-svc-{function:04d}"),),
        )
        for function in range(-(-count // 6))
        for metric in FUNCTION_METRICS
    ][:count]


def minutes(
    series: int, first: int, count: int, seed: int = 7
) -> tuple[pl.DataFrame, NDArray[np.float64]]:
    """Rows of every series in minutes ``first`` and following, in order of arrival, and p99."""
    rng = np.random.default_rng(seed + first)
    level = np.exp(np.random.default_rng(1).normal(3, 1.5, series))
    kind = np.random.default_rng(2).random(series)
    wave = 1 + 0.5 * np.sin(np.arange(first, first + count) / 1440 * 2 * np.pi)
    expected = wave[:, None] * level[None, :]
    samples = rng.poisson(np.minimum(expected, 400)).astype(np.float64) + 1
    average = np.round(expected * rng.gamma(20, 0.05, expected.shape), 2)
    errors = kind < 0.3  # nearly always 0
    average[:, errors] = np.where(rng.random((count, int(errors.sum()))) < 0.99, 0, 1)
    samples[:, (kind >= 0.3) & (kind < 0.5)] = 5  # gauges: five samples a minute
    start = int(DAY.timestamp() * 1000)
    at = np.repeat(start + np.arange(first, first + count) * 60_000, series)
    maximum = np.round(average * 2.2, 2).ravel()
    frame = pl.DataFrame(
        {
            "series": np.tile(np.arange(series, dtype=np.uint32), count),
            "period": pl.repeat(60, len(at), dtype=pl.Int32, eager=True),
            "at": at,
            "sum": (average * samples).round(2).ravel(),
            "minimum": np.round(average * 0.5, 2).ravel(),
            "maximum": maximum,
            "sample_count": samples.ravel(),
        }
    ).with_columns(pl.col("at").cast(pl.Datetime("ms", "UTC")))
    return frame, np.round(maximum * 0.97, 2)


def percentiles(frame: pl.DataFrame, values: NDArray[np.float64]) -> pl.DataFrame:
    """The same slots as rows of extended statistics."""
    return frame.select(
        "series", pl.lit("p99").alias("statistic"), "period", "at", pl.Series("value", values)
    )


def batch(frames: dict[str, pl.DataFrame], series: Sequence[SeriesKey]) -> Batch:
    """A batch that covers the span of its rows in one place."""
    at = frames["metrics"]["at"]
    first, last = at.min(), at.max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    window = Window(first, last + timedelta(minutes=1))
    place = Place(ACCOUNTS[0], REGIONS[0])
    covered = [Covered(place, "AWS/Lambda", window, Settledness.SETTLED)]
    return Batch(frames=frames, series=series, covered=covered)


def opened(folder: Path) -> tuple[Store, Lease]:
    """A new store and the right to write to it."""
    store = open_store(StoreSettings(path=folder / "store"), NOW)
    lease = store.acquire("bench", NOW, timedelta(days=1))
    assert lease is not None
    return store, lease
