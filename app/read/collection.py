"""How collecting goes: rounds, lag, failures with their remedies, calls and their price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from app.config import CollectionSettings
from app.model.groups import (
    LOG_DETAILS,
    LOG_GROUPS,
    LOGS_TOGETHER,
    SPEND_PAST,
    TRACE_COUNTS,
    TRACES,
    bills_group,
    is_alarmed,
    is_of_one_log_group,
    is_of_spend,
    log_files_group,
    spend_pace,
)
from app.model.ids import Place
from app.model.lines import Line
from app.model.plans import PlannedRead
from app.model.readings import Look, Reading
from app.model.rounds import Round
from app.model.states import Health
from app.model.time import Window, floor
from app.read.books import Books
from app.read.log_audits import GroupAudit, audits
from app.read.remedies import remedy, result_words
from app.read.scope import Scope
from app.read.spend import SpendReader
from app.read.spending import Spending, this_month
from app.read.standing import ANSWERED, INVENTORY, LOG_FILES, LOGS, METRICS, Standings

DAY = timedelta(days=1)
MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class RoundRow:
    """The newest round of one collector, place and group.

    ``lag`` is how far its newest answer lies behind now, ``promise`` how often
    it is asked and ``wished`` how often the settings say; they differ near the cap.
    ``next`` is about when the next round begins.
    """

    round: Round
    health: Health
    outcome: str
    reaches: datetime | None
    lag: timedelta | None
    promise: timedelta
    wished: timedelta
    next: datetime
    since: datetime | None
    remedy: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """One kind of data of one account and Region: how old it is against what was promised."""

    name: str
    place: Place
    as_of: datetime | None
    promise: timedelta
    health: Health


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """Everything of the collection page; ``days`` are USD a day, one line a collector.

    ``held_back`` is read more rarely than wished, to keep to the cap. ``warnings`` are
    sentences about spend that is told twice.
    """

    rows: tuple[RoundRow, ...]
    failing: tuple[RoundRow, ...]
    held_back: tuple[PlannedRead, ...]
    data_sets: tuple[DataSet, ...]
    spending: Spending
    days: tuple[Line, ...]
    series: int
    resources: int
    audits: tuple[GroupAudit, ...] = ()
    warnings: tuple[str, ...] = ()


class CollectionReader:
    """Answers about Watchdeck's own work."""

    def __init__(
        self, books: Books, settings: CollectionSettings, accounts: Mapping[str, str]
    ) -> None:
        self._books, self._settings, self._accounts = books, settings, accounts
        self._spend = SpendReader(books.store)

    def state(self, scope: Scope) -> Reading[Collection]:
        """All collectors in the places, what fails, and this month's bill."""
        standings = self._books.standings()
        wanted = set(scope.places)
        rounds = [r for r in standings.latest if r.place in wanted and not _is_past(r, scope.now)]
        store = self._books.store
        bill = this_month(store, self._settings.budget_usd_per_month, scope.now)
        planned = {
            (p.collector, p.place, p.group): p for p in (bill.plan.reads if bill.plan else ())
        }
        rows = [
            self._row(r, standings, planned.get((r.collector, r.place, r.group)), scope.now)
            for r in rounds
        ]
        failing = [row for row in rows if row.round.result not in ANSWERED]
        collection = Collection(
            rows=tuple(sorted(rows, key=_by_trouble)),
            failing=tuple(sorted(failing, key=_by_trouble)),
            data_sets=tuple(_data_sets(rows)),
            held_back=tuple(p for p in bill.held_back if p.place in wanted),
            spending=bill,
            days=self._days(scope.now),
            series=len(store.series),
            resources=len(self._books.resources()),
            audits=audits(store, scope.places, scope.now),
            warnings=self._spend.warnings(scope.now),
        )
        newest = max((r.finished for r in rounds), default=None)
        return Reading(collection, Look.DATA if rounds else Look.NOT_COLLECTED, newest)

    def recent(self, collector: str, place: Place, group: str) -> tuple[Round, ...]:
        """The newest rounds of one row."""
        found = self._books.store.rounds.recent(MOST_ROUNDS, collector=collector, place=place)
        return tuple(r for r in found if r.group == group)

    def promise(self, round_: Round) -> timedelta:
        """How often the settings ask for such a round."""
        if round_.collector == LOG_FILES:
            every = {log_files_group(f.name): f.every for f in self._settings.logs.files}
            return every.get(round_.group, self._settings.logs.every)
        if round_.collector == LOGS:
            logs, listing = self._settings.logs, round_.group in (LOG_GROUPS, LOG_DETAILS)
            return logs.discover_every if listing else logs.every
        if is_of_spend(round_.group):
            bills = {bills_group(b.name): b.every for b in self._settings.spend.bills}
            return bills.get(round_.group) or spend_pace(round_.group)
        if round_.collector == INVENTORY:
            service = self._books.catalogue.services.get(round_.group.partition("/")[0])
            hours = timedelta(hours=service.hours if service else 0)
            return max(self._settings.inventory.every, hours)
        if round_.group in (TRACES, TRACE_COUNTS):
            return self._settings.traces.every
        if round_.collector != METRICS:
            return self._settings.inventory.every
        if is_alarmed(round_.group):
            return self._settings.metrics.alarmed_every
        if round_.group.startswith("series/"):
            return self._settings.metrics.discover_every
        return self._settings.metrics.every

    def _row(
        self, round_: Round, standings: Standings, planned: PlannedRead | None, now: datetime
    ) -> RoundRow:
        reaches = standings.reaches(round_)
        wished = planned.wished if planned else self.promise(round_)
        promise = planned.every if planned else wished
        is_failing = round_.result not in ANSWERED
        since = None
        if is_failing:
            since = self._books.store.rounds.failing_since(
                round_.collector, round_.place, round_.group
            )
        lag = None if reaches is None else now - reaches
        return RoundRow(
            round=round_,
            health=_health(is_failing, lag, promise, round_),
            outcome=result_words(round_.result),
            reaches=reaches,
            lag=lag,
            promise=promise,
            wished=wished,
            next=max(round_.started + promise, now),
            since=since,
            remedy=remedy(round_, self._accounts),
        )

    def _days(self, now: datetime) -> tuple[Line, ...]:
        """USD a day of the last 30 days, a line for each collector."""
        today = floor(now, DAY)
        start = today - 29 * DAY
        frame = self._books.store.meter.days(Window(start, today + DAY))
        lines = []
        for collector in sorted(frame["collector"].unique().to_list()):
            values = np.full(30, np.nan)
            own = frame.filter(frame["collector"] == collector)
            for day, usd in zip(own["day"].to_list(), own["usd"].to_list(), strict=True):
                at = (day - start.date()).days
                values[at] = (0.0 if np.isnan(values[at]) else values[at]) + usd
            lines.append(Line(collector, start, DAY, values, "usd", True, collector))
        return tuple(lines)


