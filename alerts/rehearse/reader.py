"""Asks the store what an alarm would have done; writes nothing and asks AWS nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from alerts import grid
from alerts.logged import Logs
from alerts.rehearse import composite
from alerts.rehearse.answered import answered_for
from alerts.rehearse.moments import Moments, moments
from alerts.rehearse.outcome import Change, Rehearsal
from alerts.rehearse.run import states, verdict
from alerts.rehearse.stepwise import rehearsed, steps_of
from alerts.rehearse.subject import Subject, subject_of
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition, AlarmKind
from app.model.lines import Line
from app.model.states import AlarmState
from app.model.time import Window
from app.query.lang import QueryError
from app.store import Store

MOST_CHANGES = 2_000
"""An alarm that changes more often than this is told without the rest of its changes."""

NOT_STORED = "the store holds no point of {what}; what is not collected cannot be judged."


class Rehearser:
    """Rehearses alarms over one store, be they defined or only thought of.

    ``logs`` answers the queries of log alarms.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        unusual: Sequence[tuple[float, float]] = (),
        logs: Logs | None = None,
    ) -> None:
        self._store, self._catalogue, self._unusual = store, catalogue, unusual
        self._logs = logs

    def rehearse(
        self, definition: AlarmDefinition, window: Window, *, reasons: bool = True
    ) -> Rehearsal:
        """What the alarm would have done at every moment of ``window``.

        Writing the ``reasons`` takes most of the time where an alarm changes often.
        """
        try:
            if definition.kind is AlarmKind.COMPOSITE:
                return composite.rehearsed(definition, self._store.ledger, window)
            steps = steps_of(definition, self._store, self._catalogue, self._logs)
            if steps is not None:
                return rehearsed(definition, steps, window)
            subject = subject_of(definition, self._store, self._catalogue, self._unusual)
        except (QueryError, ValueError) as problem:
            return _impossible(definition, window, str(problem))
        return self._judged(definition, subject, _fitting(window, subject), reasons=reasons)

    def _judged(
        self, definition: AlarmDefinition, subject: Subject, window: Window, *, reasons: bool
    ) -> Rehearsal:
        first, last = (int(at.timestamp()) for at in (window.start, window.end))
        seen = moments(subject.rule, first, last, subject.every, subject.step)
        if not len(seen.at):
            return _impossible(definition, window, "the time is shorter than one evaluation.")
        asked = self._asked(subject, seen)
        seen, saw = subject.look(seen)
        codes = states(subject.rule, seen, saw, asked)
        empty = bool(np.isnan(saw.values).all())

        def told(moment: int, before: np.int8) -> str:
            return verdict(subject.rule, seen, saw, moment, before).reason

        return Rehearsal(
            put=definition.put,
            window=window,
            every=timedelta(seconds=subject.every),
            state=grid.STATES[codes[-1]],
            changes=tuple(_changes(codes, seen, told if reasons else None)),
            line=_line(subject, seen, saw.values),
            bounds=tuple(
                _line(subject, seen, side) for side in (saw.lower, saw.upper) if side is not None
            ),
            unasked=timedelta(seconds=subject.every * int(np.count_nonzero(~asked))),
            problem=NOT_STORED.format(what=subject.what) if empty else "",
        )

    def _asked(self, subject: Subject, seen: Moments) -> grid.Bools:
        """The moments for which AWS had answered for everything that the alarm looks at."""
        coverages = self._store.coverages()
        looks_to = np.minimum(seen.starts[seen.looks[:, 0]], seen.at)
        newest = seen.ends[seen.looks[:, -1]]
        asked = np.ones(len(seen.at), dtype=bool)
        for scope in subject.scopes:
            own = np.zeros(len(seen.at), dtype=bool)
            for window in answered_for(coverages, scope.place, scope.namespace):
                start, end = window.start.timestamp(), window.end.timestamp()
                own |= (looks_to >= start) & (newest <= end)
            asked &= own
        return asked


def _fitting(window: Window, subject: Subject) -> Window:
    """The newest part of the window that is not too long to be computed."""
    longest = timedelta(seconds=subject.every) * min(subject.most, 10**6)
    return Window(max(window.start, window.end - longest), window.end)


def _changes(
    codes: grid.Codes, seen: Moments, told: Callable[[int, np.int8], str] | None
) -> Sequence[Change]:
    """The changes of state; ``told`` writes their reasons."""
    before = np.concatenate([[grid.INSUFFICIENT_DATA], codes[:-1]])
    found = []
    for moment in np.flatnonzero(before != codes)[:MOST_CHANGES]:
        at = datetime.fromtimestamp(int(seen.at[moment]), UTC)
        reason = told(int(moment), before[moment]) if told else ""
        found.append(Change(at, grid.STATES[before[moment]], grid.STATES[codes[moment]], reason))
    return found


def _line(subject: Subject, seen: Moments, values: grid.Floats) -> Line:
    """The newest slot of each moment, placed where that slot begins."""
    newest = seen.looks[:, -1]
    start = datetime.fromtimestamp(int(seen.starts[newest[0]]), UTC)
    return Line(subject.name, start, timedelta(seconds=subject.every), values[newest])


def _impossible(definition: AlarmDefinition, window: Window, problem: str) -> Rehearsal:
    nothing = Line("", window.start, timedelta(minutes=1), np.full(1, np.nan))
    return Rehearsal(
        definition.put, window, timedelta(minutes=1), AlarmState.INSUFFICIENT_DATA, (), nothing,
        problem=problem,
    )  # fmt: skip
