"""Asks the store what an alarm would have done; writes nothing and asks AWS nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from alerts import grid
from alerts.book import Book, Watched
from alerts.rehearse.answered import answered_for
from alerts.rehearse.moments import Moments, moments
from alerts.rehearse.outcome import Change, Rehearsal
from alerts.rehearse.past import values_of
from alerts.rehearse.run import Seen, states, verdict
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition
from app.model.lines import Line
from app.model.states import AlarmState
from app.model.time import Window
from app.store import Store

MOST_CHANGES = 2_000
"""An alarm that changes more often than this is told without the rest of its changes."""

NOT_YET = "Alarms of this kind cannot be rehearsed yet."
NOT_STORED = "the store holds no point of {what}; what is not collected cannot be judged."


class Rehearser:
    """Rehearses alarms over one store, be they defined or only thought of."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store, self._catalogue = store, catalogue

    def rehearse(self, definition: AlarmDefinition, window: Window) -> Rehearsal:
        """What the alarm would have done at every moment of ``window``."""
        book = Book.of([definition], self._catalogue)
        if not book.watched:
            problem = book.broken.get(definition.id, NOT_YET)
            return _impossible(definition, window, problem)
        watched = book.watched[0]
        every = max(book.scopes[watched.scope].pace, int(book.align[0]))
        first, last = (int(at.timestamp()) for at in (window.start, window.end))
        seen = moments(watched.rule, first, last, every, watched.step)
        if not len(seen.at):
            return _impossible(definition, window, "the time is shorter than one evaluation.")
        saw = self._saw(watched, seen)
        asked = self._asked(book, watched, seen)
        problem = "" if (~np.isnan(saw.values)).any() else NOT_STORED.format(what=_what(watched))
        codes = states(watched.rule, seen, saw, asked)
        return Rehearsal(
            put=definition.put,
            window=window,
            every=timedelta(seconds=every),
            state=grid.STATES[codes[-1]],
            changes=tuple(_changes(watched, seen, saw, codes)),
            line=_line(watched, seen, saw, every),
            unasked=timedelta(seconds=every * int(np.count_nonzero(~asked))),
            problem=problem,
        )

    def _saw(self, watched: Watched, seen: Moments) -> Seen:
        series = self._store.series.ids([watched.key])
        if not series[0]:
            nothing = np.full(len(seen.starts), np.nan)
            return Seen(nothing, nothing)
        return Seen(*values_of(self._store, series, watched.rule.statistic, seen, watched.step))

    def _asked(self, book: Book, watched: Watched, seen: Moments) -> grid.Bools:
        """The moments for which AWS had answered for everything that the alarm looks at."""
        scope = book.scopes[watched.scope]
        answered = answered_for(self._store.coverages(), scope.place, scope.namespace)
        looks_to = np.minimum(seen.starts[seen.looks[:, 0]], seen.at)
        asked = np.zeros(len(seen.at), dtype=bool)
        newest = seen.ends[seen.looks[:, -1]]
        for window in answered:
            start, end = window.start.timestamp(), window.end.timestamp()
            asked |= (looks_to >= start) & (newest <= end)
        return asked


def _changes(watched: Watched, seen: Moments, saw: Seen, codes: grid.Codes) -> Sequence[Change]:
    before = np.concatenate([[grid.INSUFFICIENT_DATA], codes[:-1]])
    found = []
    for moment in np.flatnonzero(before != codes)[:MOST_CHANGES]:
        told = verdict(watched.rule, seen, saw, int(moment), before[moment])
        at = datetime.fromtimestamp(int(seen.at[moment]), UTC)
        found.append(Change(at, grid.STATES[before[moment]], told.state, told.reason))
    return found


def _line(watched: Watched, seen: Moments, saw: Seen, every: int) -> Line:
    """The newest slot of each moment, placed where that slot begins."""
    newest = seen.looks[:, -1]
    start = datetime.fromtimestamp(int(seen.starts[newest[0]]), UTC)
    return Line(watched.key.metric, start, timedelta(seconds=every), saw.values[newest])


def _what(watched: Watched) -> str:
    return f"{watched.rule.statistic} of {watched.key.metric} at {watched.step} seconds"


def _impossible(definition: AlarmDefinition, window: Window, problem: str) -> Rehearsal:
    nothing = Line("", window.start, timedelta(minutes=1), np.full(1, np.nan))
    return Rehearsal(
        definition.put, window, timedelta(minutes=1), AlarmState.INSUFFICIENT_DATA, (), nothing,
        problem=problem,
    )  # fmt: skip
