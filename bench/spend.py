"""The spend explorer over 30 million rows: 14 months, 200 accounts, by day and usage type.

DuckDB answers the same questions from the same files; totals are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb

from app.model.spend import SpendDimension
from app.model.time import Window
from app.read.spend import Granularity, SpendAnswer, SpendFilter, SpendQuestion, SpendReader
from app.store import Store
from bench.spend_data import FIRST, NOW, account, load, months, usage_type
from bench.store_data import opened
from bench.store_peers import asked, connected
from bench.timing import compare, median_ms, once_ms, peak_rss_mb, report, scratch, size_of

D = SpendDimension
WHOLE = Window(FIRST, max(window.end for window in months()))
TOP = 20
LIMIT_MS = 1_000


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
    reader = SpendReader(store)
    duck = connected()
    files = folder / "store" / "segments" / "spend" / "*" / "*.parquet"
    duck.execute(
        f"CREATE VIEW spend AS SELECT * FROM read_parquet('{files}', hive_partitioning = false) "
        "WHERE account IS NOT NULL AND usage_type IS NOT NULL AND period = 86400"
    )
    in_account = (SpendFilter(D.LINKED_ACCOUNT, (account(7),)),)
    of_type = (SpendFilter(D.USAGE_TYPE, (usage_type(7),)),)
    both = (D.LINKED_ACCOUNT, D.USAGE_TYPE)
    month = Granularity.MONTH
    questions = {
        "everything by day": (SpendQuestion(WHOLE), "1 = 1"),
        "by usage type": (SpendQuestion(WHOLE, group=(D.USAGE_TYPE,), top=TOP), "1 = 1"),
        "by account": (SpendQuestion(WHOLE, group=(D.LINKED_ACCOUNT,), top=TOP), "1 = 1"),
        "by account and usage type": (SpendQuestion(WHOLE, group=both, top=TOP), "1 = 1"),
        "the same by month": (
            SpendQuestion(WHOLE, group=both, top=TOP, granularity=month),
            "1 = 1",
        ),
        "one account by usage type": (
            SpendQuestion(WHOLE, group=(D.USAGE_TYPE,), where=in_account, top=TOP),
            f"account = '{account(7)}'",
        ),
        "one usage type by account": (
            SpendQuestion(WHOLE, group=(D.LINKED_ACCOUNT,), where=of_type, top=TOP),
            f"usage_type = '{usage_type(7)}'",
        ),
    }
    for label, (question, condition) in questions.items():
        _ask(label, lambda q=question: reader.ask(q, NOW).value, duck, question, condition)


def _ask(
    label: str,
    ours: Callable[[], SpendAnswer],
    duck: duckdb.DuckDBPyConnection,
    question: SpendQuestion,
    condition: str,
) -> None:
    first = once_ms(ours)
    report(f"{label}, first time", first, "ms", limit=LIMIT_MS)
    again = median_ms(ours, repeat=5, warm=0)
    keys = [d.column for d in question.group]
    names = ", ".join(['"at"', *keys])
    text = f"SELECT {names}, sum(unblended) AS amount FROM spend WHERE {condition} GROUP BY ALL"
    peer = once_ms(lambda: asked(duck, text))
    total = asked(duck, f"SELECT sum(unblended) AS amount FROM spend WHERE {condition}")
    assert ours().total == Decimal(int(total["amount"][0])).scaleb(-11)
    compare(label, again, peer, peer_name="DuckDB on the rows")


if __name__ == "__main__":
    main()
