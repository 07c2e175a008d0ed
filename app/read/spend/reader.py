"""Answers about spend from what is stored; asks AWS nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.model.groups import is_of_charges, is_of_spend, spend_group
from app.model.readings import Look, Reading
from app.model.rounds import Result, Round
from app.model.spend import Cut, FactKind, SpendFact, SpendSource
from app.model.time import EPOCH, Intervals, Window, floor
from app.read.spend.choosing import Choice, Chosen, Held, Kind, by_kind, covered, filling, held
from app.read.spend.explaining import NO_HOURS, TOO_LONG, longer_words, sentence, warnings, why_not
from app.read.spend.kept import KeptAnswers
from app.read.spend.keys import LineItemKeys
from app.read.spend.overlaps import AccountDays
from app.read.spend.question import HOURLY_DAYS, Granularity, SpendAnswer, SpendQuestion
from app.read.spend.summing import Asked, Hourly, hourly
from app.read.spend.table import Table, rows_of
from app.store import Statement, Store

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FORGOTTEN = 2 * DAY
WARNED = 60 * DAY
"""So far back is looked for what is told twice."""

_GROUPS = {
    FactKind.BUDGET: "budgets",
    FactKind.ANOMALY: "anomalies",
    FactKind.ACCOUNT_PLAN: "free-tier",
    FactKind.RECOMMENDATION: "recommendations",
    FactKind.PRICE: "prices",
}
"""What the rounds that read a kind of fact are called, where not as the kind."""

ANSWERED = frozenset({Result.OK, Result.PARTIAL})


class SpendReader:
    """What was charged, split as asked, and the facts beside."""

    def __init__(self, store: Store) -> None:
        self._store, self._keys, self._accounts = store, LineItemKeys(store), AccountDays(store)
        self._kinds: tuple[object, dict[Kind, list[Statement]]] | None = None
        self._kept = KeptAnswers()
        self._rounds: tuple[int, list[Round]] = (-1, [])

    def ask(self, question: SpendQuestion, now: datetime) -> Reading[SpendAnswer]:
        """Sums over whole UTC days; a day that the window touches counts whole."""
        known, today = self._store.spend.statements(), floor(now, DAY)
        key = (question, today)
        answer = self._kept.answer(known, key, lambda: self._answer(question, known, today))
        return self._reading(answer, answer.read_at)

    def hours_why_not(self, question: SpendQuestion) -> str:
        """Why a question cannot be asked by the hour; "" where hours cover what days cover."""
        by_hour = replace(question, granularity=Granularity.HOUR)
        if _is_too_long(by_hour):
            return sentence(TOO_LONG)
        asked = self._asked(by_hour)
        hours, days = (
            covered(each.held, each.choice(), asked.window)
            for each in (asked, self._asked(replace(question, granularity=Granularity.DAY)))
        )
        if not hours:
            return sentence(NO_HOURS)
        lost = (days - hours).length // DAY
        return f"{lost} of {days.length // DAY} days are not told by the hour." if lost else ""

    def cuts(self) -> tuple[Cut, ...]:
        """Every way in which what is stored splits the bill: what can be asked for.

        Keys of tags and cost categories that line items have are cuts of their own.
        """
        statements = self._store.spend.statements()
        return tuple(sorted({one.cut for one in statements} | self._keys.cuts(statements)))

    def warnings(self, now: datetime) -> tuple[str, ...]:
        """What is told twice of the days up to now, in sentences."""
        window = Window(now - WARNED, now).aligned(DAY)
        there = self._held(self._store.spend.statements(), window, None)
        return warnings(self._accounts.overlaps(there))

    def facts(
        self, kind: FactKind, as_of: datetime | None = None
    ) -> Reading[tuple[SpendFact, ...]]:
        """The newest facts of a kind, by payer and key."""
        sets = self._store.spend.facts(kind, as_of)
        found = tuple(
            SpendFact(kind, one.payer, key, one.read_at, content)
            for one in sets
            for key, content in sorted(one.contents.items())
        )
        own = spend_group(_GROUPS.get(kind, kind.value.replace("_", "-")))
        problem = self._problem(lambda group: group == own)
        look = Look.DATA if found else Look.NOTHING if sets else _without_data(problem)
        read = max((one.read_at for one in sets), default=None)
        return Reading(found, look, read, problem, self._since(problem))

    def _asked(self, question: SpendQuestion) -> Asked:
        window = question.window.aligned(DAY)
        there = self._held(self._store.spend.statements(), window, question.as_of)
        return Asked(self._store, question, window, there, self._accounts.overlaps(there))

    def trouble(self) -> tuple[Round | None, datetime | None]:
        """The newest round about charges that gave no answer, and since when it fails."""
        problem = self._problem(is_of_charges)
        return problem, self._since(problem)

    def _answer(
        self, question: SpendQuestion, known: tuple[Statement, ...], now: datetime
    ) -> SpendAnswer:
        if _is_too_long(question):
            return SpendAnswer(question, why_not=TOO_LONG)
        asked = self._asked(question)
        choice = asked.choice()
        if not choice.pieces:
            by_day = replace(question, granularity=Granularity.DAY)
            told = by_day != question and self._asked(by_day).choice().pieces
            why = NO_HOURS if told else why_not(question, known, question.window.aligned(DAY))
            return SpendAnswer(question, why_not=why)
        return _answer(asked, choice, now)

    def _held(self, known: tuple[Statement, ...], window: Window, as_of: datetime | None) -> Held:
        kinds = self._kinds
        if kinds is None or kinds[0] is not known:
            kinds = self._kinds = (known, by_kind(known))
        return held(kinds[1], window, as_of)

    def _reading(self, answer: SpendAnswer, read_at: datetime | None) -> Reading[SpendAnswer]:
        problem, since = self.trouble()
        look = Look.DATA if answer.slots else _without_data(problem)
        return Reading(answer, look, read_at, problem, since, sentence(answer.why_not))

    def _problem(self, is_about: Callable[[str], bool]) -> Round | None:
        """The newest round about some groups that gave no answer."""
        rounds = self._latest()
        newest = max((r.finished for r in rounds), default=EPOCH)
        # What failed is asked again within a day; what is not was taken out of the settings.
        failed = [r for r in rounds if r.result not in ANSWERED and newest - r.finished < FORGOTTEN]
        own = [r for r in failed if is_about(r.group)]
        return max(own, key=lambda r: r.finished, default=None)

    def _latest(self) -> list[Round]:
        """The newest rounds about spend, as of this version of the store."""
        version = self._store.version
        if self._rounds[0] != version:
            rounds = [r for r in self._store.rounds.latest() if is_of_spend(r.group)]
            self._rounds = (version, rounds)
        return self._rounds[1]

    def _since(self, problem: Round | None) -> datetime | None:
        if problem is None:
            return None
        return self._store.rounds.failing_since(problem.collector, problem.place, problem.group)


def _without_data(problem: Round | None) -> Look:
    return Look.COULD_NOT_ASK if problem is not None else Look.NOT_COLLECTED


def _answer(asked: Asked, choice: Choice, now: datetime) -> SpendAnswer:
    question, window, chosen = asked.question, asked.window, choice.pieces
    there = covered(asked.held, choice, window)
    slots = slots_of(window, question.granularity)
    open_ = Intervals.of(day for c in chosen for day in filling(c.statement, c.window))
    hours = hourly(asked) if question.granularity is Granularity.HOUR else Hourly(0, None)
    if hours.last is not None:
        # Of a day that was still filling, later hours are not told.
        there = there - (open_ - Intervals.of([Window(window.start, hours.last + HOUR)]))
    rows = rows_of(Table(slots, _is_there(slots, there), question.quantities), asked)
    reach = Window(window.start, max(window.start, min(window.end, floor(now, DAY) + DAY)))
    return SpendAnswer(
        question=question,
        slots=slots,
        rows=rows.rows,
        rest=rows.rest,
        totals=rows.whole.amounts,
        total=rows.whole.total,
        estimated_from=min(
            (at for at in (rows.estimated_from, *(day.start for day in open_)) if at), default=None
        ),
        sources=_sources(chosen),
        cut=max(chosen, key=lambda c: c.window.length).statement.cut,
        read_at=max(c.statement.read_at for c in chosen),
        missing=there.gaps(reach) if reach else Intervals(),
        of_rest=rows.of_rest,
        filling=open_,
        warnings=(*warnings(asked.overlaps, choice.twice), *longer_words(hours.longer)),
    )


def _is_too_long(question: SpendQuestion) -> bool:
    by_hour = question.granularity is Granularity.HOUR
    return by_hour and question.window.aligned(DAY).length > HOURLY_DAYS * DAY


def slots_of(window: Window, granularity: Granularity) -> tuple[datetime, ...]:
    """The starts of the slots that make up a window of whole days."""
    if granularity is Granularity.HOUR:
        return tuple(window.start + HOUR * n for n in range(window.length // HOUR))
    if granularity is Granularity.DAY:
        return tuple(window.start + DAY * n for n in range(window.length // DAY))
    start = window.start.replace(day=1)
    slots = []
    while start < window.end:
        slots.append(start)
        start = (start + timedelta(days=32)).replace(day=1)
    return tuple(slots)


def _is_there(slots: Sequence[datetime], there: Intervals) -> tuple[bool, ...]:
    """For each slot, whether any of it is covered."""
    ends = [*slots[1:], datetime.max.replace(tzinfo=slots[-1].tzinfo)] if slots else []
    found, windows, at = [], there.windows, 0
    for start, end in zip(slots, ends, strict=True):
        while at < len(windows) and windows[at].end <= start:
            at += 1
        found.append(at < len(windows) and windows[at].start < end)
    return tuple(found)


def _sources(chosen: Sequence[Chosen]) -> tuple[SpendSource, ...]:
    """Who told it, who told most first."""
    lengths: dict[SpendSource, timedelta] = {}
    for piece in chosen:
        source = piece.statement.source
        lengths[source] = lengths.get(source, timedelta()) + piece.window.length
    return tuple(sorted(lengths, key=lambda source: (-lengths[source], source)))
