"""DuckDB on two threads: its own file, or Parquet."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import duckdb

from bench.log_engines.child import Rows, main


class DuckDb:
    """A peer; see :class:`bench.log_engines.child.Engine`."""

    def load(self, order: dict[str, Any]) -> dict[str, Any]:
        connection = _connected(order["native"])
        started = time.perf_counter()
        connection.execute(
            "CREATE TABLE t AS SELECT * FROM "
            f"read_parquet('{order['parquet']}', hive_partitioning = false)"
        )
        connection.close()
        return {"seconds": time.perf_counter() - started}

    def opened(self, order: dict[str, Any]) -> Callable[[], Rows]:
        native = order["storage"] == "native"
        connection = _connected(order["native"] if native else "", read_only=native)
        if not native:
            connection.execute(
                "CREATE VIEW t AS SELECT * FROM "
                f"read_parquet('{order['parquet']}', hive_partitioning = false)"
            )
        return lambda: connection.execute(order["text"]).fetchall()


def _connected(file: str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(file, read_only=read_only) if file else duckdb.connect()
    connection.execute("SET threads = 2")
    return connection


if __name__ == "__main__":
    main(DuckDb())
