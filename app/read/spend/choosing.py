"""Which statements answer a question: of each payer one cut a day, never two added up.

Of statements of one source and cut the newest holds for the days it covers. Line
items come first where they cover a day, because they tell everything, unless Cost
Explorer read that day clearly later; then the cut of Cost Explorer with the fewest
rows that tells what is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from graphlib import TopologicalSorter

from app.model.spend import (
    DAY_S,
    LINE_ITEMS,
    MONTH_S,
    CostMetric,
    Cut,
    Dimension,
    SpendDimension,
    SpendSource,
    tells,
)
from app.model.time import Intervals, Window
from app.store import Part, Statement

Kind = tuple[str, SpendSource, Cut]
"""Payer, source and cut: of such statements the newest holds."""

Piece = tuple[Statement, Window]
Held = Mapping[Kind, Sequence[Piece]]
LONGEST = timedelta(days=31)
DAY = timedelta(days=1)
STALE = timedelta(days=2)
"""A day of a bill that Cost Explorer read so much later is told by Cost Explorer."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The part of a statement that answers for a window, but for accounts told by others."""

    statement: Statement
    part: Part
    window: Window
    without: frozenset[str] = frozenset()


def by_kind(statements: Iterable[Statement]) -> dict[Kind, list[Statement]]:
    """Statements of one payer, source and cut, the newest first.

    A bill that a member exported names its payer but tells the member alone, so it is a
    reading of the member's.
    """
    known = list(statements)
    kinds: defaultdict[Kind, list[Statement]] = defaultdict(list)
    for each in known:
        owner = each.only_account if _is_of_a_member(each, known) else each.payer
        kinds[owner or each.payer, each.source, each.cut].append(each)
    for own in kinds.values():
        own.sort(key=lambda s: (s.read_at, s.id), reverse=True)
    return dict(kinds)


def held(kinds: Mapping[Kind, Sequence[Statement]], window: Window, as_of: datetime | None) -> Held:
    """What holds of each kind in a window, now or at a moment: the newest for each day."""
    found = {kind: _newest(own, window, as_of) for kind, own in kinds.items()}
    return {kind: pieces for kind, pieces in found.items() if pieces}


def _is_of_a_member(bill: Statement, known: Iterable[Statement]) -> bool:
    """Whether a bill tells one account of a payer that others know to have several."""
    if bill.cut != LINE_ITEMS or bill.only_account in (None, "", bill.payer):
        return False
    return any(
        each.payer == bill.payer and each.only_account == "" and each.window.meet(bill.window)
        for each in known
    )


@dataclass(frozen=True, slots=True)
class Need:
    """What a cut has to tell, and what of it rows must; ``longest`` is the longest row in s."""

    window: Window
    metric: CostMetric
    cut: tuple[Dimension, ...]
    rows: tuple[Dimension, ...]
    longest: int = DAY_S


@dataclass(frozen=True, slots=True)
class Overlap:
    """Days on which a payer's reading tells accounts that another's tells, which goes first.

    On ``whole`` days the ``loser`` tells nothing else.
    """

    winner: str
    loser: str
    accounts: frozenset[str]
    whole: bool
    days: Intervals


@dataclass(frozen=True, slots=True)
class Choice:
    """The pieces that answer, and for which days others answer in a payer's place.

    What of ``twice`` could not be taken apart counts twice.
    """

    pieces: tuple[Chosen, ...]
    instead: Mapping[str, Intervals]
    twice: tuple[Overlap, ...] = ()


def choose(there: Held, need: Need, overlaps: Sequence[Overlap] = ()) -> Choice:
    """The pieces that together answer for what of the window they can, of every payer.

    An account that two payers' readings tell on a day is taken from the winner's.
    """
    whole = Intervals.of([need.window])
    chosen: dict[str, list[Chosen]] = {}
    instead: dict[str, Intervals] = {}
    twice: list[Overlap] = []
    for payer in _winners_first({payer for payer, _, _ in there}, overlaps):
        kinds, left = _telling(there, payer, need), whole
        own: list[Chosen] = []
        for each in overlaps:
            covered_by = Intervals.of(c.window for c in chosen.get(each.winner, ()))
            days = each.days & covered_by & left if each.loser == payer else Intervals()
            if each.whole:
                instead[payer] = instead.get(payer, Intervals()) | days
                left = left - days
            elif days:
                apart = _apart(there, each, need, days)
                own += apart
                left = left - Intervals.of(c.window for c in apart)
                rest = days & left
                twice += [replace(each, days=rest)] if rest and kinds else []
        chosen[payer] = [*own, *_of_payer(kinds, need, left)]
    pieces = [piece for payer in sorted(chosen) for piece in chosen[payer]]
    return Choice(tuple(pieces), instead, tuple(twice))


def _winners_first(payers: set[str], overlaps: Sequence[Overlap]) -> list[str]:
    """Payers in such an order that what goes before a reading is chosen before it."""
    before: dict[str, list[str]] = {payer: [] for payer in sorted(payers)}
    for each in overlaps:
        if {each.winner, each.loser} <= payers:
            before[each.loser].append(each.winner)
    return list(TopologicalSorter(before).static_order())


def _telling(there: Held, payer: str, need: Need) -> dict[Kind, list[Piece]]:
    """What a payer's readings hold that tells all that is needed."""
    return {
        kind: [piece for piece in pieces if _is_fit(piece[0], need)]
        for kind, pieces in there.items()
        if kind[0] == payer and all(tells(kind[2], dimension) for dimension in need.cut)
    }


