"""DuckDB as a peer without pyarrow: frames go in and out through Arrow's C interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl


class Given:
    """A frame as nothing but an Arrow stream, which DuckDB reads without a copy."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


def connected(file: Path | None = None) -> duckdb.DuckDBPyConnection:
    """DuckDB on two threads, in memory or in a file."""
    connection = duckdb.connect(str(file)) if file else duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def asked(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    """The answer to a query as a frame."""
    answer: Any = connection.sql(query)
    return pl.DataFrame(answer)
