"""One query with everything that it may reach: read, compiled command by command, collected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import takewhile
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from app.query.insights import tree
from app.query.insights.answer import Answer
from app.query.insights.conditions import conditions, narrowed
from app.query.insights.events import SYSTEM
from app.query.insights.explain import Explanation, explained
from app.query.insights.functions import Clock
from app.query.insights.limits import Guard, Stopped
from app.query.insights.order import counted_by, outline, reads_messages
from app.query.insights.reading import Reading
from app.query.insights.source import EventSource, Need
from app.query.insights.sources import chosen_groups, source_window
from app.query.insights.stages import enrich, frequency, parsing, patterns, rows, select, stats
from app.query.insights.state import Column, Nested, State, Surroundings
from app.query.insights.walk import field_names, searched

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


_AT_ONCE = (tree.Pattern, tree.Diff, tree.Logcompare)
"""Commands that read their events as they are compiled."""


_ROWS = "rows"


class Execution:
    """One query over a source; an object answers once."""

    def __init__(
        self,
        source: EventSource,
        clock: Clock,
        tables: Mapping[str, pl.DataFrame],
        groups: Sequence[str] | None,
        guard: Guard,
    ) -> None:
        self._source, self._clock, self._tables = source, clock, tables
        self._groups, self._guard = groups, guard
        self._nested: dict[int, Nested] = {}

    def answer(self, query: tree.Query) -> Answer:
        """The rows of a checked query, or what there is of them when a limit is reached."""
        most = self._guard.limits.rows
        own = any(isinstance(command, tree.Limit) for command in query.commands)
        allowed = most + (not own)  # one more row tells that there are more
        try:
            state = self._executed(query, field_names(query), 0, allowed)
        except (Stopped, PolarsError):
            if not self._has_stopped():
                raise
            return Answer((), {}, pl.DataFrame(), self._guard.scanned)
        shown = {name: state.columns.get(name) for name in state.names}
        data = self._collected(_finished(state, allowed))
        more = not own and data.height > most
        return Answer(state.names, shown, data.head(most), self._guard.scanned, more)

    def explanation(self, query: tree.Query) -> Explanation:
        """How a checked query would be answered; nothing is read."""
        names = field_names(query)
        around = replace(self._around(query, names), subquery=partial(self._outlined, names))
        reading = self._reading(query, self._guard.limits.rows, around)
        need = self._need(query, names, 0)
        found = self._source.read(need)
        state = _steps(around, reading.plan(found.parts), _planned(reading.outline.tail))
        plan = _finished(state, reading.outline.most).explain(engine="streaming")
        return explained(query, need, found, reading.outline, reading.way(found.parts), plan)

    def _collected(self, plan: pl.LazyFrame) -> pl.DataFrame:
        try:
            data = plan.collect(engine="streaming")
        except (Stopped, PolarsError):
            if not self._has_stopped():
                raise
            return pl.DataFrame(schema=plan.collect_schema())
        self._guard.finished()
        return data

    def _has_stopped(self) -> bool:
        """Whether a limit has ended the work, so that there is nothing."""
        self._guard.scanned.since_ms = None
        return bool(self._guard.scanned.stopped)

    def _executed(
        self, query: tree.Query, names: set[str], back_ms: int, most: int | None = None
    ) -> State:
        """The rows of a query behind its last command; ``names`` are fields that it may ask for.

        Without ``most`` rows that it may have it is a nested one.
        """
        around = self._around(query, names)
        for position, command in enumerate(query.commands):
            if isinstance(command, tree.Diff | tree.Logcompare):
                state = self._compared(query, position, names, around)
                return _steps(around, state, query.commands[position + 1 :])
        if query.commands and isinstance(query.commands[-1], tree.Estimate):
            query = replace(
                query, commands=query.commands[-1:]
            )  # all that is read, not what passes
        reading = self._reading(query, most, around)
        found = self._source.read(self._need(query, names, back_ms))
        return _steps(around, reading.state(found), reading.outline.tail)

    def _around(self, query: tree.Query, names: set[str]) -> Surroundings:
        nested = partial(self._subquery, names)
        return Surroundings(query.text, self._clock, self._tables, nested)

    def _reading(self, query: tree.Query, most: int | None, around: Surroundings) -> Reading:
        plan = outline(query, most)
        return Reading(
            self._guard, plan, partial(_steps, around), cache(partial(reads_messages, query))
        )

    def _need(self, query: tree.Query, names: set[str], back_ms: int) -> Need:
        low, high = self._clock.start_ms, self._clock.end_ms
        groups = self._groups
        if query.source is not None:
            low, high = source_window(query.source, self._clock, query.text)
            groups = chosen_groups(query.source, self._source.group_names(), query.text)
        known = conditions(query.commands)
        low, high = narrowed(known, low - back_ms, high - back_ms)
        return Need(
            groups,
            low,
            high,
            frozenset(names - set(SYSTEM)),
            known,
            searched(query),
            counted_by(query),
            self._guard.must_go_on,
        )

    def _compared(
        self, query: tree.Query, position: int, names: set[str], around: Surroundings
    ) -> State:
        """The rows of a diff, which reads two windows."""
        command, before = query.commands[position], query.commands[:position]
        assert isinstance(command, tree.Diff | tree.Logcompare)  # noqa: S101 - by the caller
        name = tree.Name(("@message",))
        if before and isinstance(before[-1], tree.Pattern):
            name, before = before[-1].name, before[:-1]
        upto = replace(query, commands=before)
        current = self._executed(upto, names, 0)
        past = self._executed(upto, names, patterns.shift_ms(command, around))
        return patterns.diff(name, current, past, around)

    def _outlined(self, names: set[str], query: tree.Query) -> Nested:
        """A nested query without any row, to explain the one around it."""
        around = replace(self._around(query, names), subquery=partial(self._outlined, names))
        reading = self._reading(query, None, around)
        found = self._source.read(self._need(query, names, 0))
        state = _steps(around, reading.plan(found.parts), _planned(reading.outline.tail))
        return _nested(replace(state, frame=state.frame.head(0)))

    def _subquery(self, names: set[str], query: tree.Query) -> Nested:
        """What a nested query answers; one that selects nothing gives every field it has."""
        if id(query) not in self._nested:
            state = self._executed(query, names, 0)
            self._nested[id(query)] = _nested(state)
        return self._nested[id(query)]


def _planned(commands: Sequence[tree.Command]) -> list[tree.Command]:
    """The commands before the first that needs all events at hand."""
    return list(takewhile(lambda command: not isinstance(command, _AT_ONCE), commands))


def _steps(around: Surroundings, state: State, commands: Sequence[tree.Command]) -> State:
    waiting = list(commands)
    while waiting:
        waiting = stats.filters_first(waiting, state)
        command = waiting.pop(0)
        state = _STAGES[type(command)](command, state, around)
    return state


def _nested(state: State) -> Nested:
    shown = state.names
    if not state.shown and state.displayed is None and not state.aggregated:
        state = replace(state, displayed=tuple(state.columns))
    return Nested(_finished(state).collect(engine="streaming"), _columns(state), shown)


def _columns(state: State) -> dict[str, Column]:
    return {
        name: replace(state.columns[name], nested=None)
        for name in state.names
        if name in state.columns
    }


def _finished(state: State, default_limit: int | None = None) -> pl.LazyFrame:
    """The columns that are shown, as they are shown."""
    if state.limit is None and default_limit is not None:
        state = replace(state, limit=default_limit)
    shown = {column.physical: column.shown() for column in _columns(state).values()}
    rows = state.limited().frame
    if not shown:  # every one is absent, and yet there is a row for each
        return rows.with_columns(pl.lit(None).alias(_ROWS)).select(_ROWS)
    return rows.select(list(shown.values()))
