"""Which statements answer a question: of each payer one cut a day, never two added up.

Of statements of one source and cut the newest holds for the days it covers. Line
items come first where they cover a day, because they tell everything, unless Cost
Explorer read that day clearly later; then the cut of Cost Explorer with the fewest
rows that tells what is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.model.spend import DAY_S, MONTH_S, CostMetric, Cut, Dimension, SpendSource, tells
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
    """The part of a statement that answers for a window."""

    statement: Statement
    part: Part
    window: Window


def by_kind(statements: Iterable[Statement]) -> dict[Kind, list[Statement]]:
    """Statements of one payer, source and cut, the newest first."""
    kinds: defaultdict[Kind, list[Statement]] = defaultdict(list)
    for each in statements:
        kinds[each.payer, each.source, each.cut].append(each)
    for own in kinds.values():
        own.sort(key=lambda s: (s.read_at, s.id), reverse=True)
    return dict(kinds)


def held(kinds: Mapping[Kind, Sequence[Statement]], window: Window, as_of: datetime | None) -> Held:
    """What holds of each kind in a window, now or at a moment: the newest for each day."""
    found = {kind: _newest(own, window, as_of) for kind, own in kinds.items()}
    return {kind: pieces for kind, pieces in found.items() if pieces}


@dataclass(frozen=True, slots=True)
class Need:
    """What a cut has to tell, and what of it rows must; ``longest`` is the longest row in s."""

    window: Window
    metric: CostMetric
    cut: tuple[Dimension, ...]
    rows: tuple[Dimension, ...]
    longest: int = DAY_S


def choose(there: Held, need: Need) -> list[Chosen]:
    """The pieces that together answer for what of the window they can, of every payer."""
    by_payer: defaultdict[str, dict[Kind, list[Piece]]] = defaultdict(dict)
    for kind, pieces in there.items():
        payer, _, cut = kind
        if all(tells(cut, dimension) for dimension in need.cut):
            telling = [piece for piece in pieces if need.metric in piece[0].tells]
            by_payer[payer][kind] = telling
    return [piece for _, kinds in sorted(by_payer.items()) for piece in _of_payer(kinds, need)]


def _of_payer(kinds: Mapping[Kind, Sequence[Piece]], need: Need) -> list[Chosen]:
    """Kinds in order of preference; each answers for days that those before do not cover."""
    chosen: list[Chosen] = []
    left = Intervals.of([need.window])
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
    rows = sum(_smallest(statement, need, DAY_S).rows for statement, _ in pieces)
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
    daily = _smallest(statement, need, DAY_S)
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
    return min(fitting, key=lambda part: (part.rows, part.id))


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


def covered(there: Held, chosen: Iterable[Chosen], window: Window) -> Intervals:
    """The time of the window for which every payer has answered that tells anything of it."""
    by_payer: dict[str, list[Window]] = {payer: [] for payer, _, _ in there}
    for piece in chosen:
        by_payer[piece.statement.payer].append(piece.window)
    common = Intervals.of([window])
    for windows in by_payer.values():
        common = common & Intervals.of(windows)
    return common if by_payer else Intervals()
