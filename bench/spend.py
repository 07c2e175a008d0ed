"""The spend explorer over 30 million rows: 14 months, 200 accounts, by day and usage type.

Measured is what the page does for an address: the period and the one before it, the chart,
300 rows, the menus. DuckDB sums the same period from the same files; totals are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal
from functools import partial
from pathlib import Path
from time import process_time

import duckdb

from app.catalogue import load_catalogue
from app.config import AccountSettings, Settings
from app.model.spend import SpendDimension
from app.model.time import Window, epoch_ms
from app.read import Reads, Scope
from app.store import Store
from bench.spend_data import FIRST, NOW, PAYER, account, load, months, usage_type
from bench.store_data import opened
from bench.store_peers import asked, connected
from bench.timing import compare, median_ms, once_ms, peak_rss_mb, report, scratch, size_of
from dashboards.pages import spend_explorer
from dashboards.pages.explorer_found import find
from dashboards.pages.explorer_state import Chosen
from dashboards.parts import Seen

WHOLE = Window(FIRST, max(window.end for window in months()))
"""The range of the page, for addresses that name no period."""

LIMIT_MS = 1_000
OF_ACCOUNT, OF_TYPE = f"LINKED_ACCOUNT={account(7)}", f"USAGE_TYPE={usage_type(7)}"
BOTH = {"by": "LINKED_ACCOUNT", "then": "USAGE_TYPE"}
ADDRESSES: Mapping[str, Mapping[str, str]] = {
    "everything": {"by": "all"},
    "everything, by day": {"by": "all", "per": "day"},
    "by usage type": {"by": "USAGE_TYPE"},
    "by account": {"by": "LINKED_ACCOUNT"},
    "by account and usage type": {**BOTH},
    "the same by day": {**BOTH, "per": "day"},
    "one account by usage type": {"by": "USAGE_TYPE", "where": OF_ACCOUNT},
    "one usage type by account": {"by": "LINKED_ACCOUNT", "where": OF_TYPE},
    "six months against the six before": {**BOTH, "period": "6m"},
    "the same six by day": {**BOTH, "period": "6m", "per": "day"},
    "last month against the one before": {**BOTH, "period": "last-month"},
}


def main() -> None:
    with scratch() as folder:
        store, lease = opened(folder)
        rows = 0

        def loaded() -> None:
            nonlocal rows
            rows = load(store, lease)

        took = once_ms(loaded)
        report(f"{rows:,} rows taken in", rows / took * 1000, "rows/s")
        report("on disk", size_of(folder) / 2**20, "MiB")
        _explore(store, folder)
        report("most memory", peak_rss_mb(), "MB")
        store.close()


def _explore(store: Store, folder: Path) -> None:
    payer = AccountSettings(id=PAYER, name="payer", regions=["us-east-1"])
    reads = Reads(store, load_catalogue(), Settings(accounts=[payer]))
    scope = Scope(WHOLE, (), NOW)
    duck = connected()
    files = folder / "store" / "segments" / "spend" / "*" / "*.parquet"
    duck.execute(
        f"CREATE VIEW spend AS SELECT * FROM read_parquet('{files}', hive_partitioning = false) "
        "WHERE account IS NOT NULL AND usage_type IS NOT NULL AND period = 86400"
    )
    for label, address in ADDRESSES.items():
        _open(label, Chosen.of(address), reads, scope, duck)


def _open(
    label: str, chosen: Chosen, reads: Reads, scope: Scope, duck: duckdb.DuckDBPyConnection
) -> None:
    seen = Seen(scope.now, UTC)
    shown = partial(spend_explorer.answer, reads, chosen, scope, seen)
    report(f"{label}, first time", once_ms(shown), "ms", limit=LIMIT_MS)
    working = process_time()
    again = median_ms(shown, repeat=5, warm=0)
    report(f"{label}, of processor time", (process_time() - working) * 1000 / 5, "ms")
    told = find(reads, chosen, scope).reading.value
    start, end = (epoch_ms(at) for at in (told.question.window.start, told.question.window.end))
    wanted = [f'epoch_ms("at") >= {start} AND epoch_ms("at") < {end}']
    wanted += [f"{_column(one.dimension)} = '{one.values[0]}'" for one in chosen.where]
    condition = " AND ".join(wanted)
    names = ", ".join([f"date_trunc('{told.question.granularity}', \"at\")", *_columns(chosen)])
    text = f"SELECT {names}, sum(unblended) AS amount FROM spend WHERE {condition} GROUP BY ALL"
    peer = once_ms(lambda: asked(duck, text))
    total = asked(duck, f"SELECT sum(unblended) AS amount FROM spend WHERE {condition}")
    assert told.total == Decimal(int(total["amount"][0])).scaleb(-11)
    compare(label, again, peer, peer_name="DuckDB on the rows")


def _columns(chosen: Chosen) -> list[str]:
    return [_column(dimension) for dimension in chosen.group]


def _column(dimension: object) -> str:
    assert isinstance(dimension, SpendDimension)
    return dimension.column


if __name__ == "__main__":
    main()
