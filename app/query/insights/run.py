"""Runs a query over events: check, compile command by command, collect, write out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import polars as pl

from app.model.time import epoch_ms
from app.query.insights import tree
from app.query.insights.check import check
from app.query.insights.events import as_frame, start_state
from app.query.insights.functions import Clock
from app.query.insights.parse import parse
from app.query.insights.sources import chosen_groups, source_window
from app.query.insights.stages import enrich, parsing, patterns, rows, select, stats
from app.query.insights.state import Column, State, Surroundings
from app.query.insights.values import Kind, number_of, time_to_text
from app.query.insights.walk import field_names

DEFAULT_LIMIT = 10_000
_SECONDS_BELOW = 100_000_000_000
"""Times below this are taken as epoch seconds, others as milliseconds."""

Cell = str | float | int | None
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
    tree.CountFrequent: stats.count_frequent,
    tree.Fillmissing: stats.fillmissing,
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


@dataclass(frozen=True, slots=True)
class Result:
    """``columns`` in order; ``rows`` hold text, numbers, and None for an absent value."""

    columns: list[str]
    rows: list[list[Cell]]
    records_matched: int = 0
    records_scanned: int = 0


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
    query = parse(text)
    check(query)
    frame = as_frame(events)
    window = _window(frame, start, end)
    clock = Clock(_ms(now, window[1]), *window)
    tables = {name: _table(table) for name, table in (lookup_tables or {}).items()}
    return _Run(frame, clock, tables, log_groups).answer(query)


def _ms(moment: Moment | None, default: int) -> int:
    if moment is None:
        return default
    if isinstance(moment, datetime):
        return epoch_ms(moment)
    return int(moment * 1000) if abs(moment) < _SECONDS_BELOW else int(moment)


def _window(frame: pl.DataFrame, start: Moment | None, end: Moment | None) -> tuple[int, int]:
    times = frame["timestamp"].drop_nulls()
    first, last = (0, 0) if times.is_empty() else (int(times.min()), int(times.max()))  # type: ignore[arg-type] # Int64
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
        frame: pl.DataFrame,
        clock: Clock,
        tables: Mapping[str, pl.DataFrame],
        log_groups: Sequence[str] | None,
    ) -> None:
        self._frame, self._clock, self._tables = frame, clock, tables
        self._groups = log_groups

    def answer(self, query: tree.Query) -> Result:
        around = self._around(query)
        state = self._executed(query, around, 0)
        names = state.names
        data, _ = self._finished(state, default_limit=DEFAULT_LIMIT)
        columns = [state.columns.get(name) for name in names]
        cells = [
            _cells(data[column.physical], column) if column else [None] * data.height
            for column in columns
        ]
        found = [list(row) for row in zip(*cells, strict=True)] if cells else []
        return Result(list(names), found, data.height, self._frame.height)

    def _around(self, query: tree.Query) -> Surroundings:
        wanted = field_names(query)
        return Surroundings(
            query.text,
            self._clock,
            self._tables,
            partial(self._events, query.text, wanted),
            self._subquery,
        )

    def _events(
        self, text: str, wanted: set[str], source: tree.Source | None, back_ms: int
    ) -> State:
        low, high = self._clock.start_ms, self._clock.end_ms
        groups = self._groups
        if source is not None:
            low, high = source_window(source, self._clock, text)
            groups = chosen_groups(source, self._frame["logGroup"].unique().to_list(), text)
        frame = self._frame.filter(pl.col("timestamp").is_between(low - back_ms, high - back_ms))
        if groups is not None:
            frame = frame.filter(pl.col("logGroup").is_in(list(groups)))
        return start_state(frame, wanted)

    def _executed(self, query: tree.Query, around: Surroundings, back_ms: int) -> State:
        state = around.events(query.source, back_ms)
        for position, command in enumerate(query.commands):
            if isinstance(command, tree.Diff | tree.Logcompare):
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

    def _subquery(self, query: tree.Query) -> tuple[pl.DataFrame, dict[str, Column]]:
        around = self._around(query)
        state = self._executed(query, around, 0)
        return self._finished(state)

    def _finished(
        self, state: State, default_limit: int | None = None
    ) -> tuple[pl.DataFrame, dict[str, Column]]:
        if state.limit is None and default_limit is not None:
            state = replace(state, limit=default_limit)
        names = {name: state.columns[name] for name in state.names if name in state.columns}
        physical = list(dict.fromkeys(column.physical for column in names.values()))
        return state.limited().frame.select(physical).collect(), names


def _cells(series: pl.Series, column: Column) -> list[Cell]:
    if column.kind is Kind.TIME:
        return series.to_frame().select(time_to_text(pl.col(series.name))).to_series().to_list()
    values = series.to_list()
    if column.kind is Kind.NUMBER:
        return [_number(value) for value in values]
    if column.kind is Kind.BOOLEAN:
        return [None if value is None else int(value) for value in values]
    return [_unmixed(value) for value in values] if column.mixed else values


def _number(value: float | None) -> Cell:
    if value is None or value != value:
        return None
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def _unmixed(value: str | None) -> Cell:
    if value in ("true", "false"):
        return int(value == "true")
    read = number_of(value) if value is not None else None
    if read is None:
        return value
    cell = _number(read)
    return cell if str(cell) == value else value
