"""Runs a query over events: check, compile command by command, collect, write out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

import polars as pl

from app.model.time import epoch_ms
from app.query.insights import tree
from app.query.insights.answer import (
    Answer,
    Gathered,
    Guard,
    Limits,
    Result,
    Scanned,
    Watch,
    batch_of,
    collected,
    newest,
)
from app.query.insights.check import check
from app.query.insights.events import SYSTEM, as_frame
from app.query.insights.functions import Clock
from app.query.insights.memory import MemorySource
from app.query.insights.order import is_by_itself, needs_order, newest_first
from app.query.insights.parse import parse
from app.query.insights.printer import printed
from app.query.insights.source import EventSource, Need, Part, conditions
from app.query.insights.sources import chosen_groups, source_window
from app.query.insights.stages import enrich, frequency, parsing, patterns, rows, select, stats
from app.query.insights.state import Column, Nested, State, Surroundings
from app.query.insights.unify import unify
from app.query.insights.walk import field_names

_SECONDS_BELOW = 100_000_000_000
"""Times below this are taken as epoch seconds, others as milliseconds."""

Moment = datetime | float | int
Stage = Callable[[Any, State, Surroundings], State]

_STAGES: dict[type, Stage] = {
    tree.Fields: select.fields,
    tree.Unmask: select.fields,
    tree.Display: select.display,
    tree.Filter: select.filter_,
    tree.Sort: select.sort,
    tree.Limit: select.limit,
    tree.Dedup: select.dedup,
    tree.Stats: stats.stats,
    tree.CountFrequent: frequency.count_frequent,
    tree.Fillmissing: frequency.fillmissing,
    tree.ParseGlob: parsing.parse_glob,
    tree.ParseRegex: parsing.parse_regex,
    tree.ParseLogfmt: parsing.parse_logfmt,
    tree.ParseCsv: parsing.parse_csv,
    tree.ParseJson: parsing.parse_json,
    tree.Unnest: enrich.unnest,
    tree.Lookup: enrich.lookup,
    tree.Join: enrich.join,
    tree.Accum: rows.accum,
    tree.Autoregress: rows.autoregress,
    tree.Filldown: rows.filldown,
    tree.Outlier: rows.outlier,
    tree.Sessionize: rows.sessionize,
    tree.Addtotals: rows.addtotals,
    tree.Appendcols: rows.appendcols,
    tree.Pattern: patterns.pattern,
    tree.Estimate: patterns.estimate,
    tree.Anomaly: patterns.refused,
    tree.Relevantfields: patterns.refused,
}


def run_query(
    text: str,
    events: pl.DataFrame | Iterable[Mapping[str, Any]],
    *,
    start: Moment | None = None,
    end: Moment | None = None,
    now: Moment | None = None,
    log_groups: Sequence[str] | None = None,
    lookup_tables: Mapping[str, pl.DataFrame | Sequence[Mapping[str, Any]]] | None = None,
) -> Result:
    """Answer a Logs Insights query over events at hand.

    ``events`` is a frame or an iterable of mappings with ``timestamp`` (epoch
    milliseconds), ``message``, ``logStream``, ``logGroup`` and optionally
    ``ingestionTime``. The window from ``start`` to ``end`` holds both ends;
    times are aware datetimes, epoch seconds or epoch milliseconds. Without a
    window all events are read. ``now`` is what ``now()`` answers with; left
    out it is the end of the window. Raises QueryError.

    Timestamps come out as ``YYYY-MM-DD HH:MM:SS.mmm`` in UTC, aggregates are
    rounded to four decimals, true and false are 1 and 0.
    """
    source = MemorySource(as_frame(events))
    window = _window(source.window(), start, end)
    clock = Clock(_ms(now, window[1]), *window)
    tables = {name: _table(table) for name, table in (lookup_tables or {}).items()}
    found = answer(text, source, clock=clock, groups=log_groups, tables=tables)
    return found.result()


def answer(
    text: str,
    source: EventSource,
    *,
    clock: Clock,
    groups: Sequence[str] | None = None,
    tables: Mapping[str, pl.DataFrame] | None = None,
    limits: Limits | None = None,
    watch: Watch | None = None,
) -> Answer:
    """Answer a query over any source of events, within limits.

    A limit that is reached is no error: the answer holds what there is, and
    ``scanned.stopped`` names the limit. Raises QueryError.
    """
    query = parse(text)
    check(query)
    run = _Run(source, clock, tables or {}, groups)
    return run.answer(query, limits or Limits(), watch or Watch())


def counting(text: str, step: timedelta) -> str:
    """A query that counts, by ``step``, the events that the head of another one lets through.

    The head ends before the first command that does more than look at each
    event by itself. The bins come out first, then the counts. Raises QueryError.
    """
    query = parse(text)
    check(query)
    kept = takewhile(is_by_itself, query.commands)
    head = replace(query, commands=tuple(c for c in kept if not isinstance(c, tree.Display)))
    seconds = step // timedelta(seconds=1)
    unit = next(
        (u, s) for u, s in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)) if not seconds % s
    )
    counted = f"stats count(*) as __events by bin({seconds // unit[1]}{unit[0]}) as __bin"
    return " | ".join(filter(None, (printed(head), counted)))


def _ms(moment: Moment | None, default: int) -> int:
    if moment is None:
        return default
    if isinstance(moment, datetime):
        return epoch_ms(moment)
    return int(moment * 1000) if abs(moment) < _SECONDS_BELOW else int(moment)


def _window(found: tuple[int, int], start: Moment | None, end: Moment | None) -> tuple[int, int]:
    first, last = found
    begin, finish = _ms(start, first), _ms(end, last)
    if isinstance(end, int) and abs(end) < _SECONDS_BELOW:
        finish += 999  # a whole second counts up to its last millisecond
    return begin, finish


def _table(table: pl.DataFrame | Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    if isinstance(table, pl.DataFrame):
        return table
    return pl.DataFrame(list(table), infer_schema_length=None, strict=False)


class _Run:
    """One query with everything that it may reach."""

    def __init__(
        self,
        source: EventSource,
        clock: Clock,
        tables: Mapping[str, pl.DataFrame],
        log_groups: Sequence[str] | None,
    ) -> None:
        self._source, self._clock, self._tables = source, clock, tables
        self._groups = log_groups
        self.scanned = Scanned()
        self._guard = Guard(Limits(), Watch(), self.scanned)

    def answer(self, query: tree.Query, limits: Limits, watch: Watch) -> Answer:
        self._guard = Guard(limits, watch, self.scanned)
        around = self._around(query)
        if newest_first(query):
            return self._until_certain(query, around, limits, watch)
        state = self._executed(query, around, 0)
        watch.tell(self.scanned)
        return self._collected(state, limits)

    def _collected(self, state: State, limits: Limits) -> Answer:
        shown = {name: state.columns.get(name) for name in state.names}
        plan, _ = self._finished(state, default_limit=limits.rows)
        return Answer(state.names, shown, collected(plan, self.scanned), self.scanned)

    def _until_certain(
        self, query: tree.Query, around: Surroundings, limits: Limits, watch: Watch
    ) -> Answer:
        """Parts one after the other, newest first, until no later one can change the answer."""
        need = self._need(query, query.source, field_names(query), 0)
        found = self._source.read(need)
        self.scanned.skip(found.skipped_rows, found.skipped_bytes)
        wanted = min((c.count for c in query.commands if isinstance(c, tree.Limit)), default=None)
        most = min(wanted, limits.rows) if wanted is not None else limits.rows
        gathered = Gathered(most)
        waiting = list(found.parts)
        while waiting or not gathered.frames:
            some, waiting = batch_of(waiting, found_any=bool(gathered.frames))
            state = self._compiled(query, around, self._guard.around(unify(some)))
            gathered.take(state, collected(newest(state, most), self.scanned))
            self.scanned.read(some)
            watch.tell(self.scanned)
            self._guard.look()
            if not waiting or gathered.is_certain(waiting[0].newest_ms) or self.scanned.stopped:
                break
        if waiting:
            self.scanned.skip(sum(p.rows for p in waiting), sum(p.bytes for p in waiting))
        return gathered.answer(self.scanned)

    def _around(self, query: tree.Query, outer: tree.Query | None = None) -> Surroundings:
        return Surroundings(
            query.text,
            self._clock,
            self._tables,
            partial(self._events, query, field_names(outer or query)),
            partial(self._subquery, query),
        )

    def _need(
        self, query: tree.Query, source: tree.Source | None, names: set[str], back_ms: int
    ) -> Need:
        text = query.text
        low, high = self._clock.start_ms, self._clock.end_ms
        groups = self._groups
        if source is not None:
            low, high = source_window(source, self._clock, text)
            groups = chosen_groups(source, self._source.group_names(), text)
        fields = frozenset(names - set(SYSTEM))
        own = source is query.source
        kept = conditions(query) if own else ()
        return Need(groups, low - back_ms, high - back_ms, fields, kept)

    def _events(
        self, query: tree.Query, names: set[str], source: tree.Source | None, back_ms: int
    ) -> State:
        """The state at the start of a source, in whatever order suits the query."""
        need = self._need(query, source, names, back_ms)
        if needs_order(query) or source is not query.source:
            part = self._guard.around(self._source.read_ordered(need))
            self.scanned.read([part])
            return State(part.frame, part.columns)
        found = self._source.read(need)
        self.scanned.skip(found.skipped_rows, found.skipped_bytes)
        self.scanned.read(found.parts)
        part = self._guard.around(unify(found.parts))
        return State(part.frame, part.columns)

    def _executed(self, query: tree.Query, around: Surroundings, back_ms: int) -> State:
        state = around.events(query.source, back_ms)
        return self._steps(query, around, state, back_ms)

    def _compiled(self, query: tree.Query, around: Surroundings, part: Part) -> State:
        return self._steps(query, around, State(part.frame, part.columns), 0)

    def _steps(self, query: tree.Query, around: Surroundings, state: State, back_ms: int) -> State:
        waiting = list(query.commands)
        while waiting:
            waiting = stats.filters_first(waiting, state)
            command = waiting.pop(0)
            if isinstance(command, tree.Diff | tree.Logcompare):
                position = len(query.commands) - len(waiting) - 1
                state = self._compared(query, position, around, back_ms)
                continue
            state = _STAGES[type(command)](command, state, around)
        return state

    def _compared(
        self, query: tree.Query, position: int, around: Surroundings, back_ms: int
    ) -> State:
        command, before = query.commands[position], query.commands[:position]
        assert isinstance(command, tree.Diff | tree.Logcompare)  # noqa: S101 - by the caller
        name = tree.Name(("@message",))
        if before and isinstance(before[-1], tree.Pattern):
            name, before = before[-1].name, before[:-1]
        upto = replace(query, commands=before)
        current = self._executed(upto, around, back_ms)
        past = self._executed(upto, around, back_ms + patterns.shift_ms(command, around))
        return patterns.diff(name, current, past, around)

    def _subquery(self, outer: tree.Query, query: tree.Query) -> Nested:
        """What a nested query answers; one that selects nothing gives every field it has."""
        around = self._around(query, outer)
        state = self._executed(query, around, 0)
        names = state.names
        if not state.shown and state.displayed is None and not state.aggregated:
            state = replace(state, displayed=tuple(state.columns))
        plan, columns = self._finished(state)
        return Nested(plan.collect(engine="streaming"), columns, names)

    def _finished(
        self, state: State, default_limit: int | None = None
    ) -> tuple[pl.LazyFrame, dict[str, Column]]:
        if state.limit is None and default_limit is not None:
            state = replace(state, limit=default_limit)
        names = {
            name: replace(state.columns[name], nested=None)
            for name in state.names
            if name in state.columns
        }
        shown = {column.physical: column.shown() for column in names.values()}
        return state.limited().frame.select(list(shown.values())), names
