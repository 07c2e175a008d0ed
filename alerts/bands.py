"""The band that an anomaly alarm compares with, asked of whoever models it.

The alarm compares; where the band comes from is another's business: see ``Bands``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from alerts.verdict.slots import Slot
from app.model.ids import SeriesKey

_BAND = re.compile(
    r"\s*ANOMALY_DETECTION_BAND\s*\(\s*(?P<id>[a-z]\w*)\s*(?:,\s*(?P<width>[\d.]+)\s*)?\)\s*",
    re.IGNORECASE,
)
_USUAL = 2.0
Bounds = dict[int, float | None]


class Need(Protocol):
    """One metric of an alarm, as the book of computed alarms knows it."""

    @property
    def id(self) -> str: ...
    @property
    def key(self) -> SeriesKey: ...
    @property
    def statistic(self) -> str: ...


class Bands(Protocol):
    """Knows the band of a series."""

    def band(
        self, key: SeriesKey, statistic: str, width: float, slots: Sequence[Slot]
    ) -> Sequence[tuple[float | None, float | None]]:
        """Lower and upper bound for each slot, None where the model cannot tell yet."""


@dataclass(frozen=True, slots=True)
class Band:
    """Which metric's band an alarm compares with, and how many deviations wide it is."""

    key: SeriesKey
    statistic: str
    width: float

    def bounds(self, bands: Bands | None, slots: Sequence[Slot]) -> tuple[Bounds, Bounds]:
        """Bounds by the start of a slot; without a model no point has any."""
        if bands is None:
            return {}, {}
        found = bands.band(self.key, self.statistic, self.width, slots)
        starts = [start for start, _ in slots]
        lower = {at: low for at, (low, _) in zip(starts, found, strict=True)}
        return lower, {at: high for at, (_, high) in zip(starts, found, strict=True)}


def band_of(put: Mapping[str, Any], needs: Sequence[Need]) -> Band | None:
    """The band that ThresholdMetricId names; ValueError for one over an expression."""
    name = put.get("ThresholdMetricId")
    if name is None:
        return None
    query = next(query for query in put["Metrics"] if query.get("Id") == name)
    found = _BAND.fullmatch(str(query.get("Expression")))
    need = next((each for each in needs if found and each.id == found["id"]), None)
    if found is None or need is None:
        raise ValueError("A band can be judged around one metric, not around an expression.")
    return Band(need.key, need.statistic, float(found["width"] or _USUAL))
