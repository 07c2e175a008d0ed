"""What a query answers: typed columns, how much was read for it, and what stopped it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from app.query.insights.limits import Scanned
from app.query.insights.state import Column
from app.query.insights.values import Kind, number_of, time_to_text

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Result:
    """``columns`` in order; ``rows`` hold text, numbers, and None for an absent value."""

    columns: list[str]
    rows: list[list[Cell]]
    records_matched: int = 0
    records_scanned: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Names in order, the column of each (None: absent everywhere), and the rows.

    ``more`` says that the query names no limit and has more rows than it was allowed.
    """

    names: tuple[str, ...]
    columns: Mapping[str, Column | None]
    data: pl.DataFrame
    scanned: Scanned
    more: bool = False

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
