"""What is rehearsed: an alarm, compiled, and how it comes to the points of its slots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from alerts.book import Book, Scope, Watched
from alerts.computed import Computed, ComputedBook
from alerts.rehearse.expression import looked
from alerts.rehearse.moments import Moments
from alerts.rehearse.past import values_of
from alerts.rehearse.run import Seen
from alerts.verdict import Rule
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition, AlarmKind
from app.store import Store

MOST_COMPUTED = 5_000
"""Moments of an expression that are computed; each takes about a millisecond."""


@dataclass(frozen=True, slots=True)
class Subject:
    """``look`` tells what was seen in the slots; for expressions each moment has slots of its own.

    ``name`` is what the line of a chart is called, ``what`` which points it rests on.
    """

    rule: Rule
    every: int
    step: int
    scopes: tuple[Scope, ...]
    name: str
    what: str
    look: Callable[[Moments], tuple[Moments, Seen]]
    most: int = 10**9


def subject_of(
    definition: AlarmDefinition,
    store: Store,
    catalogue: Catalogue,
    unusual: Sequence[tuple[float, float]] = (),
) -> Subject:
    """The alarm, ready to be rehearsed; ValueError says why it cannot be.

    A band learns nothing from what is ``unusual``, pairs of epoch seconds.
    """
    if definition.kind is AlarmKind.METRICS:
        return _computed(definition, store, catalogue, unusual)
    if definition.kind is not AlarmKind.METRIC:
        raise ValueError(f"an alarm of the kind {definition.kind} cannot be judged over the past.")
    book = Book.of([definition], catalogue)
    if not book.watched:
        raise ValueError(book.broken[definition.id])
    watched = book.watched[0]
    scope = book.scopes[watched.scope]
    return Subject(
        rule=watched.rule,
        every=max(scope.pace, int(book.align[0])),
        step=watched.step,
        scopes=(scope,),
        name=watched.key.metric,
        what=f"{watched.rule.statistic} of {watched.key.metric} at {watched.step} seconds",
        look=lambda seen: (seen, _points(store, watched, seen)),
    )


def _computed(
    definition: AlarmDefinition,
    store: Store,
    catalogue: Catalogue,
    unusual: Sequence[tuple[float, float]],
) -> Subject:
    book = ComputedBook.of([definition], catalogue)
    if not book.alarms:
        raise ValueError(book.broken[definition.id])
    alarm: Computed = book.alarms[0]
    scopes = tuple(book.scopes[i] for i in sorted(alarm.scopes))
    if not scopes:
        raise ValueError("the alarm reads no metric.")
    return Subject(
        rule=alarm.rule,
        every=max(alarm.step, *(scope.pace for scope in scopes)),
        step=alarm.step,
        scopes=scopes,
        name=definition.name,
        what=" and ".join(sorted({need.key.metric for need in alarm.needs})),
        look=lambda seen: looked(store, alarm, seen, unusual),
        most=MOST_COMPUTED,
    )


def _points(store: Store, watched: Watched, seen: Moments) -> Seen:
    series = store.series.ids([watched.key])
    if not series[0]:
        nothing = np.full(len(seen.starts), np.nan)
        return Seen(nothing, nothing)
    return Seen(*values_of(store, series, watched.rule.statistic, seen, watched.step))
