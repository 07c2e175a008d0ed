"""Cohorts with their coverage, bundles that are asked together, and the batches of a bundle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.aws import MetricQuery
from app.model.ids import Place
from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Intervals, Window
from collectors.metric_late import Changes
from collectors.metric_reading import Reader
from collectors.metric_series import Cohort
from collectors.windows import LATE, PARTS, Due, Habits, covered, fresh, past, settling

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
        return self.within.end - LATE

    @property
    def series(self) -> int:
        return sum(len(known.cohort.queries) for known in self.known)

    def units(self, left_out: Callable[[MetricQuery], bool] | None = None) -> int:
        """How many metrics AWS bills for one read of all but those that are left out."""
        if left_out is None:
            return sum(known.cohort.units for known in self.known)
        queries = (query for known in self.known for query in known.cohort.queries)
        return sum(query.units for query in queries if not left_out(query))

    def until(self, end: datetime) -> Space:
        """The same with nothing asked after ``end``."""
        return replace(self, within=Window(min(self.within.start, end), end))

    def fresh(self) -> list[Bundle]:
        """What is to be read of the newest time now, empty while nothing is due."""
        together: dict[Due, list[Known]] = {}
        for known in self.known:
            due = fresh(known.answered, known.settled, self.habits, self.within)
            if due:
                together.setdefault(due, []).append(known)
        return [Bundle(due, tuple(known)) for due, known in together.items()]

    def lacking(self) -> Intervals:
        """What any cohort lacks of the past."""
        return Intervals.of(window for known in self.known for window in self._past(known))

    def past(self, slice_: Window) -> list[Bundle]:
        """What of ``slice_`` is still to be read, newest first."""
        together: dict[Window, list[Known]] = {}
        for known in self.known:
            for window in self._past(known) & Intervals.of([slice_]):
                together.setdefault(window, []).append(known)
        newest_first = sorted(together, key=lambda w: (w.end, w.start), reverse=True)
        return [Bundle(Due(window, window), tuple(together[window])) for window in newest_first]

    def covers(self, bundle: Bundle) -> list[Covered]:
        """What is covered once ``bundle`` is answered; remembers it for the next bundle."""
        due = bundle.due
        for known in bundle.known:
            known.answered |= Intervals.of([due.window])
        found = [
            each
            for group in self._answered_by(bundle)
            for each in covered(self.place, group, due.window, self.final_before)
        ]
        found += self._everywhere(due.window)
        return found + self._final(bundle) if due.parts else found

    def _answered_by(self, bundle: Bundle) -> list[str]:
        groups = [known.cohort.group for known in bundle.known]
        whole = all(not known.answered.gaps(bundle.due.window) for known in self.known)
        return [*groups, self.group] if whole else groups

    def _everywhere(self, window: Window) -> list[Covered]:
        """What around ``window`` is answered of every cohort; they may be read minutes apart."""
        answered = self.known[0].answered
        for known in self.known[1:]:
            answered &= known.answered
        return [
            Covered(self.place, self.group, each, Settledness.PROVISIONAL)
            for each in answered
            if each.start <= window.end and each.end >= window.start
        ]

    def _final(self, bundle: Bundle) -> list[Covered]:
        """What has become final now that parts of the series were read far back."""
        for known in bundle.known:
            known.settled |= settling(known.answered, known.settled, bundle.due)
        everywhere = self.known[0].settled
        for known in self.known[1:]:
            everywhere &= known.settled
        by_group = [(known.cohort.group, known.settled) for known in bundle.known]
        return [
            Covered(self.place, group, window, Settledness.SETTLED)
            for group, settled in (*by_group, (self.group, everywhere))
            for window in settled
        ]

    def _past(self, known: Known) -> Intervals:
        return past(known.answered, known.settled, self.habits, self.within)


@dataclass(frozen=True, slots=True)
class Ask:
    """Queries that are sent with one window; ``again`` if most of its points are known."""

    queries: Sequence[MetricQuery]
    window: Window
    again: bool = False


@dataclass(frozen=True, slots=True)
class Bundle:
    """Cohorts that are asked at once; series of ``due.parts`` for a wider window than others."""

    due: Due
    known: tuple[Known, ...]

    def asks(self, left_out: Callable[[MetricQuery, Window], bool] | None) -> list[Ask]:
        """What to send, without queries of which another reading takes care in their window."""
        due = self.due
        usual, wide = self._by_turn() if due.parts else (self._queries(), [])
        asks = [Ask(usual, due.window), Ask(wide, due.wide, again=True)]
        if left_out:
            asks = [
                replace(ask, queries=[q for q in ask.queries if not left_out(q, ask.window)])
                for ask in asks
            ]
        return [asks[0], *(ask for ask in asks[1:] if ask.queries)]

    def _queries(self) -> Sequence[MetricQuery]:
        if len(self.known) == 1:
            return self.known[0].cohort.queries
        return [query for known in self.known for query in known.cohort.queries]

    def _by_turn(self) -> tuple[list[MetricQuery], list[MetricQuery]]:
        usual: list[MetricQuery] = []
        wide: list[MetricQuery] = []
        for query in self._queries():
            (wide if part_of(query) in self.due.parts else usual).append(query)
        return usual, wide


def part_of(query: MetricQuery) -> int:
    """The part of the day to which a series belongs, always the same."""
    return int.from_bytes(query.series.digest()[:4], "big") % PARTS


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
    asks: Sequence[Ask],
    changes: Changes,
    *,
    patient: Callable[[bool], bool],
    covers: Callable[[], Sequence[Covered]],
) -> Iterator[Batch]:
    """Rows of all asks; the last batch carries what they cover.

    ``patient`` is told whether all was answered and says whether that will do.
    """
    incomplete: list[MetricQuery] = []
    messages: dict[str, None] = {}
    for number, ask in enumerate(asks, 1):
        for rows in reader.rows(ask.queries, ask.window):
            frames = rows.frames()
            if ask.again:
                frames = changes.only(frames, rows.series, ask.window)
            messages |= rows.messages
            incomplete += rows.incomplete
            if not (rows.last and number == len(asks)):
                yield Batch(frames=frames, series=rows.series if frames else ())
                continue
            done = patient(not incomplete)
            yield Batch(
                frames=frames,
                series=rows.series if frames else (),
                covered=covers() if done else (),
                notes=_notes(incomplete, messages, done),
            )


def _notes(incomplete: Sequence[MetricQuery], messages: Iterable[str], done: bool) -> list[str]:
    notes = [f"CloudWatch says: {message}" for message in messages]
    if incomplete:
        first = incomplete[0].series
        named = f"{first.namespace} {first.metric} {dict(first.dimensions)}"
        what = "they are left out" if done else "what was known stays and they are asked again"
        notes.append(
            f"CloudWatch gave no complete answer for {len(incomplete)} series "
            f"(the first is {named}); {what}"
        )
    return notes
