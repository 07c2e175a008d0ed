"""Conditions judged over the last day, of which only the newest hours are judged each time.

What happened before :data:`FRESH` does not change any more but for late
corrections; it is judged once in a while and joined with the fresh part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from app.catalogue.schema import Condition
from app.model.time import Window, epoch_ms, floor
from app.read.binding import Bound
from app.read.measures import Mask, Table, load_all, needs
from app.read.slots import Slots
from app.read.standing import Standings, groups_of
from app.read.verdicts import Judged, judge
from app.store import Store

DAY = timedelta(hours=23, minutes=30)
"""What is looked at: all that memory surely holds, so that health never waits for files."""

FRESH = timedelta(hours=2)
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, eq=False)
class Judging:
    """What the conditions of one service and one period came to, over ``slots``."""

    bound: Bound
    slots: Slots
    judged: tuple[Judged, ...]


Judgings = Mapping[str, Sequence[Judging]]
"""By the service's id, one for each period of its conditions."""


def cut(now: datetime) -> datetime:
    """Where the past ends and the fresh part begins; it moves every half hour."""
    return floor(now, HALF_HOUR) - FRESH


def judge_past(
    store: Store, several: Sequence[Bound], standings: Standings, now: datetime
) -> Judgings:
    """Everything from a day ago up to the cut."""
    end = cut(now)
    start = floor(now, HALF_HOUR) - DAY
    return {
        bound.service.id: judgings
        for bound, judgings in _judged(store, several, standings, Window(start, end), lead=False)
    }


def judge_fresh(
    store: Store, several: Sequence[Bound], standings: Standings, past: Judgings, now: datetime
) -> Judgings:
    """The whole day: the past as it was judged, and everything since the cut."""
    window = Window(cut(now), now)
    fresh = _judged(store, several, standings, window, lead=True)
    return {
        bound.service.id: [
            _joined(before, after, cut(now))
            for before, after in zip(past[bound.service.id], judgings, strict=True)
        ]
        for bound, judgings in fresh
    }


def answered(standings: Standings, bound: Bound, slots: Slots) -> dict[str, Mask]:
    """By group, for each resource the slots for which AWS has answered in its place."""
    places = {resource.place for resource in bound.resources}
    masks = {}
    for group in groups_of(bound.service):
        own = {p: slots.inside(standings.answered(p, [group]).windows) for p in places}
        rows = [own[resource.place] for resource in bound.resources]
        masks[group] = np.array(rows, dtype=bool).reshape(len(rows), slots.count)
    return masks


def _judged(
    store: Store, several: Sequence[Bound], standings: Standings, window: Window, *, lead: bool
) -> list[tuple[Bound, list[Judging]]]:
    """Judge the window, one reading of the store for each period.

    With ``lead`` it begins so much earlier that conditions over several
    periods can be judged from its first slot on.
    """
    found: list[tuple[Bound, list[Judging]]] = [(bound, []) for bound in several]
    for period in sorted({c.period for bound in several for c in bound.service.health}):
        asked = [[c for c in b.service.health if c.period == period] for b in several]
        longest = max((c.periods for conditions in asked for c in conditions), default=1)
        start = window.start - timedelta(seconds=period * (longest - 1)) * lead
        slots = Slots.over(Window(start, window.end), period)
        needed = [_needed(b, cs) for b, cs in zip(several, asked, strict=True)]
        sheet = load_all(store, needed, slots)
        for (bound, judgings), conditions in zip(found, asked, strict=True):
            if conditions:
                table = Table(bound, sheet, answered(standings, bound, slots))
                judged = tuple(judge(condition, table) for condition in conditions)
                judgings.append(Judging(bound, slots, judged))
    return found


def _needed(bound: Bound, conditions: Sequence[Condition]) -> dict[str, list[int]]:
    everything = range(len(bound.resources))
    return needs(bound, [condition.measure for condition in conditions], everything)


def _joined(past: Judging, fresh: Judging, at: datetime) -> Judging:
    """The past up to ``at`` and the fresh part from there on, as one."""
    kept = (epoch_ms(at) - past.slots.start_ms) // past.slots.step_ms
    lead = (epoch_ms(at) - fresh.slots.start_ms) // fresh.slots.step_ms
    slots = Slots(past.slots.start_ms, past.slots.step_ms, kept + fresh.slots.count - lead)
    judged = tuple(
        replace(
            after,
            values=np.hstack([before.values[:, :kept], after.values[:, lead:]]),
            held=np.hstack([before.held[:, :kept], after.held[:, lead:]]),
            known=np.hstack([before.known[:, :kept], after.known[:, lead:]]),
        )
        for before, after in zip(past.judged, fresh.judged, strict=True)
    )
    return Judging(fresh.bound, slots, judged)
