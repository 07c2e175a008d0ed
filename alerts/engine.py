"""The tick: define the alarms, judge all of them, put on record what changed.

Nothing is sent from here; delivery reads the record. A tick judges the present only:
what was missed while the process was down is not played back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from alerts import grid
from alerts.announce import hearers
from alerts.asked import Reach, not_far_enough, reach
from alerts.book import Book, Cohort
from alerts.cohort import Standing, changes
from alerts.rules import definitions
from alerts.verdict import INITIAL, Verdict
from app.catalogue import Catalogue
from app.config import AccountSettings, AlarmSettings
from app.model.alarms import AlarmDefinition, AlarmStatus, Transition
from app.model.ids import Place
from app.model.rounds import Round
from app.model.states import AlarmState
from app.store import Store

INVENTORY = "inventory"
UPDATED = "AlarmConfigurationUpdatedTimestamp"
_LOG = logging.getLogger(__name__)
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
    book: Book
    statuses: dict[str, AlarmStatus]
    standing: Standing
    inventory: _Key
    switches: int
    version: int = -1


class Engine:
    """Judges every alarm at each tick; one engine at a time, in the process that writes.

    ``patience`` is how late collection may be before that is a problem of its own.
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
    ) -> None:
        self._store, self._catalogue = store, catalogue
        self._settings, self._accounts = settings, accounts
        self._default_channels = tuple(default_channels)
        self._patience = patience
        self._memory: _Memory | None = None

    def tick(self, now: datetime) -> Tick:
        """Bring every alarm up to date; afterwards all that changed is on record."""
        rounds = self._store.rounds.latest()
        memory = self._memory = self._defined(rounds, now)
        self._find_series(memory)
        problems = dict(memory.book.broken)
        verdicts = self._judge(memory, rounds, problems, now)
        self._record(memory, verdicts, problems, now)
        return Tick(len(memory.definitions), len(verdicts), len(problems))

    def _defined(self, rounds: Sequence[Round], now: datetime) -> _Memory:
        """The compiled alarms, defined anew at the start and when inventory or switches changed."""
        inventory = tuple(
            (r.place, r.group, r.finished) for r in rounds if r.collector == INVENTORY
        )
        switches = self._store.switches.newest()
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
        return _Memory(wanted, book, statuses, _standing(book, statuses), inventory, switches)

    def _wanted(self) -> list[AlarmDefinition]:
        return definitions(
            self._settings,
            self._accounts,
            self._catalogue,
            self._store.resources.find(),
            default_channels=self._default_channels,
            switches=self._store.switches.standing(),
        )

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
        """Verdicts of the alarms that change, by position in the book; adds to ``problems``."""
        book = memory.book
        answered = self._store.answered()
        reaches = [reach(s, answered, rounds, now, self._patience) for s in book.scopes]
        ends = np.array([round(each.end.timestamp()) for each in reaches], dtype=np.intp)
        ready = _ready(book, reaches, ends, problems)
        verdicts: dict[int, Verdict] = {}
        for cohort in book.cohorts:
            rows = cohort.group.rows
            at = ends[book.scope_of[rows]]
            for end in np.unique(at[ready[rows]]):
                mask = ready[rows] & (at == end)
                verdicts |= self._together(memory, cohort, mask, int(end), problems)
        return verdicts

    def _together(
        self, memory: _Memory, cohort: Cohort, mask: grid.Bools, end: int, problems: dict[str, str]
    ) -> dict[int, Verdict]:
        try:
            return changes(self._store, memory.book, cohort, mask, end, memory.standing)
        except Exception:  # one alarm may spoil the arrays of all: find out which, judge the rest
            _LOG.exception("alarms of one shape failed together; judging them one by one")
        verdicts: dict[int, Verdict] = {}
        for position in np.flatnonzero(mask):
            alone = np.zeros(len(mask), dtype=bool)
            alone[position] = True
            try:
                verdicts |= changes(self._store, memory.book, cohort, alone, end, memory.standing)
            except Exception as error:  # recorded as this alarm's problem; the others go on
                row = int(cohort.group.rows[position])
                problems[memory.book.watched[row].definition.id] = (
                    f"The evaluation failed: {type(error).__name__}: {error}"
                )
        return verdicts

    def _record(
        self,
        memory: _Memory,
        verdicts: Mapping[int, Verdict],
        problems: Mapping[str, str],
        now: datetime,
    ) -> None:
        """One transaction for all statuses, transitions and messages owed."""
        statuses = _new_statuses(memory, problems, now)
        transitions = []
        for row, verdict in verdicts.items():
            definition = memory.book.watched[row].definition
            before = statuses.get(definition.id) or memory.statuses[definition.id]
            change = _transition(before, verdict, now)
            statuses[definition.id] = _status(before, verdict, now)
            transitions.append((change, self._hearers(definition, change, before)))
        if statuses:
            self._store.ledger.record(list(statuses.values()), transitions, now)
        memory.statuses |= statuses
        for row, verdict in verdicts.items():
            memory.standing.states[row] = grid.CODES[verdict.state]

    def _hearers(
        self, definition: AlarmDefinition, change: Transition, before: AlarmStatus
    ) -> tuple[str, ...]:
        def was_alarming() -> bool:
            if before.reason == INITIAL:
                return False
            last = self._store.ledger.transitions(alarm=definition.id, limit=1)
            return bool(last) and last[0].old is AlarmState.ALARM

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


def _standing(book: Book, statuses: Mapping[str, AlarmStatus]) -> Standing:
    states = [
        grid.CODES[status.state]
        if (status := statuses.get(w.definition.id))
        else grid.INSUFFICIENT_DATA
        for w in book.watched
    ]
    series = np.zeros(len(states), dtype=np.uint32)
    return Standing(series, np.array(states, dtype=np.int8))


def _ready(
    book: Book, reaches: Sequence[Reach], ends: grid.Index, problems: dict[str, str]
) -> grid.Bools:
    """Which alarms have everything they look at answered; the others get a problem."""
    starts = np.array([round(each.start.timestamp()) for each in reaches], dtype=np.intp)
    late = np.array([bool(each.problem) for each in reaches], dtype=bool)
    end = ends[book.scope_of]
    looks_to = end - end % book.align - book.look_back
    short = looks_to < starts[book.scope_of]
    blocked = late[book.scope_of] | short
    for row in np.flatnonzero(blocked):
        scope, found = book.scopes[book.scope_of[row]], reaches[book.scope_of[row]]
        text = found.problem or not_far_enough(scope, found.start)
        problems[book.watched[row].definition.id] = text
    return ~blocked


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


def _status(before: AlarmStatus, verdict: Verdict, now: datetime) -> AlarmStatus:
    return AlarmStatus(
        before.alarm, verdict.state, verdict.reason, verdict.reason_data, now, now, ""
    )


def _transition(before: AlarmStatus, verdict: Verdict, now: datetime) -> Transition:
    return Transition(
        before.alarm, now, before.state, verdict.state, verdict.reason, verdict.reason_data
    )
