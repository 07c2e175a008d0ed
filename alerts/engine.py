"""The tick: define the alarms, judge all of them, put on record what changed.

Nothing is sent from here; delivery reads the record. A tick judges the present only:
what was missed while the process was down is not played back.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from alerts import plain
from alerts.announce import hearers
from alerts.asked import reach
from alerts.bands import Bands
from alerts.book import Book
from alerts.budgets import BudgetAlarms
from alerts.cohort import Standing
from alerts.composites import CompositeBook
from alerts.derived import Derived, DerivedBook
from alerts.firing import contributor_changes
from alerts.further import with_further
from alerts.logged import Logs
from alerts.rules import definitions
from alerts.verdict import INITIAL, Verdict
from app.catalogue import Catalogue
from app.config import AccountSettings, AlarmSettings
from app.model.alarms import AlarmDefinition, AlarmStatus, Origin, Transition
from app.model.ids import Place
from app.model.rounds import Round
from app.model.states import AlarmState
from app.store import Store

DEFINING = ("inventory", "alarms")
"""Rounds after which there may be other alarms."""

UPDATED = "AlarmConfigurationUpdatedTimestamp"
_Key = tuple[tuple[Place, str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick did: alarms defined, changes of state, alarms kept because of a problem."""

    defined: int
    changed: int
    problems: int


@dataclass(slots=True)
class _Memory:
    """What the engine keeps between ticks; all of it can be read again from the ledger."""

    definitions: Sequence[AlarmDefinition]
    by_id: Mapping[str, AlarmDefinition]
    book: Book
    derived: DerivedBook
    composites: CompositeBook
    statuses: dict[str, AlarmStatus]
    standing: Standing
    inventory: _Key
    switches: Hashable
    budgets: Mapping[str, int]
    version: int = -1


