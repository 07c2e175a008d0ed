"""Recorded series as if they were happening now.

A folder of ``timestamp,value`` files, each one series. A recording is moved in
time by whole periods so that it ends at an anchor, usually the first start of
the demo, and goes on by repeating. Its gaps and odd stamps stay as they were;
of two values with one stamp the later line counts.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from app.demo.world.blog import AMERICA, PROD
from app.demo.world.noise import Floats, Minutes
from app.demo.world.samples import Samples, Shape
from app.model.ids import Place, SeriesKey

NAMESPACE = "Replay"
_QUANTILE = 0.99
_SERVICES = {
    "ec2": ("AWS/EC2", "InstanceId", "i-"),
    "elb": ("AWS/ELB", "LoadBalancerName", ""),
    "rds": ("AWS/RDS", "DBInstanceIdentifier", ""),
}
_NAMED = re.compile(r"(ec2|elb|rds)_([a-z_]+)_([0-9a-z]+)")
_BY_INSTANCE = re.compile(r"\w*?_?([a-z]{2}-[a-z]+-\d)_(i-[0-9a-f]+)_([A-Za-z]+)")
_SUMMED = {"RequestCount"}


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One file: the series it stands for, its usual period in seconds, stamps and values."""

    name: str
    key: SeriesKey
    period: int
    at: Minutes
    values: Floats

    @property
    def cycle_s(self) -> int:
        """After how many seconds it begins again."""
        return int(self.at[-1] - self.at[0]) + self.period


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replayed series and an alarm worth having on it."""

    key: SeriesKey
    period: int
    statistic: str
    threshold: float


def recordings(folder: Path) -> list[Recording]:
    """Every ``.csv`` file of a folder, by name; ValueError says which line is wrong."""
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise ValueError(f"there is no .csv file in {folder}")
    return [_recording(path) for path in files]


def _recording(path: Path) -> Recording:
    points: dict[int, float] = {}
    with path.open(newline="", encoding="utf-8") as lines:
        for number, row in enumerate(csv.reader(lines), start=1):
            if number == 1 and row[:1] == ["timestamp"]:
                continue
            if row:
                stamp, value = _point(path, number, row)
                points[stamp] = value
    if len(points) < 2:
        raise ValueError(f"{path.name}: a recording needs at least two points")
    at = np.array(sorted(points), dtype=np.int64)
    values = np.array([points[int(second)] for second in at])
    steps, times = np.unique(np.diff(at), return_counts=True)
    period = max(int(steps[np.argmax(times)]) // 60 * 60, 60)
    return Recording(path.stem, key_of(path.stem), period, at, values)


def _point(path: Path, number: int, row: Sequence[str]) -> tuple[int, float]:
    try:
        at, value = datetime.fromisoformat(row[0]), float(row[1])
    except (ValueError, IndexError):
        text = ",".join(row)
        raise ValueError(
            f"{path.name}, line {number}: expected `timestamp,value`, got `{text}`"
        ) from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return int(at.timestamp()), value


def key_of(name: str) -> SeriesKey:
    """The series that a file name stands for; namespace ``Replay`` if it tells nothing."""
    place = Place(PROD.id, AMERICA)
    if found := _BY_INSTANCE.fullmatch(name):
        region, instance, metric = found.groups()
        return SeriesKey.of(Place(PROD.id, region), "AWS/EC2", metric, {"InstanceId": instance})
    if found := _NAMED.fullmatch(name):
        namespace, dimension, prefix = _SERVICES[found[1]]
        return SeriesKey.of(place, namespace, _metric(found[2]), {dimension: prefix + found[3]})
    return SeriesKey.of(place, NAMESPACE, "Value", {"Series": name})


def _metric(snake: str) -> str:
    """``cpu_utilization`` as CloudWatch writes it."""
    return "".join("CPU" if word == "cpu" else word.capitalize() for word in snake.split("_"))


class Replay:
    """The recordings as a source of samples."""

    def __init__(self, recorded: Sequence[Recording], anchor: datetime) -> None:
        self._recorded = {r.key: (r, _start(r, anchor)) for r in recorded}

    def keys(self, place: Place) -> list[SeriesKey]:
        return sorted(key for key in self._recorded if key.place == place)

    def samples(self, key: SeriesKey, start_s: int, end_s: int) -> Samples | None:
        """Points with a stamp in [start_s, end_s); nothing lies before the recording's start."""
        if key not in self._recorded:
            return None
        recording, begin = self._recorded[key]
        first = max((start_s - begin) // recording.cycle_s, 0)
        last = max((end_s - 1 - begin) // recording.cycle_s, first)
        moved = recording.at - recording.at[0] + begin
        rounds = np.arange(first, last + 1, dtype=np.int64) * recording.cycle_s
        at = (moved[None, :] + rounds[:, None]).ravel()
        values = np.tile(recording.values, len(rounds))
        inside = (at >= start_s) & (at < end_s)
        at, values = at[inside], values[inside]
        one = np.ones(len(at))
        return Samples(at, one, values, values, values, Shape.SAME, step=recording.period)


def _start(recording: Recording, anchor: datetime) -> int:
    """When the recording begins, moved by whole periods so that its last period ends at anchor."""
    room = int(anchor.timestamp()) - recording.period - int(recording.at[-1])
    return int(recording.at[0]) + room // recording.period * recording.period


def replayed(folder: Path) -> list[Replayed]:
    """Every series of a folder, with a threshold near the top of what it usually is."""
    return [
        Replayed(
            r.key,
            r.period,
            "Sum" if r.key.metric in _SUMMED else "Average",
            float(f"{np.quantile(r.values, _QUANTILE):.3g}"),
        )
        for r in recordings(folder)
    ]


def alarms(folder: Path) -> list[dict[str, object]]:
    """One metric alarm for each series, in the shape of ``alarms.metric`` in config.yaml."""
    return [
        {
            "account": item.key.account,
            "region": item.key.region,
            "severity": "warning",
            "AlarmName": f"replay-{recording.name}",
            "AlarmDescription": f"{item.key.metric} is above the 99th percentile of its recording",
            "Namespace": item.key.namespace,
            "MetricName": item.key.metric,
            "Dimensions": [{"Name": n, "Value": v} for n, v in item.key.dimensions],
            "Statistic": item.statistic,
            "Period": item.period,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            "Threshold": item.threshold,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "missing",
        }
        for recording, item in zip(recordings(folder), replayed(folder), strict=True)
    ]


def kept_anchor(file: Path, now: datetime) -> datetime:
    """The anchor of an earlier start, so that a restart does not move the recordings again."""
    if file.exists():
        return datetime.fromisoformat(file.read_text().strip())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(now.astimezone(UTC).isoformat())
    return now
