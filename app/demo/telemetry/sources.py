"""Everything that has metric data, seen as one: the world, what was put, recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.demo.telemetry.delivery import delivered
from app.demo.telemetry.written import Written
from app.demo.world.samples import Samples, Shape
from app.demo.world.world import HISTORY_DAYS, World
from app.model.ids import Place, SeriesKey

_DAY_S = 86_400


class Source(Protocol):
    """Something that has samples of some series."""

    def keys(self, place: Place) -> list[SeriesKey]: ...

    def samples(self, key: SeriesKey, start_s: int, end_s: int) -> Samples | None:
        """Samples with a stamp in [start_s, end_s); None if the series is unknown."""
        ...


@dataclass(frozen=True, slots=True)
class WorldSource:
    """The world as a source: its minutes as seconds."""

    world: World

    def keys(self, place: Place) -> list[SeriesKey]:
        return self.world.keys(place) if place in self.world.places else []

    def samples(self, key: SeriesKey, start_s: int, end_s: int) -> Samples | None:
        return self.world.samples(key, -(-start_s // 60), -(-end_s // 60))


class Sources:
    """All sources together, with the delay of delivery."""

    def __init__(self, world: World, written: Written, further: Sequence[Source] = ()) -> None:
        self._written = written
        self._published: tuple[Source, ...] = (WorldSource(world), *further)

    def keys(self, place: Place) -> list[SeriesKey]:
        """Every series of a place, sorted."""
        known = {key for source in (*self._published, self._written) for key in source.keys(place)}
        return sorted(known)

    def samples(
        self, key: SeriesKey, start_s: int, end_s: int, now_s: float, delay_s: float = 0.0
    ) -> Samples | None:
        """What CloudWatch knows at ``now_s`` of a series in [start_s, end_s)."""
        start_s = max(start_s, int(now_s) - HISTORY_DAYS * _DAY_S)
        end_s = max(min(end_s, int(now_s) + 2 * 3600), start_s)
        found = [source.samples(key, start_s, end_s) for source in self._published]
        parts = [delivered(part, key, now_s, delay_s) for part in found if part is not None]
        put = self._written.samples(key, start_s, end_s)
        if put is not None:
            parts.append(put)
        return _together(parts)


def _together(parts: list[Samples]) -> Samples | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    order = np.argsort(np.concatenate([p.at for p in parts]), kind="stable")
    return Samples(
        np.concatenate([p.at for p in parts])[order],
        np.concatenate([p.number for p in parts])[order],
        np.concatenate([p.total for p in parts])[order],
        np.concatenate([p.low for p in parts])[order],
        np.concatenate([p.high for p in parts])[order],
        Shape.EVEN,
        step=max(p.step for p in parts),
    )
