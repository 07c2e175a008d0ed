"""How much was used, as CloudWatch counts it, by Region and slot of time.

A metric is published with several sets of dimensions that count the same events; only one
set may be added up. A slot counts as known only where AWS has answered for nearly all of
it, in every place that has the metric: half a day of a counter would look like a quiet one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from app.model.groups import namespace_of
from app.model.ids import Place, SeriesKey
from app.model.time import Intervals, Window
from app.read.books import Books
from app.read.groups import Groups, Ids
from app.read.sheet import Sheet, load
from app.read.slots import Slots

ENOUGH = 0.99
"""Share of a slot that has to be answered."""

Values = npt.NDArray[np.float64]
Chosen = dict[str, list[tuple[int, SeriesKey]]]
_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Driver:
    """Counters of one namespace that are added up, over one set of dimensions.

    Of ``dimensions`` the first set counts that a place has series with.
    """

    namespace: str
    metrics: tuple[str, ...]
    dimensions: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Used:
    """Sums by Region and slot, NaN where they are not known; ``until`` is how far they reach."""

    by_region: Mapping[str, Values]
    until: datetime | None = None

    @property
    def total(self) -> Values:
        """All Regions together, known where all are."""
        rows = list(self.by_region.values())
        return np.asarray(np.sum(rows, axis=0)) if rows else np.empty(0)


@dataclass(slots=True)
class Metered:
    """Reads what drivers counted, many in one go."""

    books: Books
    places: Sequence[Place]
    _all: Mapping[tuple[Place, str], Intervals] | None = None
    _answers: dict[tuple[Place, str], Intervals] = field(default_factory=dict)

    def daily(self, drivers: Iterable[Driver], window: Window) -> dict[Driver, Used]:
        """Whole UTC days; a window of the past is kept until history arrives in it."""
        several = tuple(dict.fromkeys(drivers))
        key = ("metered", several, tuple(self.places))
        return self.books.past(key, window, lambda: self._read(several, Slots.over(window, 86_400)))

    def since(self, drivers: Iterable[Driver], window: Window) -> dict[Driver, Used]:
        """One slot from the start of the window to how far all answers reach in it."""
        several = tuple(dict.fromkeys(drivers))
        found: dict[Driver, Used] = {}
        for driver in several:
            until = self._reach(driver, window)
            if until is None:
                continue
            part = Window(window.start, until)
            found |= self._read([driver], Slots.over(part, _HOUR_S), whole=part)
        return found

    def by_series(self, driver: Driver, window: Window) -> dict[SeriesKey, float]:
        """The sum of each series over the window, for what is known."""
        chosen = self._chosen(driver)
        series = [one for several in chosen.values() for one in several]
        ids = np.array([id_ for id_, _ in series], dtype=np.uint32)
        sheet = load(self.books.store, {"Sum": ids}, Slots.over(window, _HOUR_S)).as_one()
        sums = sheet.pooled(Groups.each(ids), "Sum")[:, 0] if len(ids) else np.empty(0)
        pairs = zip(series, sums.tolist(), strict=True)
        return {key: usd for (_, key), usd in pairs if not np.isnan(usd)}

    def _read(
        self, drivers: Sequence[Driver], slots: Slots, whole: Window | None = None
    ) -> dict[Driver, Used]:
        chosen = {driver: self._chosen(driver) for driver in drivers}
        ids = [id_ for found in chosen.values() for several in found.values() for id_, _ in several]
        if not ids:
            return {}
        sheet = load(self.books.store, {"Sum": ids}, slots)
        if whole is not None:
            sheet = sheet.as_one()
        return {
            driver: self._used(driver, found, sheet, whole)
            for driver, found in chosen.items()
            if found
        }

    def _used(self, driver: Driver, found: Chosen, sheet: Sheet, whole: Window | None) -> Used:
        by_region: dict[str, Values] = {}
        for region, several in found.items():
            ids: Ids = np.array([id_ for id_, _ in several], dtype=np.uint32)
            sums = sheet.pooled(Groups.of([ids]), "Sum")[0]
            places = {Place(key.account, key.region) for _, key in several}
            known = np.ones(sheet.slots.count, dtype=bool)
            for place in places:
                known &= self._known(place, driver.namespace, sheet.slots, whole)
            by_region[region] = np.where(known, np.nan_to_num(sums), np.nan)
        return Used(by_region, whole.end if whole else sheet.slots.end)

    def _chosen(self, driver: Driver) -> Chosen:
        """Series by Region, each with its number."""
        store = self.books.store
        found = store.series.find(places=self.places, namespace=driver.namespace)
        ids = found.filter(found["metric"].is_in(list(driver.metrics)))["series"].to_numpy()
        keys = list(zip(ids.tolist(), store.series.keys(ids), strict=True))
        by_place: dict[Place, list[tuple[int, SeriesKey]]] = {}
        for one in keys:
            by_place.setdefault(Place(one[1].account, one[1].region), []).append(one)
        chosen: Chosen = {}
        for place, own in by_place.items():
            sets = ([o for o in own if _names(o[1]) == frozenset(n)] for n in driver.dimensions)
            fitting = next((several for several in sets if several), [])
            if fitting:
                chosen.setdefault(place.region, []).extend(fitting)
        return chosen

    def _known(
        self, place: Place, namespace: str, slots: Slots, whole: Window | None
    ) -> npt.NDArray[np.bool_]:
        """Which slots are answered nearly whole."""
        answered = self._answered(place, namespace)
        windows = [whole] if whole is not None else _windows(slots)
        shares = [(answered & Intervals.of([w])).length / w.length for w in windows]
        return np.array(shares) >= ENOUGH

    def _reach(self, driver: Driver, window: Window) -> datetime | None:
        """How far all places with the metric have answered from the start of the window on."""
        places = {
            Place(key.account, key.region)
            for several in self._chosen(driver).values()
            for _, key in several
        }
        ends = []
        for place in places:
            met = self._answered(place, driver.namespace) & Intervals.of([window])
            ends.append(met.windows[-1].end if met else window.start)
        until = min(ends, default=window.start)
        return until if until > window.start else None

    def _answered(self, place: Place, namespace: str) -> Intervals:
        """When AWS has answered for the metrics of a namespace in a place, at any period."""
        key = (place, namespace)
        if self._all is None:
            self._all = self.books.store.answered()
        if key not in self._answers:
            groups = [
                found
                for (where, group), found in self._all.items()
                if where == place and _is_of(group, namespace)
            ]
            self._answers[key] = Intervals.of(w for found in groups for w in found)
        return self._answers[key]


def _is_of(group: str, namespace: str) -> bool:
    return group.startswith("metrics/") and namespace_of(group) == namespace


def _names(key: SeriesKey) -> frozenset[str]:
    return frozenset(name for name, _ in key.dimensions)


def _windows(slots: Slots) -> list[Window]:
    step = timedelta(milliseconds=slots.step_ms)
    return [
        Window(slots.start + n * step, slots.start + (n + 1) * step) for n in range(slots.count)
    ]
