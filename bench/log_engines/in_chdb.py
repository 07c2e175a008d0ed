"""ClickHouse in the process (chdb) on two threads: a MergeTree by group and time, or Parquet."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from chdb import session

from bench.log_engines.child import Rows, main


class Chdb:
    """A peer; see :class:`bench.log_engines.child.Engine`."""

    def load(self, order: dict[str, Any]) -> dict[str, Any]:
        chdb = _session(order["native"])
        chdb.query(
            "CREATE TABLE t (log_group LowCardinality(String), log_stream LowCardinality(String),"
            " ts DateTime64(3), message String) ENGINE = MergeTree ORDER BY (log_group, ts)"
        )
        started = time.perf_counter()
        chdb.query(f"INSERT INTO t SELECT * FROM file('{order['parquet']}', Parquet)")
        seconds = time.perf_counter() - started
        chdb.query("OPTIMIZE TABLE t FINAL")
        found = chdb.query(
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 't'", "JSON"
        )
        [size] = json.loads(found.bytes())["data"]
        chdb.close()
        return {"seconds": seconds, "bytes": int(*size.values())}

    def opened(self, order: dict[str, Any]) -> Callable[[], Rows]:
        native = order["storage"] == "native"
        chdb = _session(order["native"] if native else "")
        source = "t" if native else f"file('{order['parquet']}', Parquet)"
        text = order["text"].replace("FROM t", f"FROM {source}")
        return lambda: json.loads(chdb.query(text, "JSONCompact").bytes())["data"]


def _session(folder: str) -> Any:
    chdb = session.Session(folder) if folder else session.Session()
    chdb.query("SET max_threads = 2")
    # A warm figure is of a question that was not asked before; this cache knows the last one.
    chdb.query("SET use_query_condition_cache = 0")
    chdb.query("SET output_format_json_quote_64bit_integers = 0")
    return chdb


if __name__ == "__main__":
    main(Chdb())
