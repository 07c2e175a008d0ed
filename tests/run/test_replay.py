"""Recorded series go the whole way: pretend AWS, collectors, store, an alarm on each, a page."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.catalogue import load_catalogue
from app.demo.clock import Clock
from app.demo.endpoint import start
from app.demo.replay import Replayed, replayed
from app.model.readings import Look
from app.model.states import AlarmState
from app.model.time import Window
from app.read import Reads, Scope
from app.run.demo import with_replayed_alarms
from app.store import open_store
from dashboards.pages import explore
from dashboards.parts import Seen
from tests.support.demo_store import CONFIG, NOW, fill

SHARED = Path(os.environ.get("WATCHDECK_SHARED_DATA", CONFIG.parent.parent / "shared" / "data"))
REAL = SHARED / "cloudwatch"
DAY = Window(NOW - timedelta(days=1), NOW)


@dataclass(frozen=True)
class Replayer:
    """What was collected of a folder of recordings."""

    folder: Path
    reads: Reads
    series: list[Replayed]

    @property
    def scope(self) -> Scope:
        return Scope(DAY, self.reads.places, NOW)

    def stored(self, item: Replayed) -> list[float]:
        """The values of the last day as the store has them."""
        ids = self.reads.store.series.ids([item.key])
        points = self.reads.store.points(ids, DAY).select("sum", "sample_count").collect()
        return [total / count for total, count in points.rows()]


@contextmanager
def collected(folder: Path, into: Path, before: timedelta) -> Iterator[Replayer]:
    """The recordings end ``before`` now, and begin again."""
    clock = Clock()
    clock.set(NOW)
    config = with_replayed_alarms(CONFIG, folder, into)
    with start(clock=clock, replay=folder, anchor=NOW - before) as endpoint:
        settings = fill(into / "store", endpoint, minutes=1, config=config)
    store = open_store(settings.store, NOW, writer=False)
    yield Replayer(folder, Reads(store, load_catalogue(), settings), replayed(folder))
    store.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayer]:
    """Two days of two series, one of which ends far above what it usually is."""
    folder = tmp_path_factory.mktemp("recorded")
    for name, end in (("ec2_cpu_utilization_0a0a0a", 95.0), ("queue_length", 7.0)):
        rows = [
            f"2014-02-{14 + n // 288} {n % 288 // 12:02}:{n % 12 * 5:02}:00" for n in range(576)
        ]
        values = [7.0 + n % 5 / 10 for n in range(572)] + [end] * 4
        lines = "\n".join(f"{at},{value}" for at, value in zip(rows, values, strict=True))
        (folder / f"{name}.csv").write_text(f"timestamp,value\n{lines}\n", encoding="utf-8")
    # Points of the last minutes are not asked for yet.
    with collected(folder, tmp_path_factory.mktemp("small"), timedelta(minutes=5)) as found:
        yield found


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayer]:
    if not REAL.is_dir():
        pytest.skip(f"there are no recorded series in {REAL}")
    with collected(REAL, tmp_path_factory.mktemp("real"), timedelta(hours=1)) as found:
        yield found


@pytest.fixture(
    params=[
        pytest.param("small", marks=pytest.mark.xdist_group("replay-small")),
        pytest.param("real", marks=pytest.mark.xdist_group("replay-real")),
    ]
)
def replay(request: pytest.FixtureRequest) -> Replayer:
    found: Replayer = request.getfixturevalue(request.param)
    return found


def test_every_series_ends_as_its_file_ends(replay: Replayer) -> None:
    for item, path in zip(replay.series, sorted(replay.folder.glob("*.csv")), strict=True):
        rows = csv.reader(path.read_text(encoding="utf-8").splitlines()[1:])
        end = [round(float(row[1]), 6) for row in rows][-20:]
        found = [round(value, 6) for value in replay.stored(item)]
        assert any(found[at : at + 20] == end for at in range(len(found) - 19)), path.name


def test_every_series_has_an_alarm_that_was_judged(replay: Replayer) -> None:
    states = {row.name: row.state for row in replay.reads.alarms.current(replay.scope).value}
    names = {f"replay-{path.stem}" for path in replay.folder.glob("*.csv")}
    assert states.keys() == names
    assert AlarmState.INSUFFICIENT_DATA not in states.values()


@pytest.mark.xdist_group("replay-small")
def test_only_the_series_above_its_threshold_fires(small: Replayer) -> None:
    rows = small.reads.alarms.current(small.scope).value
    assert {row.name: row.state for row in rows} == {
        "replay-ec2_cpu_utilization_0a0a0a": AlarmState.ALARM,
        "replay-queue_length": AlarmState.OK,
    }
    [reason] = [row.reason for row in rows if row.state is AlarmState.ALARM]
    assert reason.startswith("Threshold Crossed: 3 out of the last 3 datapoints")


def test_the_page_of_metrics_draws_every_series(replay: Replayer) -> None:
    seen = Seen(NOW, ZoneInfo("UTC"))
    for item in replay.series:
        where = {"namespace": item.key.namespace, "metric": item.key.metric}
        answer = explore.answer(replay.reads, where, item.key.dimensions[0][1], replay.scope, seen)
        [row] = answer[0]
        assert item.key.dimensions[0][1] in row["name"]
        figure = next(part for part in answer if isinstance(part, dict) and "data" in part)
        [line] = figure["data"]
        assert len(json.loads(json.dumps(line, default=list))["y"]) > 0
        reading = replay.reads.metrics.browse(replay.scope, **where)
        assert reading.look is Look.DATA
