"""One stretch of work under one lease: everything that collects, decides, tells and tidies."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from alerts import delivery
from app.model.errors import LeaseLost
from app.model.ids import Place
from app.model.time import EPOCH
from app.run.findings import look
from app.run.leader import Leadership
from app.run.money import note_spend, send_digests
from app.run.planned import PlanKeeper
from app.run.pool import Pool
from app.run.rounds import WELL, run_round
from app.run.schedule import Job, Kind, Schedule, phase_of
from app.run.wiring import Parts
from collectors.base import Collector, Task

log = logging.getLogger(__name__)

ALARM_PHASE = timedelta(seconds=30)
PATIENCE = 1.5
"""Seconds that running rounds get to end by themselves."""

COLLECT_SPREAD = timedelta(seconds=20)
"""Rounds of a minute start in its first third, alarms are judged in its middle."""

ALARMS = "alarms"
JUDGE_AGAIN = timedelta(seconds=10)
"""Fresh data makes the alarms be judged at most this often."""

DELIVER_EVERY = timedelta(seconds=5)
MONEY_EVERY = timedelta(minutes=5)
SETTLED = timedelta(minutes=2)
"""After so long a first look finds something, and takes nothing from the first rounds."""

CHECK_PHASE = timedelta(minutes=7)
PLAN_EVERY = timedelta(seconds=20)
RETAIN_EVERY = timedelta(days=1)


class Shift:
    """Runs until told to stop or until the lease is lost."""

    def __init__(self, parts: Parts, leadership: Leadership, now: Callable[[], datetime]) -> None:
        self._parts, self._leadership, self._now = parts, leadership, now
        settings = parts.settings
        accounts = len(settings.accounts)
        parallel = settings.collection.parallel
        share = parallel if accounts == 1 else max(1, parallel - parallel // 2)
        self.pools = {
            collector.name: Pool(self._round, parallel, share, self._more)
            for collector in parts.collectors
        }
        self.schedule = Schedule(now)
        self._judged = EPOCH
        self._defined = 0
        self._plans = PlanKeeper(parts.store, parts.meter)

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set or another process takes over."""
        for job in self._jobs():
            self.schedule.add(job)
        for pool in self.pools.values():
            pool.start()
        self.schedule.start()
        while not stop.wait(0.5) and not self._leadership.lost.is_set():
            pass
        self.schedule.stop()
        for pool in self.pools.values():
            pool.stop(patience=0)
        deadline = time.monotonic() + PATIENCE
        left = [p for p in self.pools.values() if not p.stop(deadline - time.monotonic())]
        if left:
            log.info("rounds were still going on; what they did not commit is asked again")

    def counters(self) -> Mapping[str, int]:
        """Runs and tasks by outcome, for the metrics page."""
        tasks: Counter[str] = Counter()
        for pool in self.pools.values():
            tasks.update({f"tasks:{name}": count for name, count in pool.counters().items()})
        return {**self.schedule.counters(), **tasks}

    def _jobs(self) -> list[Job]:
        parts = self._parts
        every = parts.settings.store.compact_every
        return [
            *self._collect_jobs(),
            Job(
                "alarms",
                Kind.ALARMS,
                parts.settings.alarms.evaluate_every,
                self._judge,
                ALARM_PHASE,
            ),
            Job("delivery", Kind.DELIVERY, DELIVER_EVERY, self._deliver),
            Job("money", Kind.CHECKS, MONEY_EVERY, self._note_spend, after=SETTLED),
            Job(
                "findings",
                Kind.CHECKS,
                parts.settings.findings.every,
                self._look,
                CHECK_PHASE,
                after=SETTLED,
            ),
            Job("plan", Kind.UPKEEP, PLAN_EVERY, self._note_plan),
            Job("upkeep:compact", Kind.UPKEEP, every, self._compact, every / 2, at_once=False),
            Job("upkeep:retain", Kind.UPKEEP, RETAIN_EVERY, self._retain, at_once=False),
        ]

    def _collect_jobs(self) -> list[Job]:
        jobs = []
        for collector in self._parts.collectors:
            spread = collector.every
            if spread <= timedelta(minutes=1):
                spread = min(spread, COLLECT_SPREAD)
            for place in self._parts.aws.places():
                name = f"collect:{collector.name}:{place}"
                plan = partial(self._plan, collector, place)
                jobs.append(Job(name, Kind.COLLECT, collector.every, plan, phase_of(name, spread)))
        return jobs

    def _plan(self, collector: Collector, place: Place) -> None:
        self.pools[collector.name].offer(collector, place, self._tasks(collector, place))

    def _tasks(self, collector: Collector, place: Place) -> Sequence[Task]:
        return collector.plan(place, self._now())

    def _more(self, collector: Collector, place: Place) -> Sequence[Task]:
        """What to do once a plan is done; fresh data is judged without waiting for the minute."""
        if self._now() - self._judged >= JUDGE_AGAIN:
            self.schedule.hurry(ALARMS)
        return self._tasks(collector, place)

    def _round(self, collector: Collector, task: Task) -> bool:
        with self._noticing_a_lost_lease():
            lease = self._leadership.lease()
            return run_round(self._parts, collector, task, lease, self._now).result in WELL
        return False

    def _judge(self) -> None:
        self._judged = self._now()
        with self._noticing_a_lost_lease():
            self._leadership.lease()
            tick = self._parts.engine.tick(self._judged)
            if tick.defined != self._defined:
                self._defined = tick.defined
                self._plan_alarmed()

    def _plan_alarmed(self) -> None:
        """Plan metrics anew at once: what new alarms watch goes before history."""
        soonest = self._parts.settings.collection.metrics.alarmed_every
        for collector in self._parts.collectors:
            if collector.every > soonest:
                continue
            for place in self._parts.aws.places():
                self._plan(collector, place)

    def _deliver(self) -> None:
        parts = self._parts
        delivery.deliver(
            parts.store.ledger,
            parts.notifiers,
            self._now(),
            names=parts.names,
            mutes=parts.mutes,
        )

    def _note_spend(self) -> None:
        with self._noticing_a_lost_lease():
            note_spend(self._parts, self._leadership.lease(), self._now())
            send_digests(self._parts, self._now())

    def _look(self) -> None:
        """Make every check over what is stored."""
        parts = self._parts
        with self._noticing_a_lost_lease():
            self._leadership.lease()
            look(parts.store, parts.catalogue, parts.settings, self._now())

    def _note_plan(self) -> None:
        with self._noticing_a_lost_lease():
            self._plans.note(self._leadership.lease(), self._now())

    def _compact(self) -> None:
        with self._noticing_a_lost_lease():
            self._parts.store.upkeep.compact(self._leadership.lease(), self._now())

    def _retain(self) -> None:
        with self._noticing_a_lost_lease():
            self._parts.store.upkeep.retain(self._leadership.lease(), self._now())

    @contextmanager
    def _noticing_a_lost_lease(self) -> Iterator[None]:
        try:
            yield
        except LeaseLost as error:
            log.warning("stopped writing", extra={"error": error})
            self._leadership.lost.set()