class Engine:
    """Judges every alarm at each tick; one engine at a time, in the process that writes.

    ``patience`` is how late collection may be before that is a problem of its own, ``settling``
    how far alarms that need whole counts are behind it; ``bands`` and ``logs`` answer what the
    store's points do not.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        settings: AlarmSettings,
        accounts: Sequence[AccountSettings],
        *,
        default_channels: Sequence[str] = (),
        patience: timedelta = timedelta(minutes=10),
        settling: timedelta = timedelta(0),
        bands: Bands | None = None,
        logs: Logs | None = None,
        budgets: BudgetAlarms | None = None,
    ) -> None:
        self._budgets = budgets
        self._store, self._catalogue = store, catalogue
        self._settings, self._accounts = settings, accounts
        self._default_channels = tuple(default_channels)
        self._patience = patience
        self._settling = round(settling.total_seconds())
        self._derived = Derived(store, patience, bands, logs, self._settling)
        self._memory: _Memory | None = None

    def tick(self, now: datetime) -> Tick:
        """Bring every alarm up to date; afterwards all that changed is on record."""
        rounds = self._store.rounds.latest()
        memory = self._memory = self._defined(rounds, now)
        self._find_series(memory)
        problems = {**memory.book.broken, **memory.derived.broken, **memory.composites.broken}
        by_row = self._judge(memory, rounds, problems, now)
        by_row = self._with_budgets(memory, by_row, now)
        verdicts = {memory.book.watched[row].definition.id: each for row, each in by_row.items()}
        verdicts |= self._derived.judge(memory.derived, memory.statuses, rounds, problems, now)
        changed = self._record(memory, verdicts, problems, now)
        memory.standing.take(by_row)
        return Tick(len(memory.definitions), changed, len(problems))

    def _defined(self, rounds: Sequence[Round], now: datetime) -> _Memory:
        """The compiled alarms, defined anew at the start and when inventory or switches changed."""
        inventory = tuple((r.place, r.group, r.finished) for r in rounds if r.collector in DEFINING)
        budgets = self._budgets.version() if self._budgets else 0
        switches = (self._store.switches.newest(), self._store.own_alarms.newest(), budgets)
        known_of = self._memory and (self._memory.inventory, self._memory.switches)
        if self._memory is not None and known_of == (inventory, switches):
            return self._memory
        ledger = self._store.ledger
        known = {each.id: each for each in ledger.definitions()}
        wanted = [_stamped(each, known.get(each.id), now) for each in self._wanted()]
        if wanted != list(known.values()):
            ledger.define(wanted, now)
        elif self._memory is not None:
            self._memory.inventory, self._memory.switches = inventory, switches
            return self._memory
        before = self._memory.book if self._memory else None
        book = Book.of(wanted, self._catalogue, before)
        statuses = ledger.statuses()
        return _Memory(
            definitions=wanted,
            by_id={each.id: each for each in wanted},
            book=book,
            derived=DerivedBook.of(wanted, self._catalogue),
            composites=CompositeBook.of(wanted),
            statuses=statuses,
            standing=plain.standing(book, statuses, now),
            inventory=inventory,
            switches=switches,
            budgets={
                each.definition.id: row
                for row, each in enumerate(book.watched)
                if each.definition.origin is Origin.BUDGET
            },
        )

    def _wanted(self) -> list[AlarmDefinition]:
        found = definitions(
            self._settings,
            self._accounts,
            self._catalogue,
            self._store.resources.find(),
            default_channels=self._default_channels,
            switches=self._store.switches.standing(),
        )
        further = with_further(found, self._store, self._catalogue, self._default_channels)
        taken = {each.id for each in further}
        budgets = self._budgets.alarms() if self._budgets else []
        return further + [each for each in budgets if each.id not in taken]

    def _find_series(self, memory: _Memory) -> None:
        """Look up series that were not known before; they come with their first point."""
        if memory.version == self._store.version:
            return
        memory.version = self._store.version
        series = memory.standing.series
        missing = np.flatnonzero(series == 0)
        series[missing] = self._store.series.ids([memory.book.watched[i].key for i in missing])

    def _judge(
        self, memory: _Memory, rounds: Sequence[Round], problems: dict[str, str], now: datetime
    ) -> dict[int, Verdict]:
        """Verdicts of alarms on one metric, by position in the book; adds to ``problems``."""
        book = memory.book
        answered = self._store.answered()
        reaches = [reach(s, answered, rounds, now, self._patience) for s in book.scopes]
        return plain.judge(self._store, book, memory.standing, reaches, problems, self._settling)

    def _with_budgets(
        self, memory: _Memory, by_row: dict[int, Verdict], now: datetime
    ) -> dict[int, Verdict]:
        """Verdicts, with those of budgets as their periods and their crossings say."""
        rows = memory.budgets
        if self._budgets is None or not rows:
            return by_row
        verdicts = {id_: by_row[row] for id_, row in rows.items() if row in by_row}
        stands = [(memory.by_id[id_], memory.statuses.get(id_)) for id_ in rows]
        settled = self._budgets.settled(stands, verdicts, now)
        changed = {rows[id_]: each for id_, each in settled.items() if each is not None}
        others = set(by_row) - set(rows.values())
        return {row: by_row[row] for row in others} | changed

    def _record(
        self,
        memory: _Memory,
        verdicts: Mapping[str, Verdict],
        problems: Mapping[str, str],
        now: datetime,
    ) -> int:
        """One transaction for all statuses, transitions and messages owed; how many changed."""
        statuses = _new_statuses(memory, problems, now)
        transitions = []
        for id_, verdict in self._with_composites(memory, statuses, verdicts, now):
            before = statuses.get(id_) or memory.statuses[id_]
            statuses[id_] = _status(before, verdict, problems.get(id_, ""), now)
            definition = memory.by_id[id_]
            own = list(contributor_changes(before, verdict, now))
            transitions += [(each, self._hearers(definition, each, before)) for each in own]
            if verdict.state is not before.state:
                change = _transition(before, verdict, now)
                # Actions run for each contributor, and not once more for the alarm.
                told = () if own else self._hearers(definition, change, before)
                transitions.append((change, told))
        if statuses:
            self._store.ledger.record(list(statuses.values()), transitions, now)
        memory.statuses |= statuses
        return len(transitions)

    def _with_composites(
        self,
        memory: _Memory,
        statuses: dict[str, AlarmStatus],
        verdicts: Mapping[str, Verdict],
        now: datetime,
    ) -> Iterator[tuple[str, Verdict]]:
        """All verdicts of the tick, those of composites after the alarms that they name."""
        yield from verdicts.items()
        if memory.composites.ordered:
            yield from memory.composites.judged(ChainMap(statuses, memory.statuses), now)

    def _hearers(
        self, definition: AlarmDefinition, change: Transition, before: AlarmStatus
    ) -> tuple[str, ...]:
        def was_alarming() -> bool:
            if before.reason == INITIAL:
                return False
            last = self._store.ledger.transitions(alarm=definition.id, limit=1)
            return bool(last) and last[0].old is AlarmState.ALARM

        if definition.origin is Origin.BUDGET and change.new is not AlarmState.ALARM:
            return ()  # a new month brings every budget back to order, which is no news
        return hearers(definition, change, was_alarming)


def _stamped(
    definition: AlarmDefinition, known: AlarmDefinition | None, now: datetime
) -> AlarmDefinition:
    """The definition with the time of its last change, as DescribeAlarms gives it."""
    when = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}+0000"
    if known is not None and UPDATED in known.put:
        same = replace(definition, put={**definition.put, UPDATED: known.put[UPDATED]})
        if same == known:
            return same
    return replace(definition, put={**definition.put, UPDATED: when})


def _new_statuses(
    memory: _Memory, problems: Mapping[str, str], now: datetime
) -> dict[str, AlarmStatus]:
    """Statuses of new alarms, and those whose problem came, changed or went."""
    fresh: dict[str, AlarmStatus] = {}
    for definition in memory.definitions:
        problem = problems.get(definition.id, "")
        known = memory.statuses.get(definition.id)
        if known is None:
            fresh[definition.id] = AlarmStatus(
                definition.id, AlarmState.INSUFFICIENT_DATA, INITIAL, {}, now, now, problem
            )
        elif known.problem != problem:
            fresh[definition.id] = replace(known, problem=problem, updated=now)
    return fresh


def _status(before: AlarmStatus, verdict: Verdict, problem: str, now: datetime) -> AlarmStatus:
    since = before.since if verdict.state is before.state else now
    return AlarmStatus(
        before.alarm, verdict.state, verdict.reason, verdict.reason_data, since, now, problem
    )


def _transition(before: AlarmStatus, verdict: Verdict, now: datetime) -> Transition:
    return Transition(
        before.alarm, now, before.state, verdict.state, verdict.reason, verdict.reason_data
    )
