"""A store filled by the real collectors from the pretend AWS, with the clock driven.

``fill`` is what a day of work leaves behind: inventory, metrics with their
history, alarms judged minute by minute, and messages. Run as a program it
leaves the store in a folder, for looking at pages by hand.
"""

from __future__ import annotations

import argparse
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.config import Settings, load
from app.demo.clock import Clock
from app.demo.endpoint import Endpoint, start
from app.run.leader import Leadership
from app.run.planned import PlanKeeper
from app.run.pool import Pool
from app.run.rounds import run_round
from app.run.wiring import Parts, build
from app.store import Lease
from collectors.base import Collector, Task

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CONFIG = Path(__file__).parents[2] / "config.yaml"


def settings_for(url: str, folder: Path, config: Path = CONFIG) -> Settings:
    """config.yaml as it is shipped (or another), with another endpoint and folder."""
    settings = load(config, environment(url))
    store = settings.store.model_copy(update={"path": folder})
    return settings.model_copy(update={"store": store})


def _with_backfill(settings: Settings, backfill: timedelta) -> Settings:
    metrics = settings.collection.metrics.model_copy(update={"backfill": backfill})
    collection = settings.collection.model_copy(update={"metrics": metrics})
    return settings.model_copy(update={"collection": collection})


def environment(url: str) -> Mapping[str, str]:
    return {"WATCHDECK_DEMO_ENDPOINT": url}


def fill(
    folder: Path,
    endpoint: Endpoint,
    *,
    minutes: int = 5,
    backfill: timedelta = timedelta(hours=26),
    config: Path = CONFIG,
) -> Settings:
    """Collect all as of ``minutes`` ago, then work minute by minute up to the clock's now.

    A short ``backfill`` keeps it quick: a page of a day needs no more history.
    """
    settings = _with_backfill(settings_for(endpoint.url, folder, config), backfill)
    end = endpoint.clock.now()
    endpoint.clock.set(end - timedelta(minutes=minutes))
    with working(settings, endpoint) as worker:
        worker.collect("inventory", "metrics")
        while endpoint.clock.now() < end:
            worker.minute()
    return settings


@contextmanager
def working(settings: Settings, endpoint: Endpoint) -> Iterator[Worker]:
    """What the work process does, one minute at a time."""
    parts = build(settings, endpoint.clock.now)
    try:
        with Leadership(parts.store, settings.store.path, endpoint.clock.now) as leadership:
            assert leadership.try_take(), "nobody else works on this store"
            plans = PlanKeeper(parts.store, parts.meter)
            yield Worker(parts, leadership, endpoint.clock, plans)
    finally:
        parts.store.close()


@dataclass(frozen=True, slots=True)
class Worker:
    """Collects and judges by a driven clock."""

    parts: Parts
    leadership: Leadership
    clock: Clock
    plans: PlanKeeper

    def collect(self, *names: str) -> None:
        """Read all that these collectors plan now, and judge alarms."""
        for name in names:
            _collect(self.parts, name, self.leadership, self.clock)
        self.parts.engine.tick(self.clock.now())
        self.plans.note(self.leadership.lease(), self.clock.now())

    def minute(self) -> None:
        """Let a minute pass, and do its work."""
        self.clock.advance(timedelta(minutes=1))
        self.collect("metrics")


def _collect(parts: Parts, name: str, leadership: Leadership, clock: Clock) -> None:
    """Everything that the collector plans now, and what follows from it."""

    def run(collector: Collector, task: Task) -> bool:
        lease: Lease = leadership.lease()
        return run_round(parts, collector, task, lease, clock.now).result.value != "failed"

    def plan(collector: Collector, place: object) -> list[Task]:
        return collector.plan(place, clock.now())

    collector = next(c for c in parts.collectors if c.name == name)
    pool = Pool(run, 4, 4, plan)
    for place in parts.aws.places():
        pool.offer(collector, place, collector.plan(place, clock.now()))
    pool.start()
    pool.wait_idle(threading.Event())
    pool.stop(patience=3.0)


def main() -> None:
    """``python -m tests.support.demo_store FOLDER``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--at", type=datetime.fromisoformat, default=NOW)
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    clock = Clock()
    clock.set(given.at)
    with start(clock=clock) as endpoint:
        fill(given.folder, endpoint)


if __name__ == "__main__":
    main()
