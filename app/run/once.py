"""``watchdeck collect once``: everything that is due now, in the foreground, then a report."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from app.config import Settings
from app.model.errors import StoreError
from app.model.ids import Place
from app.model.rounds import Round
from app.run import show
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.leader import Leadership
from app.run.pool import Pool
from app.run.rounds import WELL, run_round
from app.run.wiring import build
from collectors.base import Collector, Task


def collect_once(
    settings: Settings, only: Sequence[str], now: Callable[[], datetime], stop: threading.Event
) -> list[Round]:
    """Run what each collector (or those of ``only``) plans now; inventory first, metrics after."""
    parts = build(settings, now)
    rounds: list[Round] = []
    try:
        with Leadership(parts.store, settings.store.path, now) as leadership:
            if not leadership.try_take():
                raise StoreError(
                    "another Watchdeck process writes to this store; stop it, or let it do the work"
                )

            def run(collector: Collector, task: Task) -> bool:
                rounds.append(run_round(parts, collector, task, leadership.lease(), now))
                return rounds[-1].result in WELL

            for collector in sorted(parts.collectors, key=lambda c: c.name):
                if only and collector.name not in only:
                    continue
                _collect(collector, parts.aws.places(), run, settings, now, stop)
    finally:
        parts.store.close()
    return rounds


def _collect(
    collector: Collector,
    places: Sequence[Place],
    run: Callable[[Collector, Task], bool],
    settings: Settings,
    now: Callable[[], datetime],
    stop: threading.Event,
) -> None:
    def plan(one: Collector, place: Place) -> Sequence[Task]:
        return one.plan(place, now())

    parallel = settings.collection.parallel
    pool = Pool(run, parallel, parallel, plan)
    for place in places:
        pool.offer(collector, place, plan(collector, place))
    pool.start()
    pool.wait_idle(stop)
    pool.stop(patience=3.0)


def report(settings: Settings, only: Sequence[str], *, json: bool) -> int:
    """Collect what is due, and tell each round's outcome."""
    rounds = collect_once(settings, only, utc_now, threading.Event())
    if json:
        show.as_json(rounds)
    else:
        columns = ("collector", "place", "group", "result", "rows", "calls", "USD", "message")
        cells = [
            (r.collector, r.place, r.group, r.result, r.rows, r.calls, f"{r.usd:.4f}", r.message)
            for r in rounds
        ]
        show.table(columns, cells, empty="Nothing was due.")
    return Exit.OK if all(r.result in WELL for r in rounds) else Exit.COULD_NOT_ASK
