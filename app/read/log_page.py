"""What the page of logs asks: rows, events over time, fields and their values, mistakes.

A mistake in a query or in the name of a group is part of an answer, never an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.model.errors import ConfigError
from app.model.lines import Line
from app.model.logs import LogGroup
from app.model.readings import Look, Reading
from app.query.insights import (
    Answer,
    Cell,
    Limits,
    QueryError,
    Watch,
    frequent,
    mistakes,
    spelled,
)
from app.query.insights.answer import cells_of
from app.query.insights.discover import fields as fields_of
from app.query.insights.printer import quoted
from app.query.insights.values import Kind
from app.read.books import Books
from app.read.logs import FieldShare, LogsReader
from app.read.scope import Scope
from app.read.standing import Standing

MOST_VALUES, MOST_COUNTED = 12, 10_000


class Holds(StrEnum):
    """What the cells of a column are; times are epoch milliseconds."""

    TIME = "time"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """A query as somebody wrote it, over groups by name (``*`` for any text; none: all)."""

    text: str
    groups: tuple[str, ...]
    scope: Scope
    seconds: float
    rows: int

    @property
    def limits(self) -> Limits:
        return Limits(self.rows, self.seconds)


@dataclass(frozen=True, slots=True, eq=False)
class LogAnswer:
    """The rows of a query; with a ``mistake``, drawn text, there is nothing else.

    ``events`` were read, ``left_out`` needed no reading, ``stopped`` names a limit that
    was reached, ``more`` says that there are more rows than a page may show. ``absent``
    says, where there is no row, which fields of the query no event has.
    """

    reading: Reading[None]
    mistake: str = ""
    columns: tuple[tuple[str, Holds], ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    events: int = 0
    left_out: int = 0
    stopped: str = ""
    more: bool = False
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LogTimes:
    """Events over time that the filters let through, and the fields of all events there."""

    line: Line | None = None
    fields: tuple[FieldShare, ...] = ()
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a query, and from which character to which."""

    message: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value of a field, how many events have it, and the conditions that keep or drop it."""

    value: Cell
    count: int
    keep: str
    drop: str


@dataclass(frozen=True, slots=True)
class FieldValues:
    """The most frequent of ``different`` values of a field.

    ``events`` have the field and pass the filters; 0 where there are too many values to tell.
    ``query`` counts them all.
    """

    field: str
    values: tuple[ValueCount, ...] = ()
    different: int = 0
    events: int = 0
    query: str = ""
    stopped: str = ""
    mistake: str = ""


class LogPageReader:
    """Answers what the page of logs asks, from what is stored."""

    def __init__(self, logs: LogsReader, books: Books) -> None:
        self._logs, self._books = logs, books

    def groups(self, scope: Scope) -> list[LogGroup]:
        """The log groups of some places that can be chosen."""
        return self._logs.groups(scope.places)

    def rows(self, question: LogQuestion, watch: Watch | None = None) -> LogAnswer:
        """The rows of the answer, and how good it is."""
        try:
            standing = self._standing(question)
            found = self._asked(question, question.text, watch)
        except (QueryError, ConfigError) as error:
            return LogAnswer(Reading(None, Look.NOTHING), mistake=_drawn(error))
        scanned = found.scanned
        return LogAnswer(
            standing.reading(None, there=bool(found.data.height)),
            columns=tuple((name, _holds(found, name)) for name in found.names),
            rows=cell_rows(found),
            events=scanned.rows,
            left_out=scanned.skipped_rows,
            stopped=scanned.stopped,
            more=found.more,
            absent=() if found.data.height else self._absent(question),
        )

    def over_time(self, question: LogQuestion, watch: Watch | None = None) -> LogTimes:
        """How many events there were when, and which fields they have."""
        scope = question.scope
        try:
            fields = tuple(self._logs.fields(question.groups, scope.window, scope.places))
        except ConfigError:
            return LogTimes()
        try:
            line, stopped = self._logs.counted(
                question.text,
                question.groups,
                scope.window,
                scope.places,
                now=scope.now,
                limits=question.limits,
                watch=watch,
            )
        except QueryError:
            return LogTimes(fields=fields)
        return LogTimes(line, fields, stopped)

    def values(self, question: LogQuestion, field: str) -> FieldValues:
        """The most frequent values of a field among the events that the filters let through."""
        try:
            query = frequent(question.text, field)
            found = self._asked(replace(question, rows=MOST_COUNTED), query, None)
        except (QueryError, ConfigError) as error:
            return FieldValues(field, mistake=_drawn(error))
        values = tuple(_counted(field, value, count) for value, count in cell_rows(found))
        events = 0 if found.more else sum(each.count for each in values)
        shown, stopped = values[:MOST_VALUES], found.scanned.stopped
        return FieldValues(field, shown, len(values), events, query, stopped)

    def event(self, message: str, group: str) -> list[tuple[str, ValueCount]]:
        """The fields of one message, each with the conditions on its value."""
        found: dict[str, Any] = dict(fields_of(message, group))
        return [(name, _counted(name, value, 1)) for name, value in found.items()]

    def mistakes(self, text: str) -> tuple[Mistake, ...]:
        """What is wrong with a query, before it is run."""
        return tuple(
            Mistake(e.message, e.span.start, max(e.span.end, e.span.start + 1))
            for e in mistakes(text)
        )

    def _asked(self, question: LogQuestion, text: str, watch: Watch | None) -> Answer:
        scope = question.scope
        return self._logs.query(
            text,
            question.groups,
            scope.window,
            scope.places,
            now=scope.now,
            limits=question.limits,
            watch=watch,
        )

    def _absent(self, question: LogQuestion) -> tuple[str, ...]:
        scope = question.scope
        return tuple(self._logs.absent(question.text, question.groups, scope.window, scope.places))

    def _standing(self, question: LogQuestion) -> Standing:
        places = question.scope.places
        names = {g.key.name for g in self._logs.chosen(question.groups, places)}
        found = self._books.standings().of_logs(names, places)
        return replace(found, asked=found.asked or bool(names))


def _drawn(error: QueryError | ConfigError) -> str:
    return error.drawn() if isinstance(error, QueryError) else str(error)


def _holds(found: Answer, name: str) -> Holds:
    column = found.columns.get(name)
    if column is None:
        return Holds.TEXT
    return {Kind.TIME: Holds.TIME, Kind.NUMBER: Holds.NUMBER}.get(column.kind, Holds.TEXT)


def cell_rows(found: Answer) -> tuple[tuple[Cell, ...], ...]:
    """The rows of an answer as plain values; times are epoch milliseconds."""
    cells: list[Sequence[Cell]] = []
    for name in found.names:
        column = found.columns.get(name)
        if column is None:
            cells.append([None] * found.data.height)
        elif column.kind is Kind.TIME:
            cells.append(found.data[column.physical].to_list())
        else:
            cells.append(cells_of(found.data[column.physical], column))
    return tuple(zip(*cells, strict=True))


def _counted(field: str, value: Cell | bool, count: Cell) -> ValueCount:
    whole = isinstance(value, bool) or (isinstance(value, float) and value.is_integer())
    shown: Cell = int(value) if whole and value is not None else value
    written = quoted(shown) if isinstance(shown, str) else f"{shown}"
    at = spelled(field)
    return ValueCount(shown, int(float(count or 0)), f"{at} = {written}", f"not ({at} = {written})")
