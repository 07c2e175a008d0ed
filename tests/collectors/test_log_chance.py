"""Whatever happens while log events are read, each is kept once and counts once."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from app.demo.endpoint import Endpoint
from app.demo.faults import Fault, FaultKind
from tests.collectors.log_working import OWN, PLACE, LogWork, log_working

STEPS = 25
MISHAPS = (
    Fault(FaultKind.EMPTY_PAGES, api="logs", share=0.5),
    Fault(FaultKind.REPEATED_TOKENS, api="logs", share=0.5),
    Fault(FaultKind.THROTTLE, api="logs", share=0.3),
    Fault(FaultKind.SERVER_ERROR, operation="FilterLogEvents", share=0.3),
    Fault(FaultKind.LATE, api="logs", seconds=200),
    Fault(FaultKind.DENIED, operation="FilterLogEvents", times=1),
)
FILTER = {"name": "all", "namespace": "Chance", "metric": "Lines"}


def step(work: LogWork, draw: random.Random, written: list[str]) -> None:
    """Events of the last hour arrive, something goes wrong, and the collector works or dies."""
    work.endpoint.faults.clear()
    if draw.random() < 0.6:
        work.endpoint.faults.add(draw.choice(MISHAPS))
    for _ in range(draw.randrange(2)):
        age = timedelta(seconds=draw.choice((1, 30, 120, 500, 3000)))
        texts = [f"{len(written) + n}" for n in range(draw.randrange(1, 40))]
        written += texts
        work.put(texts, work.now - age, stream=draw.choice("ab"))
    if draw.random() < 0.8:
        work.rounds()
    elif tasks := work.collector.plan(PLACE, work.now):
        work.round(tasks[0])  # and no more: the process is gone
    if draw.random() < 0.3:
        work.renew()
    work.later(seconds=draw.choice((20, 61, 61, 130, 1300)))


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_lost_and_nothing_counts_twice(
    endpoint: Endpoint, tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    with log_working(endpoint, tmp_path, metrics={"filters": [FILTER]}, backfill="2d") as work:
        work.create()
        written: list[str] = []
        for _ in range(STEPS):
            step(work, draw, written)
        work.endpoint.faults.clear()
        for _ in range(8):
            work.rounds()
            work.later(hours=6)
        assert work.messages(OWN) == sorted(written)
        assert len(written) > 200
        assert sum(slot["count"] for slot in work.slots("Chance", "Lines")) == len(written)
