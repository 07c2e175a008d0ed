"""States over time. A moment either decides, or keeps what was before.

So two passes of the grid tell everything: where a state of before OK and one of
before ALARM lead to the same state, that moment decides; elsewhere it keeps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alerts import grid
from alerts.rehearse.moments import Moments
from alerts.verdict import Rule, Verdict
from alerts.verdict.evidence import Evidence, Point
from alerts.verdict.judge import judge

CELLS = 4_000_000
"""Moments times slots that are held at a time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an alarm saw of each slot: value and samples, and a band where it has one."""

    values: grid.Floats
    counts: grid.Floats
    lower: grid.Floats | None = None
    upper: grid.Floats | None = None


def states(rule: Rule, seen: Moments, saw: Seen, asked: grid.Bools) -> grid.Codes:
    """The state after each moment, beginning without any data.

    ``asked`` tells the moments for which AWS had answered; the others keep the state.
    """
    most = max(1, CELLS // rule.range)
    parts = [
        _decided(rule, seen.looks[first : first + most], saw)
        for first in range(0, len(seen.at), most)
    ]
    if not parts:
        return np.zeros(0, dtype=np.int8)
    decided = np.concatenate([part[0] for part in parts])
    decides = np.concatenate([part[1] for part in parts]) & asked
    newest = np.maximum.accumulate(np.where(decides, np.arange(len(decides)), -1))
    return np.where(newest < 0, grid.INSUFFICIENT_DATA, decided[newest])


def verdict(rule: Rule, seen: Moments, saw: Seen, moment: int, before: np.int8) -> Verdict:
    """The whole verdict of one moment, with its reason."""
    evidence = evidence_of(rule, seen, saw, moment)
    return judge(rule, evidence, grid.STATES[before], float(seen.at[moment]))


def evidence_of(rule: Rule, seen: Moments, saw: Seen, moment: int) -> Evidence:
    """Slots, points and bounds of one moment."""
    spans = seen.slots(moment)
    looks = seen.looks[moment]
    points = {
        start: Point(float(saw.values[i]), _known(saw.counts[i]))
        for (start, _), i in zip(spans, looks, strict=True)
        if not np.isnan(saw.values[i])
    }
    bounds = [
        None
        if side is None
        else {start: _known(side[i]) for (start, _), i in zip(spans, looks, strict=True)}
        for side in (saw.lower, saw.upper)
    ]
    return Evidence.of(rule, spans, points, *bounds)


def _decided(rule: Rule, looks: grid.Index, saw: Seen) -> tuple[grid.Codes, grid.Bools]:
    """What each moment comes to, and whether it does so whatever was before."""
    group = grid.Group.of([rule], np.zeros(len(looks), dtype=np.intp))
    values, counts = saw.values[looks], saw.counts[looks]
    bounds = [None if side is None else side[looks] for side in (saw.lower, saw.upper)]
    ways = [
        grid.decide(group, values, np.full(len(looks), code), counts, *bounds)
        for code in (grid.OK, grid.ALARM)
    ]
    return ways[0], ways[0] == ways[1]


def _known(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
