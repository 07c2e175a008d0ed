"""One round of one collector: ask, commit, remember how it went.

Every batch is committed before the next is drawn, together with its coverage
and what the calls cost. However the round ends, its outcome is stored; "could
not ask" is an outcome, not an empty answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.aws import Meter
from app.model.errors import AwsError, LeaseLost, OpsError, StoreError
from app.model.rounds import Batch, Result, Round
from app.store import Lease, Store
from collectors.base import Collector, Task

LONGEST_MESSAGE = 2_000

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Outcome:
    result: Result = Result.OK
    message: str = ""
    action: str = ""
    rows: int = 0
    notes: dict[str, None] = field(default_factory=dict)


def run(
    collector: Collector,
    task: Task,
    *,
    store: Store,
    lease: Lease,
    meter: Meter,
    now: Callable[[], datetime],
) -> Round:
    """Do one task and store what came of it.

    Raises nothing but LeaseLost: then another process writes, and this one must stop.
    """
    started, before = now(), meter.tally(collector.name, task.place)
    outcome = _Outcome()
    try:
        for batch in collector.collect(task, started):
            _commit(batch, outcome, store=store, lease=lease, meter=meter, now=now)
    except LeaseLost:
        raise
    except Exception as error:  # the schedule must survive any collector
        _failed(outcome, error, collector, task)
    spent = meter.tally(collector.name, task.place).since(before)
    ended = _round(collector, task, outcome, (started, now()), (spent.calls, spent.usd))
    _note(ended, store=store, lease=lease, meter=meter, now=now)
    return ended


def _commit(
    batch: Batch,
    outcome: _Outcome,
    *,
    store: Store,
    lease: Lease,
    meter: Meter,
    now: Callable[[], datetime],
) -> None:
    entries = meter.entries()
    try:
        committed = store.commit(batch, lease=lease, now=now(), meter=entries)
    except BaseException:  # the calls were made all the same; raised again
        meter.restore(entries)
        raise
    outcome.rows += committed.rows
    outcome.notes |= dict.fromkeys(batch.notes)


def _failed(outcome: _Outcome, error: Exception, collector: Collector, task: Task) -> None:
    outcome.result = Result.of(error)
    if isinstance(error, AwsError):
        outcome.message, outcome.action = error.message, error.action
    elif isinstance(error, OpsError):
        outcome.message = str(error)
    else:
        kind = type(error).__name__
        outcome.message = f"{kind}: {error}. This is a mistake in Watchdeck; its log tells where."
        _log.exception("%s failed in %s, %s", collector.name, task.place, task.group)


def _round(
    collector: Collector,
    task: Task,
    outcome: _Outcome,
    times: tuple[datetime, datetime],
    spent: tuple[int, Decimal],
) -> Round:
    result, messages = outcome.result, [outcome.message, *outcome.notes]
    if result is Result.OK and outcome.notes:
        result = Result.PARTIAL
    return Round(
        collector=collector.name,
        place=task.place,
        group=task.group,
        started=times[0],
        finished=times[1],
        result=result,
        window=task.window,
        rows=outcome.rows,
        calls=spent[0],
        usd=spent[1],
        message="; ".join(m for m in messages if m)[:LONGEST_MESSAGE],
        action=outcome.action,
    )


def _note(
    ended: Round, *, store: Store, lease: Lease, meter: Meter, now: Callable[[], datetime]
) -> None:
    entries = meter.entries()
    try:
        store.note(lease=lease, now=now(), round=ended, meter=entries)
    except LeaseLost:
        meter.restore(entries)
        raise
    except StoreError as error:
        # The disk is full, most likely; the round itself says so where it can.
        meter.restore(entries)
        _log.error("the round %s of %s is not stored: %s", ended.group, ended.place, error)
