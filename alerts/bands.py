"""The band that an anomaly alarm compares with, asked of whoever models it.

The alarm compares; where the band comes from is another's business: see ``Bands``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from alerts.verdict.rule import is_select
from alerts.verdict.slots import Slot
from app.model.ids import SeriesKey
from app.query.lang import QueryError
from app.query.metric_math import BandCall, band_calls, ids_of

Bounds = dict[int, float | None]
Side = Sequence[tuple[float | None, float | None]]


class Need(Protocol):
    """One metric of an alarm, as the book of computed alarms knows it."""

    @property
    def id(self) -> str: ...
    @property
    def key(self) -> SeriesKey: ...
    @property
    def statistic(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Input:
    """One metric that a band is around, by the Id that it has in the alarm."""

    id: str
    key: SeriesKey
    statistic: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a band is around: one metric, or an expression over several.

    ``expressions`` are pairs of Id and text that the expression builds on.
    """

    of: str
    inputs: tuple[Input, ...]
    expressions: tuple[tuple[str, str], ...] = ()


class Bands(Protocol):
    """Knows the band of a series."""

    def prepare(self, wanted: Sequence[tuple[Subject, Sequence[Slot]]]) -> None:
        """What will be asked for next, so that it can be read together."""

    def band(self, subject: Subject, deviations: float, slots: Sequence[Slot]) -> Side:
        """Lower and upper bound for each slot, None where the model cannot tell yet."""


@dataclass(frozen=True, slots=True)
class Band:
    """What an alarm's band is around, and how many deviations wide it is."""

    subject: Subject
    deviations: float

    def bounds(self, bands: Bands | None, slots: Sequence[Slot]) -> tuple[Bounds, Bounds]:
        """Bounds by the start of a slot; without a model no point has any."""
        if bands is None:
            return {}, {}
        found = bands.band(self.subject, self.deviations, slots)
        starts = [start for start, _ in slots]
        lower = {at: low for at, (low, _) in zip(starts, found, strict=True)}
        return lower, {at: high for at, (_, high) in zip(starts, found, strict=True)}


def band_of(put: Mapping[str, Any], needs: Sequence[Need]) -> Band | None:
    """The band that an alarm compares with or computes with; ValueError for what has none."""
    texts = {
        str(query["Id"]): str(query["Expression"])
        for query in put.get("Metrics") or ()
        if query.get("Expression") and not is_select(query)
    }
    try:
        calls = {call for text in texts.values() for call in band_calls(text)}
        if len(calls) > 1:
            raise ValueError("An alarm can be judged by one band only.")
        return next((_band(call, texts, needs) for call in calls), None)
    except QueryError as error:
        raise ValueError(f"Metrics: {error}") from None


def _band(call: BandCall, texts: Mapping[str, str], needs: Sequence[Need]) -> Band:
    reached, waiting = set[str](), ids_of(call.of)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting |= ids_of(texts[name]) if name in texts else set()
    inputs = [Input(each.id, each.key, each.statistic) for each in needs if each.id in reached]
    known = {each.id for each in inputs} | texts.keys()
    if not inputs or reached - known:
        raise ValueError("A band can be judged around metrics and expressions over them only.")
    built_on = tuple((name, texts[name]) for name in sorted(reached & texts.keys()))
    return Band(Subject(call.of, tuple(inputs), built_on), call.deviations)