def _is_fit(statement: Statement, need: Need) -> bool:
    """Whether a statement has the amounts, and rows that are short enough."""
    fine = need.longest >= DAY_S or statement.parts[0].period <= need.longest
    return fine and need.metric in statement.tells


def _apart(there: Held, overlap: Overlap, need: Need, days: Intervals) -> list[Chosen]:
    """Pieces of the loser that tell accounts, so that some of them can be left out."""
    account = (SpendDimension.LINKED_ACCOUNT,)
    telling = replace(need, cut=(*need.cut, *account), rows=(*need.rows, *account))
    kinds = _telling(there, overlap.loser, telling)
    found = _of_payer(kinds, telling, days)
    return [replace(piece, without=overlap.accounts) for piece in found]


def _of_payer(kinds: Mapping[Kind, Sequence[Piece]], need: Need, left: Intervals) -> list[Chosen]:
    """Kinds in order of preference; each answers for days that those before do not cover."""
    chosen: list[Chosen] = []
    for kind in sorted(kinds, key=lambda kind: _rank(kind, kinds[kind], need)):
        taken: list[Window] = []
        for statement, window in kinds[kind]:
            for part in (Intervals.of([window]) & left) - _outdated(statement, kinds):
                chosen += _parts(statement, part, need)
                taken.append(part)
        left = left - Intervals.of(taken)
    return chosen


def _outdated(bill: Statement, kinds: Mapping[Kind, Sequence[Piece]]) -> Intervals:
    """The days of a bill that Cost Explorer knows better.

    Those are all that it read clearly later, and of days that were still filling on the bill
    any that it read later at all or had whole.
    """
    if bill.source is SpendSource.CE:
        return Intervals()
    told = [
        (each, own)
        for (_, source, _), pieces in kinds.items()
        for each, own in pieces
        if source is SpendSource.CE
        if own.start < bill.window.end and bill.window.start < own.end
    ]
    clearly = Intervals.of(own for each, own in told if each.read_at > bill.read_at + STALE)
    better = Intervals.of(
        own if each.read_at > bill.read_at else Window(own.start, min(own.end, each.whole_until))
        for each, own in told
        if each.read_at > bill.read_at or each.whole_until > own.start
    )
    return clearly | (better & filling(bill, bill.window))


def filling(statement: Statement, window: Window) -> Intervals:
    """The days of a window that were not whole when the statement was read."""
    start = max(window.start, statement.whole_until)
    return Intervals.of([Window(start, window.end)] if start < window.end else [])


def _rank(kind: Kind, pieces: Sequence[Piece], need: Need) -> tuple[bool, int, int, Kind]:
    _, source, cut = kind
    shortest = min(DAY_S, need.longest)
    rows = sum(_smallest(statement, need, shortest).rows for statement, _ in pieces)
    return source is SpendSource.CE, len(cut), rows, kind


def _newest(statements: Iterable[Statement], window: Window, as_of: datetime | None) -> list[Piece]:
    """The pieces that hold of statements of one kind, which come newest first."""
    pieces: list[Piece] = []
    left = Intervals.of([window])
    for each in statements:
        if not each.window.meet(window) or (as_of is not None and each.read_at > as_of):
            continue
        own = Intervals.of([each.window])
        pieces += [(each, met) for met in own & left]
        left = left - own
        if not left:
            break
    return pieces


def _parts(statement: Statement, window: Window, need: Need) -> list[Chosen]:
    """The parts with the fewest rows that tell what is asked of a window."""
    daily = _smallest(statement, need, min(DAY_S, need.longest))
    months = _smallest(statement, need, need.longest)
    whole = _whole_months(statement, window) if months.period == MONTH_S else None
    if whole is None or months.rows >= daily.rows:
        return [Chosen(statement, daily, window)]
    edges = Intervals.of([window]) - Intervals.of([whole])
    return [Chosen(statement, months, whole), *(Chosen(statement, daily, e) for e in edges)]


def _smallest(statement: Statement, need: Need, longest: int) -> Part:
    """The part with the fewest rows that are no longer than so many seconds."""
    fitting = [
        part
        for part in statement.parts
        if part.period <= longest and all(tells(part.cut, d) for d in need.rows)
    ]
    return min(fitting, key=lambda part: (part.rows, part.id), default=statement.parts[0])


def _whole_months(statement: Statement, window: Window) -> Window | None:
    """The months of a window of which a statement's sums tell no day outside of it."""
    start, end = _month(window.start), _month(window.end)
    if start < window.start and window.start != statement.window.start:
        start = _month(start + LONGEST)
    elif start < window.start:
        start = window.start
    if window.end == statement.window.end:
        end = window.end
    return Window(start, end) if start < end else None


def _month(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def covered(there: Held, choice: Choice, window: Window) -> Intervals:
    """The time of the window for which every payer has answered that tells anything of it."""
    owners = {s.id: payer for (payer, _, _), pieces in there.items() for s, _ in pieces}
    by_payer = {payer: list(choice.instead.get(payer, ())) for payer, _, _ in there}
    for piece in choice.pieces:
        by_payer[owners[piece.statement.id]].append(piece.window)
    common = Intervals.of([window])
    for windows in by_payer.values():
        common = common & Intervals.of(windows)
    return common if by_payer else Intervals()
