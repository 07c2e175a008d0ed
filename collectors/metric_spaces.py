"""What there is to read in one place now: groups of series, and what was answered for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from app.aws import Meter, MetricQuery
from app.config import MetricsSettings
from app.model.groups import metrics_group
from app.model.ids import Place
from app.model.time import Window
from app.store import Store
from collectors.metric_alarms import Seen, Watched, series_of
from collectors.metric_series import Cohort, SeriesBook
from collectors.metric_tasks import Known, Space
from collectors.windows import FRESH, Habits, askable


@dataclass(frozen=True, slots=True)
class Spaces:
    """Makes the spaces of a place from the series that are known and the alarms on them."""

    store: Store
    book: SeriesBook
    settings: MetricsSettings
    meter: Meter

    def ordinary(
        self, place: Place, now: datetime, seen: Seen
    ) -> Iterator[tuple[str, list[Space]]]:
        """Every namespace with its spaces, one a period."""
        for namespace in dict.fromkeys((*self.book.namespaces, *seen)):
            yield namespace, self.of(place, namespace, now, seen.get(namespace, ()))

    def of(
        self, place: Place, namespace: str, now: datetime, watched: Sequence[Watched]
    ) -> list[Space]:
        """The spaces of one namespace, one a period."""
        cohorts = self.book.cohorts(place, namespace, now, series_of(watched))
        spaces = []
        for period, same in sorted(cohorts.items()):
            group = metrics_group(namespace, period)
            habits = self._habits(place, group, period, now)
            spaces.append(self._space(place, group, habits, now, same))
        return spaces

    def alarmed(self, place: Place, watched: Watched, now: datetime) -> Space:
        """The space of everything that alarms watch at one pace."""
        habits = Habits(
            period=watched.pace,
            lag=self.settings.alarmed_lag,
            overlap=self.settings.overlap,
            backfill=self.settings.backfill,
            every=self.settings.alarmed_every,
            phase=_phase(place, watched.group),
            first=max(FRESH, watched.look_back),
        )
        return self._space(place, watched.group, habits, now, [watched.cohort])

    def _habits(self, place: Place, group: str, period: int, now: datetime) -> Habits:
        return Habits(
            period=period,
            lag=self.settings.lag,
            overlap=self.settings.overlap,
            backfill=self.settings.backfill,
            every=self.settings.every * self.meter.stretch(now),
            phase=_phase(place, group),
        )

    def _space(
        self, place: Place, group: str, habits: Habits, now: datetime, cohorts: Sequence[Cohort]
    ) -> Space:
        known = []
        for cohort in cohorts:
            coverage = self.store.coverage(place, cohort.group)
            known.append(Known(cohort, coverage.answered, coverage.settled))
        return Space(place, group, habits, askable(habits, now), tuple(known))


def _phase(place: Place, group: str) -> timedelta:
    return timedelta(seconds=crc32(f"{place}/{group}".encode()) % 3600)


class ReadForAlarms:
    """Tells which queries of ordinary reading the reading for alarms has answered already.

    The same answer would be paid for twice.
    """

    def __init__(self, spaces: Sequence[Space]) -> None:
        self._spaces = spaces
        self._statistics = {
            (query.series, query.period): (space, frozenset(query.statistics))
            for space in spaces
            for known in space.known
            for query in known.cohort.queries
        }

    def __bool__(self) -> bool:
        return bool(self._statistics)

    def holds(self, query: MetricQuery, window: Window) -> bool:
        """Whether all of ``window`` was answered, but for what the next readings will bring."""
        found = self._statistics.get((query.series, query.period))
        if found is None or not found[1].issuperset(query.statistics):
            return False
        space, end = found[0], window.end
        if 2 * space.habits.step <= space.habits.reread:
            newest = 2 * space.habits.step - timedelta(seconds=query.period)
            end = max(window.start, end - newest)
        return all(not known.answered.gaps(Window(window.start, end)) for known in space.known)

    def always(self, query: MetricQuery) -> bool:
        """Whether reading for alarms brings all of a query as a rule."""
        found = self._statistics.get((query.series, query.period))
        return found is not None and found[1].issuperset(query.statistics)