def _health(is_failing: bool, lag: timedelta | None, promise: timedelta, round_: Round) -> Health:
    if is_failing:
        return Health.COULD_NOT_ASK
    is_old = (
        round_.collector == METRICS
        and lag is not None
        and lag > 3 * promise + timedelta(minutes=10)
    )
    return Health.WARNING if is_old else Health.OK


def _is_past(round_: Round, now: datetime) -> bool:
    """Whether a round was about one log group, or about the past, and says nothing of now.

    Slices of history and nightly reads are done once; who is refused is asked again soon.
    """
    of_one_group = round_.collector == LOGS and is_of_one_log_group(round_.group)
    if not (of_one_group or round_.group.startswith(SPEND_PAST)):
        return False
    return round_.result in ANSWERED or now - round_.finished > DAY


def _data_sets(rows: Sequence[RoundRow]) -> list[DataSet]:
    """Freshness by kind of data and place: that of the group which is most behind its promise."""
    grouped: dict[tuple[str, Place], list[RoundRow]] = {}
    for row in rows:
        name = _kind(row.round)
        if name:
            grouped.setdefault((name, row.round.place), []).append(row)
    found = []
    for (name, place), several in sorted(grouped.items()):
        worst = min((row.health for row in several), key=lambda h: h.weight)
        last = max(several, key=_behind)
        found.append(DataSet(name, place, last.reaches, last.promise, worst))
    return found


def _behind(row: RoundRow) -> timedelta:
    """How much later than promised a row is; one that was never answered says nothing."""
    return timedelta.min if row.lag is None else row.lag - row.promise


def _kind(round_: Round) -> str:
    if round_.collector == LOGS and round_.group != LOGS_TOGETHER:
        return ""
    if round_.collector != METRICS:
        return round_.collector.capitalize().replace("-", " ")
    first = round_.group.partition("/")[0]
    return {"metrics": "Metrics", "alarmed": "For alarms"}.get(first, "")


def _by_trouble(row: RoundRow) -> tuple[int, str, str, str]:
    return (row.health.weight, row.round.collector, str(row.round.place), row.round.group)
