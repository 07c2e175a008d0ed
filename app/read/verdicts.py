"""Whether a resource is well: the catalogue's conditions, judged on newest values.

All conditions of one service and period are judged for all resources and all
slots of the last day at once, so the state now, since when it holds and the
strip of the day come from the same numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from app.catalogue.paths import search
from app.catalogue.schema import Condition, StateCondition, ThresholdFrom
from app.model import written
from app.model.ids import Resource
from app.model.states import Health
from app.model.time import from_epoch_ms
from app.read.binding import Bound
from app.read.groups import Matrix
from app.read.measures import Mask, Table
from app.read.slots import Slots

LATE_SLOTS = 3
"""How many slots the newest value may be behind the newest answer: CloudWatch is late at times."""

_BREACH: Mapping[str, Callable[[Matrix, Matrix], Mask]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one thing is, why in one sentence, and since when."""

    health: Health
    reason: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One condition over the resources at ``rows``.

    ``held`` says in which slots the condition held, ``known`` in which slots
    there was a value to judge.
    """

    condition: Condition
    rows: tuple[int, ...]
    values: Matrix
    thresholds: npt.NDArray[np.float64]
    held: Mask
    known: Mask


def judge(condition: Condition, table: Table) -> Judged:
    """Judge every resource that the condition is about, in every slot."""
    rows = table.bound.carriers(condition.measure)
    measured = table.each(condition.measure, rows)
    thresholds = np.array([_threshold(condition.threshold, table.bound.resources[r]) for r in rows])
    known = ~np.isnan(measured.values)
    with np.errstate(invalid="ignore"):
        breach = _BREACH[condition.comparison](measured.values, thresholds[:, None]) & known
        if condition.floor and measured.divisor is not None:
            breach &= measured.divisor >= condition.floor
    held = _all_of(breach, condition.periods)
    return Judged(condition, tuple(rows), measured.values, thresholds, held, known)


def verdicts(
    judged: Judged, bound: Bound, slots: Slots, newest: Sequence[int]
) -> dict[int, Verdict]:
    """The resources for which the condition holds now, by position.

    ``newest`` has for each resource the number of the last slot that AWS has
    answered to its end.
    """
    found: dict[int, Verdict] = {}
    slots_known = newest_known(judged, newest)
    holding = judged.held[np.arange(len(judged.rows)), slots_known] & (slots_known >= 0)
    for at in np.flatnonzero(holding).tolist():
        row, slot = judged.rows[at], int(slots_known[at])
        begun = _begun(judged.held[at], slot) - judged.condition.periods + 1
        since = from_epoch_ms(slots.start_ms + max(0, begun) * slots.step_ms)
        reason = _sentence(judged, at, slot, bound.resources[row])
        found[row] = Verdict(Health(judged.condition.severity.value), reason, since)
    return found


def state_verdict(conditions: Sequence[StateCondition], resource: Resource) -> Verdict | None:
    """The worst state condition that the inventory's picture of the resource meets."""
    seen = {
        "state": resource.state,
        "configuration": dict(resource.configuration),
        "tags": dict(resource.tags),
    }
    found = [
        Verdict(
            Health(condition.severity.value),
            condition.says.format(resource=resource.name or resource.id, state=resource.state),
        )
        for condition in conditions
        if condition.kind == resource.kind and search(condition.match, seen)
    ]
    return min(found, key=lambda verdict: verdict.health.weight, default=None)


def threshold_of(limit: float | ThresholdFrom, resource: Resource) -> float | None:
    """The number that a limit stands for on this resource, None if it has none."""
    number = _threshold(limit, resource)
    return None if np.isnan(number) else number


def _threshold(threshold: float | ThresholdFrom, resource: Resource) -> float:
    if not isinstance(threshold, ThresholdFrom):
        return float(threshold)
    found = search(threshold.configuration, dict(resource.configuration))
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) * threshold.times if is_number else float("nan")


def _all_of(breach: Mask, periods: int) -> Mask:
    """True where a slot and the ``periods - 1`` before it all breach."""
    held = breach.copy()
    for back in range(1, periods):
        held[:, back:] &= breach[:, :-back]
        held[:, :back] = False
    return held


def newest_known(judged: Judged, newest: Sequence[int]) -> npt.NDArray[np.intp]:
    """The newest slot with a value for each of ``judged.rows``, -1 if all are too old.

    ``newest`` has for each resource the number of the last slot that AWS has answered.
    """
    last = np.array([newest[row] for row in judged.rows], dtype=np.intp)
    found = np.full(len(last), -1, dtype=np.intp)
    at = np.arange(len(last))
    for back in range(LATE_SLOTS + 1):
        slot = last - back
        there = (found < 0) & (slot >= 0) & judged.known[at, np.maximum(slot, 0)]
        found[there] = slot[there]
    return found


def _begun(held: npt.NDArray[np.bool_], slot: int) -> int:
    """The first slot of the unbroken run that ``slot`` is in."""
    broken = np.flatnonzero(~held[: slot + 1])
    return int(broken[-1]) + 1 if len(broken) else 0


def _sentence(judged: Judged, at: int, slot: int, resource: Resource) -> str:
    unit = str(judged.condition.measure.unit)
    return judged.condition.says.format(
        value=written.value(float(judged.values[at, slot]), unit),
        threshold=written.value(float(judged.thresholds[at]), unit),
        resource=resource.name or resource.id,
    )
