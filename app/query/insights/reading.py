"""Reads the events of a query, in one plan or batch by batch.

A little is read at once. Of much, batches are read one after the other where a
batch leaves little behind: between two of them a query can be followed, given
up, or ended with what there is. Where every event counts, all parts stay one
plan of polars, and their pieces pass the guard.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
from polars.exceptions import PolarsError

from app.query.insights import tree
from app.query.insights.explain import Way
from app.query.insights.limits import Guard, Stopped
from app.query.insights.order import Outline
from app.query.insights.source import Found, Part, Skipped
from app.query.insights.state import Column, State
from app.query.insights.unify import common, joined
from app.query.insights.walk import names_in

LITTLE = 800_000_000
"""What is read at once, in bytes that a scan decodes: some tenths of a second."""

FIRST, LATER, LEAST = 40_000_000, 96_000_000, 12_000_000
"""What a batch costs: little at first, because the newest events are often enough."""

MOST_KEPT = 200_000_000
"""What batches may leave in memory; then the rest is read in one plan."""

_ROW = 32
"""Bytes of a row beside its message, about."""

_PARSED = 5_000
"""To take one message apart costs as much time as to decode so many bytes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the events of a query are made into rows.

    ``steps`` applies commands to a state. ``messages`` says whether the query looks
    into messages for more than some words.
    """

    guard: Guard
    outline: Outline
    steps: Callable[[State, Sequence[tree.Command]], State]
    messages: Callable[[frozenset[str]], bool]

    def state(self, found: Found) -> State:
        """The rows behind the head of the query, of all events that may be read."""
        guard = self.guard
        guard.scanned.skip(found.skipped)
        guard.scanned.expect(found.parts)
        parts = guard.allowed(found.parts)
        if len(parts) < len(found.parts) and not self.outline.newest:
            guard.cut(found.parts[len(parts)])
        elif not guard.look():
            parts = []
        if self.way(parts) is not Way.ONE:
            return self._in_batches(parts, found.parts)
        if not parts:
            return self._compiled(none_of(found.parts[0]))
        return self.plan([guard.around(part, counted=True) for part in parts])

    def plan(self, parts: Sequence[Part]) -> State:
        """The rows behind the head of the query, of all these parts, in one plan."""
        return self._compiled(self._in_order(joined(parts, common(parts))))

    def way(self, parts: Sequence[Part]) -> Way:
        """How these parts are read."""
        if self.outline.newest:
            return Way.NEWEST
        in_batches = self.outline.ordered or self.outline.selective
        much = sum(map(self.cost, parts)) > LITTLE
        return Way.BATCHES if in_batches and much else Way.ONE

    def cost(self, part: Part) -> int:
        """What reading a part takes, in bytes that a scan decodes."""
        message = part.columns.get("@message")
        words = frozenset(dict(message.words)) if message else frozenset()
        looked_at = part.bytes if part.parses or self.messages(words) else 0
        decoded = part.rows * _ROW + looked_at
        if part.passed > part.rows:
            decoded = decoded * part.passed // part.rows
        return decoded + part.rows * _PARSED * part.parses

    def _compiled(self, part: Part) -> State:
        state = State(part.frame, part.columns, events=part.events)
        return self.steps(state, self.outline.head)

    def _in_batches(self, parts: Sequence[Part], known: Sequence[Part]) -> State:
        columns, kept = common(known), pl.DataFrame()
        at = columns["@timestamp"].physical
        state = self._compiled(none_of(joined(known[:1], columns)))
        waiting, cost = list(parts), 0
        while waiting and self.guard.look() and not self._is_certain(kept, waiting[0], at):
            batch = self._next(waiting, self._enough(kept, cost))
            cost += sum(map(self.cost, batch))
            part = self._in_order(
                joined([self.guard.around(p, counted=False) for p in batch], columns)
            )
            try:
                kept = self._with(kept, self._compiled(part))
            except (Stopped, PolarsError):
                if not self.guard.scanned.stopped:
                    raise
                break
            self.guard.read(batch)
            del waiting[: len(batch)]
            if waiting and self._keeps_too_much(kept, len(waiting) / len(parts)):
                rest = joined([self.guard.around(p, counted=True) for p in waiting], columns)
                frame = pl.concat([kept.lazy(), self._compiled(rest).frame.select(kept.columns)])
                return replace(state, frame=frame)
        self._leave([*waiting, *known[len(parts) :]], kept, at)
        return replace(state, frame=kept.lazy()) if kept.width else state

    def _enough(self, kept: pl.DataFrame, cost: int) -> int:
        """What the next batch may cost, after others that cost so much and left these rows."""
        if not cost:
            return FIRST
        if not self.outline.newest:
            return LATER
        lacking = (self.outline.most - kept.height) / max(1, kept.height)
        return int(min(LATER, max(LEAST, 1.5 * lacking * cost)))

    def _next(self, waiting: Sequence[Part], most: int) -> list[Part]:
        """The parts to read next; where order counts, all that reach into one time."""
        batch, cost, oldest = [waiting[0]], self.cost(waiting[0]), waiting[0].oldest_ms
        for part in waiting[1:]:
            cost += self.cost(part)
            apart = not self.outline.ordered or part.newest_ms <= oldest
            if apart and cost > most:
                break
            batch.append(part)
            oldest = min(oldest, part.oldest_ms)
        return batch

    def _in_order(self, part: Part) -> Part:
        if part.ordered or not self.outline.ordered:
            return part
        at = part.columns["@timestamp"].physical
        frame = part.frame.sort(at, descending=True, nulls_last=True, maintain_order=True)
        return replace(part, frame=frame, ordered=True)

    def _with(self, kept: pl.DataFrame, state: State) -> pl.DataFrame:
        """The rows kept so far and those of a batch, without what cannot be in the answer."""
        columns = physical(state.columns, self._needed(state))
        new = self._reduced(state).select(columns).collect(engine="streaming")
        if not kept.width:
            return new
        both = pl.concat([kept, new])
        if not self.outline.reduce or not new.height:
            return both
        reduced = self._reduced(replace(state, frame=both.lazy()))
        return reduced.select(columns).collect(engine="streaming")

    def _reduced(self, state: State) -> pl.LazyFrame:
        if not self.outline.reduce:
            return state.frame
        return self.steps(state, self.outline.reduce).frame.head(self.outline.most)

    def _needed(self, state: State) -> set[str] | None:
        """The fields that count behind the head; None for all."""
        if self.outline.newest:
            return {*state.names, "@timestamp"}
        for position, command in enumerate(self.outline.tail):
            if isinstance(command, tree.Stats | tree.CountFrequent):
                return names_in(self.outline.tail[: position + 1]) | {"@timestamp"}
            if not isinstance(command, tree.Limit):
                return None
        return None

    def _is_certain(self, kept: pl.DataFrame, next_part: Part, at: str) -> bool:
        """Whether older events can change nothing of what is kept."""
        if not kept.width or kept.height < self.outline.most or not self.outline.reduce:
            return False
        if self.outline.newest:
            return self.outline.any_rows or kept[at][-1] > next_part.newest_ms
        return isinstance(self.outline.reduce[0], tree.Dedup)

    def _keeps_too_much(self, kept: pl.DataFrame, unread: float) -> bool:
        plain = not self.outline.ordered and not self.outline.reduce
        return plain and kept.estimated_size() > MOST_KEPT * (1 - unread)

    def _leave(self, unread: Sequence[Part], kept: pl.DataFrame, at: str) -> None:
        """Say why some parts stay unread."""
        guard = self.guard
        if guard.is_cancelled:
            raise Stopped(guard.scanned.stopped)
        if not unread:
            return
        if self._is_certain(kept, unread[0], at):
            guard.scanned.skip([enough(unread)])
        elif kept.width or guard.look():
            guard.cut(unread[0])


def enough(parts: Sequence[Part]) -> Skipped:
    """Parts that need not be read because the answer is certain without them."""
    rows, size = sum(part.rows for part in parts), sum(part.bytes for part in parts)
    return Skipped("newer events are enough", sum(p.segments for p in parts), rows, size)


def none_of(part: Part) -> Part:
    """A part with the same columns and no event."""
    return replace(part, frame=part.frame.head(0), rows=0, bytes=0)


def physical(columns: Mapping[str, Column], names: Collection[str] | None) -> list[str]:
    """The columns of a plan that hold some fields; None is all."""
    chosen = [column for name, column in columns.items() if names is None or name in names]
    return list(dict.fromkeys(name for column in chosen for name in column.held()))
