"""Spans as a tree, whatever they say of their parents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.model.traces import SpanKind
from app.read.waterfall.spans import Span, Stretch


@dataclass(frozen=True, slots=True)
class Tree:
    """Spans in the order of their start; ``children`` and ``roots`` are positions in it.

    ``orphans`` name a parent that is not in the trace; ``looped`` would be above
    themselves, and stand at the top instead.
    """

    spans: tuple[Span, ...]
    children: tuple[tuple[int, ...], ...]
    roots: tuple[int, ...]
    orphans: tuple[int, ...] = ()
    looped: tuple[int, ...] = ()
    end: int = 0

    def stretch(self, at: int) -> Stretch:
        """From when to when a span lasted; one that is not over lasts until the trace's end."""
        span = self.spans[at]
        end = self.end if span.end is None else span.end
        return span.start, max(span.start, end)

    def walk(self) -> Iterator[tuple[int, int]]:
        """Every span once, a parent before its children, with its depth."""
        waiting = [(root, 0) for root in reversed(self.roots)]
        while waiting:
            at, depth = waiting.pop()
            yield at, depth
            waiting.extend((child, depth + 1) for child in reversed(self.children[at]))


def tree(spans: Sequence[Span]) -> Tree:
    """The spans in their places; of several with one id the last that is over counts."""
    known = _named(_answered(spans))
    ordered = sorted(known.values(), key=lambda s: (s.start, -(s.end or s.start), s.id))
    place = {span.id: n for n, span in enumerate(ordered)}
    parents = [place.get(span.parent, -1) for span in ordered]
    looped = _cut_loops(parents)
    children: list[list[int]] = [[] for _ in ordered]
    for n, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(n)
    return Tree(
        tuple(ordered),
        tuple(map(tuple, children)),
        tuple(n for n, parent in enumerate(parents) if parent < 0),
        tuple(n for n, span in enumerate(ordered) if span.parent and span.parent not in place),
        looped,
        max((span.start if span.end is None else span.end for span in ordered), default=0),
    )


def _named(spans: Sequence[Span]) -> dict[str, Span]:
    known: dict[str, Span] = {}
    for span in spans:
        before = known.get(span.id)
        if before is None or span.end is not None or before.end is None:
            known[span.id] = span
    return known


def _answered(spans: Sequence[Span]) -> list[Span]:
    """Without inferred segments that only repeat their caller, which then names what it called."""
    callers = {span.id for span in spans if span.kind is not SpanKind.INFERRED}
    repeats = {
        span.parent: span
        for span in spans
        if span.kind is SpanKind.INFERRED and span.parent in callers
    }
    above = {span.parent for span in spans}
    gone = {span.id for span in repeats.values() if span.id not in above}
    return [
        _called(span, repeats[span.id])
        if span.id in repeats and repeats[span.id].id in gone
        else span
        for span in spans
        if span.id not in gone
    ]


def _called(span: Span, repeat: Span) -> Span:
    """The call with the name of what it called, unless that is its own."""
    return span if repeat.service == span.name else replace(span, target=repeat.service)


def _cut_loops(parents: list[int]) -> tuple[int, ...]:
    """Takes one link out of each loop, so that all spans hang from a root."""
    seen = [0] * len(parents)  # 0 not yet, 1 on this way up, 2 known to reach a root
    cut: list[int] = []
    for first in range(len(parents)):
        way, at = [], first
        while at >= 0 and seen[at] == 0:
            seen[at] = 1
            way.append(at)
            at = parents[at]
        if at >= 0 and seen[at] == 1:
            top = min(way[way.index(at) :])
            parents[top] = -1
            cut.append(top)
        for each in way:
            seen[each] = 2
    return tuple(cut)
