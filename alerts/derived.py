"""Alarms on expressions, queries and logs, judged one by one: the other part of a tick.

One that fails never stops another: its failure becomes its problem, and its state stays.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from alerts.asked import reach
from alerts.bands import Bands
from alerts.computed import Computed, ComputedBook, Readings, judged, reached
from alerts.firing import CONTRIBUTORS, contributors_of, created_at, with_contributors
from alerts.insights import Contributor, answered
from alerts.logged import RUNS, LogBook, Logs
from alerts.points import Source
from alerts.tagged import Tagged
from alerts.verdict import Verdict, evaluate, slots
from alerts.verdict.judge import PARTIAL_DATA
from app.catalogue import Catalogue
from app.model.alarms import AlarmDefinition, AlarmKind, AlarmStatus
from app.model.ids import SeriesKey
from app.model.rounds import Round
from app.model.states import AlarmState
from app.store import Store

_LOG = logging.getLogger(__name__)
PARTIAL = (
    "PARTIAL_DATA: the query matches more than 10,000 metrics or returns more than 500 series; "
    "the others are left out."
)
PROMQL = "Alarms on PromQL cannot be evaluated here; the state stays as it is."
Statuses = Mapping[str, AlarmStatus]


@dataclass(frozen=True, slots=True)
class DerivedBook:
    """The alarms of these kinds, compiled; ``broken`` says what is wrong with the rest."""

    computed: ComputedBook
    logged: LogBook
    broken: Mapping[str, str]

    @classmethod
    def of(cls, definitions: Sequence[AlarmDefinition], catalogue: Catalogue) -> DerivedBook:
        computed, logged = ComputedBook.of(definitions, catalogue), LogBook.of(definitions)
        promql = {each.id: PROMQL for each in definitions if each.kind is AlarmKind.PROMQL}
        return cls(computed, logged, {**computed.broken, **logged.broken, **promql})


@dataclass(slots=True)
class Derived:
    """Judges them; ``bands`` and ``logs`` answer what the store's points do not."""

    store: Store
    patience: timedelta
    bands: Bands | None = None
    logs: Logs | None = None
    settling: int = 0
    tagged: Tagged = field(init=False)

    def __post_init__(self) -> None:
        self.tagged = Tagged(self.store.resources)

    def judge(
        self,
        book: DerivedBook,
        statuses: Statuses,
        rounds: Sequence[Round],
        problems: dict[str, str],
        now: datetime,
    ) -> dict[str, Verdict]:
        """Verdicts that change something, by the id of the alarm; adds to ``problems``."""
        verdicts: dict[str, Verdict] = {}
        if book.computed.alarms:
            verdicts |= self._computed(book.computed, statuses, rounds, problems, now)
        if book.logged.alarms:
            verdicts |= book.logged.judged(
                self.logs, self.store.answered(), statuses, problems, (now, self.patience)
            )
        return {id_: each for id_, each in verdicts.items() if _says(each, statuses.get(id_))}

    def _computed(
        self,
        book: ComputedBook,
        statuses: Statuses,
        rounds: Sequence[Round],
        problems: dict[str, str],
        now: datetime,
    ) -> dict[str, Verdict]:
        asked = self.store.answered()
        reaches = [reach(s, asked, rounds, now, self.patience) for s in book.scopes]
        ready: list[tuple[Computed, int]] = []
        for alarm in book.alarms:
            end, problem = reached(alarm, book.scopes, reaches, self.settling)
            if problem:
                problems[alarm.definition.id] = problem
            else:
                ready.append((alarm, end))
        if self.bands is not None:
            banded = [(a.band.subject, slots(a.rule, end)) for a, end in ready if a.band]
            self.bands.prepare(banded)
        readings = Readings(self.store, self.ids(ready), ready)
        return dict(self._each(ready, readings, statuses, problems))

    def ids(self, alarms: Sequence[tuple[Computed, int]]) -> dict[SeriesKey, int]:
        """The ids of the series that alarms read."""
        keys = list({need.key for alarm, _ in alarms for need in alarm.needs})
        found = self.store.series.ids(keys) if keys else np.zeros(0, dtype=np.uint32)
        return dict(zip(keys, found.tolist(), strict=True))

    def _each(
        self,
        ready: Sequence[tuple[Computed, int]],
        readings: Readings,
        statuses: Statuses,
        problems: dict[str, str],
    ) -> Iterator[tuple[str, Verdict]]:
        for alarm, end in ready:
            id_ = alarm.definition.id
            try:
                verdict = self.one(alarm, end, readings, statuses.get(id_))
            except Exception as error:  # recorded as this alarm's problem; the others go on
                _LOG.exception("the evaluation of %s failed", id_)
                problems[id_] = f"The evaluation failed: {type(error).__name__}: {error}"
                continue
            if verdict is None:
                continue
            if verdict.evaluation_state == PARTIAL_DATA:
                problems[id_] = PARTIAL
                yield id_, verdict
            elif verdict.evaluation_state:
                problems[id_] = verdict.reason
            else:
                yield id_, verdict

    def one(
        self, alarm: Computed, end: int, readings: Readings, status: AlarmStatus | None
    ) -> Verdict | None:
        """The verdict of one alarm at ``end``; None while it warms up."""
        previous = status.state if status else AlarmState.INSUFFICIENT_DATA
        created = created_at(status, end)
        source: Source = self.store
        spans = slots(alarm.rule, end)
        returned = {
            each.id: answered(each, source, self.store.series, spans, self.tagged)
            for each in alarm.selects
        }
        found = {id_: each.series for id_, each in returned.items()}
        if alarm.grouped is not None:
            verdict = _contributors(alarm, found[alarm.grouped.id], status, (end, created))
        else:
            more = {id_: rows[0].rows for id_, rows in found.items() if rows}
            verdict = judged(alarm, readings, more, self.bands, (end, previous, created))
        is_partial = any(each.partial for each in returned.values())
        if verdict is None or verdict.evaluation_state or not is_partial:
            return verdict
        return replace(verdict, evaluation_state=PARTIAL_DATA)


def _contributors(
    alarm: Computed,
    found: Sequence[Contributor],
    status: AlarmStatus | None,
    at: tuple[int, float | None],
) -> Verdict | None:
    """The verdict over the returned series, and those that were in ALARM and are gone."""
    end, created = at
    before = contributors_of(status)
    rows: dict[str, dict[str, Any]] = {
        each.id: {"previous": "ALARM" if each.id in before else "OK", "datapoints": each.rows}
        for each in found
    }
    rows |= {id_: {"previous": "ALARM", "datapoints": None} for id_ in before if id_ not in rows}
    previous = status.state if status else None
    verdict = evaluate(
        alarm.definition.put, None, previous, end, contributors=rows, created_at=created
    )
    if verdict.evaluation_state:
        return None
    attributes = {each.id: each.attributes for each in found}
    return with_contributors(verdict, attributes, before, end)


def _says(verdict: Verdict, status: AlarmStatus | None) -> bool:
    """Whether a verdict changes the state, or what is kept with it."""
    before = status.state if status else AlarmState.INSUFFICIENT_DATA
    kept = status.reason_data if status else {}
    changed = (verdict.reason_data.get(key) != kept.get(key) for key in (CONTRIBUTORS, RUNS))
    return verdict.state is not before or any(changed)


__all__ = ["Derived", "DerivedBook"]
