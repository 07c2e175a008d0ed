"""Cohorts with their coverage, bundles that are asked together, and the batches of a bundle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.aws import MetricQuery
from app.model.ids import Place
from app.model.rounds import Batch, Covered
from app.model.time import Intervals, Window
from collectors.metric_frames import Rows
from collectors.metric_reading import Reader
from collectors.metric_series import Cohort
from collectors.windows import Habits, covered, fresh, past

PATIENCE = 3
"""How often a window is asked again for the sake of series that AWS does not answer fully."""


@dataclass(slots=True)
class Known:
    """A cohort and what was answered for it so far."""

    cohort: Cohort
    answered: Intervals
    settled: Intervals


@dataclass(frozen=True, slots=True)
class Space:
    """All cohorts of one namespace and period in one place; ``within`` is what may be asked."""

    place: Place
    group: str
    habits: Habits
    within: Window
    known: tuple[Known, ...]

    @property
    def final_before(self) -> datetime:
        """Points older than this will not change any more."""
        return self.within.end - self.habits.reread

    def until(self, end: datetime) -> Space:
        """The same with nothing asked after ``end``."""
        within = Window(min(self.within.start, end), end)
        return Space(self.place, self.group, self.habits, within, self.known)

    def fresh(self) -> list[Bundle]:
        """What is to be read of the newest time now, empty while nothing is due."""
        wanted = []
        for known in self.known:
            window = fresh(known.answered, known.settled, self.habits, self.within)
            wanted.append((known, Intervals.of([window] if window else [])))
        return _bundled(wanted)

    def lacking(self) -> Intervals:
        """What any cohort lacks of the past."""
        return Intervals.of(window for known in self.known for window in self._past(known))

    def past(self, slice_: Window) -> list[Bundle]:
        """What of ``slice_`` is still to be read."""
        span = Intervals.of([slice_])
        return _bundled([(known, self._past(known) & span) for known in self.known])

    def covers(self, bundle: Bundle) -> list[Covered]:
        """What is covered once ``bundle`` is answered; remembers it for the next bundle."""
        window = bundle.window
        span = Intervals.of([window])
        found: list[Covered] = []
        for known in bundle.cohorts:
            found += covered(self.place, known.cohort.group, window, self.final_before)
            known.answered |= span
        if all(not known.answered.gaps(window) for known in self.known):
            found += covered(self.place, self.group, window, self.final_before)
        return found

    def _past(self, known: Known) -> Intervals:
        return past(known.answered, known.settled, self.habits, self.within)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Cohorts that are asked for the same window, in the same calls."""

    window: Window
    cohorts: tuple[Known, ...]

    @property
    def queries(self) -> list[MetricQuery]:
        return [query for known in self.cohorts for query in known.cohort.queries]


def _bundled(wanted: Sequence[tuple[Known, Intervals]]) -> list[Bundle]:
    found: dict[Window, list[Known]] = {}
    for known, spans in wanted:
        for window in spans:
            found.setdefault(window, []).append(known)
    newest_first = sorted(found, key=lambda w: (w.end, w.start), reverse=True)
    return [Bundle(window, tuple(found[window])) for window in newest_first]


@dataclass(slots=True)
class Patience:
    """Counts how often in a row a group came back incomplete.

    After a few times it counts as covered all the same: one series that AWS
    never answers must not make its whole cohort be asked, and billed, for ever.
    """

    _tries: dict[tuple[Place, str], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_over(self, place: Place, group: str, complete: bool) -> bool:
        """Whether to cover the window now."""
        with self._lock:
            tries = 0 if complete else self._tries.get((place, group), 0) + 1
            self._tries[(place, group)] = tries % PATIENCE
            return tries in (0, PATIENCE)


def batches(
    reader: Reader,
    queries: Sequence[MetricQuery],
    window: Window,
    *,
    patient: Callable[[bool], bool],
    covers: Callable[[], Sequence[Covered]],
) -> Iterator[Batch]:
    """Rows of one window; the last batch carries what they cover.

    ``patient`` is told whether all was answered and says whether that will do.
    """
    for rows in reader.rows(queries, window):
        if not rows.last:
            yield Batch(frames=rows.frames(), series=rows.series)
            continue
        done = patient(not rows.incomplete)
        yield Batch(
            frames=rows.frames(),
            series=rows.series,
            covered=covers() if done else (),
            notes=_notes(rows, done),
        )


def _notes(rows: Rows, done: bool) -> list[str]:
    notes = [f"CloudWatch says: {message}" for message in rows.messages]
    if rows.incomplete:
        first = rows.incomplete[0].series
        named = f"{first.namespace} {first.metric} {dict(first.dimensions)}"
        what = "they are left out" if done else "what was known stays and they are asked again"
        notes.append(
            f"CloudWatch gave no complete answer for {len(rows.incomplete)} series "
            f"(the first is {named}); {what}"
        )
    return notes
