"""What a query answers: typed columns, how much was read for it, and what stopped it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from app.query.insights.source import Part
from app.query.insights.state import Column, State
from app.query.insights.values import Kind, number_of, time_to_text

Cell = str | float | int | None
DEFAULT_LIMIT = 10_000
FIRST_BATCH_ROWS, LATER_BATCH_ROWS = 150_000, 1_000_000
"""How much is read at once of a query that stops when it is certain."""


@dataclass(frozen=True, slots=True)
class Result:
    """``columns`` in order; ``rows`` hold text, numbers, and None for an absent value."""

    columns: list[str]
    rows: list[list[Cell]]
    records_matched: int = 0
    records_scanned: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """``rows`` of the answer where the query names no limit, and seconds it may take."""

    rows: int = DEFAULT_LIMIT
    seconds: float | None = None


@dataclass(slots=True)
class Scanned:
    """What was read so far; ``stopped`` names the limit that ended a query early."""

    parts: int = 0
    rows: int = 0
    bytes: int = 0
    skipped_rows: int = 0
    skipped_bytes: int = 0
    stopped: str = ""

    def read(self, parts: Sequence[Part]) -> None:
        self.parts += len(parts)
        self.rows += sum(part.rows for part in parts)
        self.bytes += sum(part.bytes for part in parts)

    def skip(self, rows: int, size: int) -> None:
        self.skipped_rows += rows
        self.skipped_bytes += size


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody who waits: is told how far it is, and may give up at any time."""

    progress: Callable[[Scanned], None] | None = None
    cancel: threading.Event | None = None

    def tell(self, scanned: Scanned) -> None:
        if self.progress is not None:
            self.progress(scanned)


class Stopped(Exception):
    """Ends the work of polars from within: its own way of cancelling ends the whole process."""


class Guard:
    """Looks, with each piece of a scan, whether to go on."""

    def __init__(self, limits: Limits, watch: Watch, scanned: Scanned) -> None:
        self._cancel, self._scanned = watch.cancel, scanned
        self._end = None if limits.seconds is None else time.monotonic() + limits.seconds
        self._seconds = limits.seconds

    def around(self, part: Part) -> Part:
        """The same events, read piece by piece under guard."""
        if self._end is None and self._cancel is None:
            return part
        guarded = part.frame.map_batches(
            self._pass,
            predicate_pushdown=True,
            projection_pushdown=True,
            slice_pushdown=True,
            validate_output_schema=False,
            streamable=True,
        )
        return replace(part, frame=guarded)

    def look(self) -> None:
        """Note it if somebody gave up, or if time is up."""
        if self._cancel is not None and self._cancel.is_set():
            self._scanned.stopped = "cancelled"
        elif self._end is not None and time.monotonic() > self._end:
            self._scanned.stopped = f"the limit of {self._seconds:g} s"

    def _pass(self, piece: pl.DataFrame) -> pl.DataFrame:
        self.look()
        if self._scanned.stopped:
            raise Stopped(self._scanned.stopped)
        return piece


@dataclass(frozen=True, slots=True)
class Answer:
    """Names in order, the column of each (None: absent everywhere), and the rows."""

    names: tuple[str, ...]
    columns: Mapping[str, Column | None]
    data: pl.DataFrame
    scanned: Scanned

    def result(self) -> Result:
        """The same as plain values, as CloudWatch writes them."""
        cells = [self._cells(name) for name in self.names]
        rows = [list(row) for row in zip(*cells, strict=True)] if cells else []
        return Result(list(self.names), rows, self.data.height, self.scanned.rows)

    def _cells(self, name: str) -> list[Cell]:
        column = self.columns.get(name)
        if column is None:
            return [None] * self.data.height
        return cells_of(self.data[column.physical], column)


class Gathered:
    """The newest rows of several parts that were asked one after the other."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._state: State | None = None
        self.frames: list[pl.DataFrame] = []
        self._answers: list[tuple[State, pl.DataFrame]] = []

    def take(self, state: State, frame: pl.DataFrame) -> None:
        self.frames.append(frame)
        self._answers.append((state, frame))

    def is_certain(self, next_ms: int) -> bool:
        """Whether nothing that is as old as ``next_ms`` or older can be among the newest."""
        times = pl.concat([frame[AT] for frame in self.frames])
        if len(times) < self._most or self._most == 0:
            return self._most == 0
        return int(times.top_k(self._most).min()) > next_ms  # type: ignore[arg-type] # Int64

    def answer(self, scanned: Scanned) -> Answer:
        """All rows in one frame, text where parts do not agree on what a field holds."""
        names = self._answers[0][0].names
        columns = {name: _common([s.columns.get(name) for s, _ in self._answers]) for name in names}
        frames = []
        for state, frame in self._answers:
            exprs = [pl.col(AT)]
            for n, (name, column) in enumerate(columns.items()):
                if column is not None:
                    exprs.append(_as(state.columns.get(name), column).alias(f"a{n}"))
            frames.append(frame.select(exprs))
        data = pl.concat(frames).sort(AT, descending=True, maintain_order=True).head(self._most)
        renamed = {
            name: None if column is None else Column(f"a{n}", column.kind, column.mixed)
            for n, (name, column) in enumerate(columns.items())
        }
        return Answer(names, renamed, data, scanned)


AT = "__at"
"""The time of each row, beside the columns of the answer."""


def newest(state: State, most: int) -> pl.LazyFrame:
    """The newest rows of a state with the columns of the answer, and their times."""
    at = state.columns["@timestamp"].physical
    shown = [state.columns[n].physical for n in state.names if n in state.columns]
    frame = state.frame.select(pl.col(at).alias(AT), *dict.fromkeys(shown))
    return frame.sort(AT, descending=True, maintain_order=True).head(most)


def batch_of(waiting: list[Part], *, found_any: bool) -> tuple[list[Part], list[Part]]:
    """The parts to read next: few at first, because the newest are mostly enough."""
    most = LATER_BATCH_ROWS if found_any else FIRST_BATCH_ROWS
    rows, count = 0, 0
    for part in waiting:
        if count and rows + part.rows > most:
            break
        rows, count = rows + part.rows, count + 1
    return waiting[:count], waiting[count:]


def collected(plan: pl.LazyFrame, scanned: Scanned) -> pl.DataFrame:
    """The rows of a plan; none when it was given up or took too long."""
    try:
        return plan.collect(engine="streaming")
    except (Stopped, pl.exceptions.PolarsError):
        if not scanned.stopped:
            raise
        return pl.DataFrame(schema=plan.collect_schema())


def _common(columns: Sequence[Column | None]) -> Column | None:
    there = [column for column in columns if column is not None]
    if not there:
        return None
    kinds = {(column.kind, column.mixed) for column in there}
    return there[0] if len(kinds) == 1 else Column("", Kind.TEXT, mixed=True)


def _as(column: Column | None, wanted: Column) -> pl.Expr:
    if column is None:
        return pl.lit(None, dtype=_TYPES[wanted.kind])
    if (column.kind, column.mixed) == (wanted.kind, wanted.mixed):
        return pl.col(column.physical)
    return column.value().text()


_TYPES: Mapping[Kind, pl.DataType] = {
    Kind.NUMBER: pl.Float64(),
    Kind.TEXT: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.TIME: pl.Int64(),
    Kind.STRUCTURE: pl.String(),
}


def cells_of(series: pl.Series, column: Column) -> list[Cell]:
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
