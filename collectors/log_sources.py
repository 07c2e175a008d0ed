"""Whose a metric is: made of log events here, or read from CloudWatch.

Both for one series would count twice, so whoever had the first rows keeps it. That it
is made here is stored as coverage of a mark, in the commit that holds those rows.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime, timedelta

from app.model.groups import derived_group, derived_mark, is_derived
from app.model.ids import Place, SeriesKey
from app.model.logs import OWN_NAMESPACE, LogGroupKey
from app.model.time import Window, floor, from_epoch_ms
from app.store import Store
from collectors.log_series import SeriesList

MARKED_FOR = timedelta(days=30)
"""A mark is covered anew after so long, or the store would forget it with old data."""

_MINUTE = timedelta(minutes=1)
_Made = tuple[Place, str]


def group_of(key: SeriesKey) -> str:
    """The group of all series that are made, or are not made, together with this one."""
    return derived_group(key.namespace, key.metric, (name for name, _ in key.dimensions))


class Sources:
    """Remembers which metrics are made of which log groups; thread-safe."""

    def __init__(self, store: Store, read: Collection[str], *, lines: bool) -> None:
        """``read`` are namespaces that are read from CloudWatch as a whole.

        ``lines`` says whether lines may ask for metrics.
        """
        self._store, self._read = store, frozenset(read)
        self._feeding: dict[_Made, set[str]] = {}
        self._marks: dict[_Made, Window] = {}
        self._made: dict[_Made, bool] = {}
        self._lines = lines
        self._restored = False
        self._lock = threading.RLock()

    def _restore(self) -> None:
        """Take notice of what earlier processes have marked."""
        with self._lock:
            if self._restored:
                return
            for (place, mark), found in self._store.coverages().items():
                group, is_mark, name = mark.rpartition("<")
                if not is_derived(mark) or not is_mark or not found.answered:
                    continue
                self._marks[place, mark] = found.answered.windows[-1]
                self._made[place, group] = True
                if self._lines and name:
                    self.feeds(place, group, name)
            self._restored = True

    def feeds(self, place: Place, group: str, log_group: str) -> None:
        """Events of a log group count for a metric, or would if they matched."""
        with self._lock:
            self._feeding.setdefault((place, group), set()).add(log_group)

    def feeding(self, place: Place, group: str) -> frozenset[str]:
        """The log groups whose events count for a metric."""
        self._restore()
        with self._lock:
            return frozenset(self._feeding.get((place, group), ()))

    def makes(self, key: SeriesKey) -> bool:
        """Whether a series is made here, if anything asks for it."""
        if key.namespace.startswith("AWS/") or key.namespace in self._read:
            return False
        self._restore()
        made = key.place, group_of(key)
        with self._lock:
            if made not in self._made:
                self._made[made] = key.namespace == OWN_NAMESPACE or not self._is_stored(key)
            return self._made[made]

    def mark(
        self, key: LogGroupKey, name: SeriesKey, at: int, series: SeriesList, *, line: bool
    ) -> None:
        """Have it remembered that a series is made here; ``at`` (ms) is near the present."""
        mark = derived_mark(group_of(name), key.name if line else "")
        self._restore()
        minute = floor(from_epoch_ms(at), _MINUTE)
        known = (key.place, mark) in series.marks
        if not known and not self._is_marked(key.place, mark, minute):
            series.marks[key.place, mark] = Window(minute, minute + _MINUTE)

    def _is_marked(self, place: Place, mark: str, minute: datetime) -> bool:
        with self._lock:
            known = self._marks.get((place, mark))
            if known is None:
                # The commit of an earlier mark may have failed, so only the store can tell.
                found = self._store.coverage(place, mark).answered
                if not found:
                    return False
                known = self._marks[place, mark] = found.windows[-1]
            if minute - known.end <= MARKED_FOR:
                return True
            del self._marks[place, mark]
            return False

    def _is_stored(self, key: SeriesKey) -> bool:
        """Whether there are rows of such series, which nobody marked."""
        names = [name for name, _ in key.dimensions]
        index = self._store.series
        found = index.find(places=[key.place], namespace=key.namespace, metric=key.metric)
        known = index.keys(found["series"].to_list())
        return any([name for name, _ in each.dimensions] == names for each in known)
