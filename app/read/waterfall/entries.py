"""The rows of a waterfall with what stands between them: log lines, and where nothing ran."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.read.waterfall.rows import Gap, Row, Waterfall
from app.read.waterfall.spans import Stretch

FEW = 3
"""So many lines of a span stand by themselves; more stand behind a row that opens."""

LEAST_PAUSE, LEAST_SHARE = 1_000, 0.005
"""Pauses shorter than a millisecond, or than this share of the trace, are not marked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of spans, a gap, or log lines (positions of the lines; several that open).

    ``below`` says how many of the following entries belong to it, ``inner`` how many of
    these are rows of spans.
    """

    depth: int
    row: Row | None = None
    gap: Gap | None = None
    lines: tuple[int, ...] = ()
    owner: Row | None = None
    below: int = 0
    inner: int = 0


def entries(shown: Waterfall, spans: Sequence[str] = ()) -> list[Entry]:
    """All that is drawn; ``spans`` tells of each log line the span that it belongs to."""
    lines: dict[str, list[int]] = {}
    for number, span in enumerate(spans):
        lines.setdefault(span, []).append(number)
    gaps = {gap.after.id: gap for gap in shown.gaps}
    found: list[_Made] = []
    for row in shown.rows:
        gap = gaps.get(row.span.id)
        if gap is not None:
            found.append((row.depth, None, gap, (), row))
        found.append((row.depth, row, None, (), None))
        if lines:
            found += _lines(lines.pop(row.span.id, []), row.depth + 1, row)
    top = shown.rows[0] if shown.rows else None
    found += _lines(sorted(n for numbers in lines.values() for n in numbers), 0, top)
    return _counted(found)


_Made = tuple[int, Row | None, Gap | None, tuple[int, ...], Row | None]
"""The first fields of an entry."""


def pauses(shown: Waterfall, row: Row) -> tuple[Stretch, ...]:
    """Where a span had called already, called again later, and no call ran."""
    if not row.below or row.count > 1:
        return ()
    least = max(LEAST_PAUSE, LEAST_SHARE * (shown.end - shown.start))
    return tuple(
        (start, end)
        for start, end in row.own
        if start > row.start and end < row.end and end - start >= least
    )


def _lines(numbers: Sequence[int], depth: int, owner: Row | None) -> Iterator[_Made]:
    if len(numbers) > FEW:
        yield depth, None, None, tuple(numbers), owner
        depth += 1
    for number in numbers:
        yield depth, None, None, (number,), owner


def _counted(found: Sequence[_Made]) -> list[Entry]:
    """Entries that know how many of the following belong to them."""
    below, inner = [0] * len(found), [0] * len(found)
    above: list[int] = []
    for n, depth in enumerate([*(made[0] for made in found), -1]):
        while above and found[above[-1]][0] >= depth:
            last = above.pop()
            below[last] = n - last - 1
            if above:
                inner[above[-1]] += inner[last] + (found[last][1] is not None)
        above.append(n)
    return [Entry(*made, below[n], inner[n]) for n, made in enumerate(found)]
