"""Answers of queries: a table for people, JSON, CSV and Parquet for programs."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

import orjson
import polars as pl
from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from app.model.errors import ConfigError

Cell = str | float | int | None


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class Levels(RegexHighlighter):
    """Log levels in the colours that people know."""

    base_style = "level."
    highlights: ClassVar[Sequence[str]] = (
        r"\b(?P<error>ERROR|FATAL|CRITICAL|Error|Exception)\b",
        r"\b(?P<warn>WARN(ING)?)\b",
    )


THEME = Theme({"level.error": "bold red", "level.warn": "yellow"})


def write(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    form: Format,
    output: Path | None = None,
) -> None:
    """Write an answer on standard output, or into a file; nothing is cut."""
    try:
        _write(columns, rows, form, output)
    except OSError as error:
        if output is None:
            raise
        raise ConfigError(f"--output {output}: {error.strerror or error}") from None


def _write(
    columns: Sequence[str], rows: Sequence[Sequence[Cell]], form: Format, output: Path | None
) -> None:
    if form is Format.PARQUET:
        _write_bytes(parquet(columns, rows), output)
        return
    if form is Format.TABLE and output is None:
        table(columns, rows, Console(theme=THEME, highlight=False, soft_wrap=False))
        return
    text = {Format.JSON: as_json, Format.CSV: as_csv, Format.TABLE: as_text}[form](columns, rows)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")


def as_json(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """One JSON object a line; absent values are left out, as CloudWatch leaves them out."""
    found = (
        orjson.dumps({c: v for c, v in zip(columns, row, strict=True) if v is not None}).decode()
        for row in rows
    )
    return "".join(f"{line}\n" for line in found)


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """RFC 4180 with a header; absent values are empty."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return written.getvalue()


def parquet(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Columns of numbers where every value is one, else of text."""
    frame = pl.DataFrame(
        [_column(name, [row[at] for row in rows]) for at, name in enumerate(columns)]
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _column(name: str, cells: Sequence[Cell]) -> pl.Series:
    there = [cell for cell in cells if cell is not None]
    if there and all(isinstance(cell, int) for cell in there):
        return pl.Series(name, cells, dtype=pl.Int64, strict=False)
    if there and not any(isinstance(cell, str) for cell in there):
        return pl.Series(name, cells, dtype=pl.Float64, strict=False)
    return pl.Series(name, [None if c is None else str(c) for c in cells], dtype=pl.String)


def as_text(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """The table without colours, as wide as it needs to be."""
    written = io.StringIO()
    table(columns, rows, Console(file=written, width=100_000, theme=THEME, highlight=False))
    lines = written.getvalue().splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]], console: Console) -> None:
    """Draw a table; a long message is folded where the terminal ends, and kept whole in a pipe."""
    if not console.is_terminal and console.width < 1000:
        # A pipe has no width; a line a row is what grep and less want.
        sys.stdout.write(as_text(columns, rows))
        return
    if not rows:
        console.print("No event matches.")
        return
    levels = Levels()
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for at, name in enumerate(columns):
        numbers = _all_numbers([row[at] for row in rows])
        drawn.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(levels(Text(_shown(cell))) for cell in row))
    console.print(drawn)


def _all_numbers(cells: Sequence[Cell]) -> bool:
    there = [cell for cell in cells if cell is not None]
    return bool(there) and not any(isinstance(cell, str) for cell in there)


def _shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    return str(cell).replace("\t", " ").rstrip("\n")


def _write_bytes(content: bytes, output: Path | None) -> None:
    if output is not None:
        output.write_bytes(content)
        return
    if sys.stdout.isatty():
        raise ConfigError("Parquet is no text; name a file with --output, or write into a pipe")
    sys.stdout.buffer.write(content)
