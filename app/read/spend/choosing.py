"""Which statements answer a question: of each payer one cut a day, never two added up.

Of statements of one source and cut the newest holds for the days it covers. Line
items come first where they cover a day, because they tell everything; then the
cut of Cost Explorer with the fewest rows that tells what is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.model.spend import CostMetric, Cut, Dimension, SpendSource, tells
from app.model.time import Intervals, Window
from app.store import Part, Statement

Kind = tuple[SpendSource, Cut]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The part of a statement that answers for a window."""

    statement: Statement
    part: Part
    window: Window


def visible(statements: Iterable[Statement], as_of: datetime | None) -> list[Statement]:
    """What was known at a moment, or is now."""
    return [s for s in statements if as_of is None or s.read_at <= as_of]


def choose(
    statements: Sequence[Statement],
    window: Window,
    dimensions: Sequence[Dimension],
    metric: CostMetric,
) -> list[Chosen]:
    """The pieces that together answer for what of the window they can, of every payer."""
    by_payer: defaultdict[str, defaultdict[Kind, list[Statement]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for each in statements:
        if metric in each.tells and all(tells(each.cut, d) for d in dimensions):
            by_payer[each.payer][each.source, each.cut].append(each)
    return [
        piece
        for _, kinds in sorted(by_payer.items())
        for piece in _of_payer(kinds, window, dimensions)
    ]


def _of_payer(
    kinds: defaultdict[Kind, list[Statement]], window: Window, dimensions: Sequence[Dimension]
) -> list[Chosen]:
    """Kinds in order of preference; each answers for days that those before do not cover."""
    found = {kind: _newest(own, window, dimensions) for kind, own in kinds.items()}
    chosen: list[Chosen] = []
    left = Intervals.of([window])
    for kind in sorted(found, key=lambda kind: _rank(kind, found[kind])):
        taken: list[Window] = []
        for piece in found[kind]:
            for part in Intervals.of([piece.window]) & left:
                chosen.append(Chosen(piece.statement, piece.part, part))
                taken.append(part)
        left = left - Intervals.of(taken)
    return chosen


def _rank(kind: Kind, pieces: Sequence[Chosen]) -> tuple[bool, int, int, Kind]:
    source, cut = kind
    return source is SpendSource.CE, len(cut), sum(p.part.rows for p in pieces), kind


def _newest(
    statements: Iterable[Statement], window: Window, dimensions: Sequence[Dimension]
) -> list[Chosen]:
    """What holds of statements of one kind: the newest for each day."""
    chosen: list[Chosen] = []
    left = Intervals.of([window])
    for each in sorted(statements, key=lambda s: (s.read_at, s.id), reverse=True):
        part = _part(each, dimensions)
        if part is None:
            continue
        chosen += [Chosen(each, part, met) for met in Intervals.of([each.window]) & left]
        left = left - Intervals.of([each.window])
        if not left:
            break
    return chosen


def _part(statement: Statement, dimensions: Sequence[Dimension]) -> Part | None:
    """The part with the fewest rows that tells what is asked."""
    fitting = [p for p in statement.parts if all(tells(p.cut, d) for d in dimensions)]
    return min(fitting, key=lambda p: (p.rows, p.id), default=None)


def covered(known: Iterable[Statement], chosen: Iterable[Chosen], window: Window) -> Intervals:
    """The time of the window for which every payer has answered that tells anything of it."""
    by_payer: dict[str, list[Window]] = {
        each.payer: [] for each in known if each.window.meet(window)
    }
    for piece in chosen:
        by_payer[piece.statement.payer].append(piece.window)
    common = Intervals.of([window])
    for windows in by_payer.values():
        common = common & Intervals.of(windows)
    return common if by_payer else Intervals()
