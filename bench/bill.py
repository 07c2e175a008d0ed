"""Ten million lines of a Cost and Usage Report, from Parquet files to an answer."""

from __future__ import annotations

import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import polars as pl

from app.model.rounds import Batch
from app.model.spend import SpendDimension, Tag
from app.read.spend import SpendQuestion, SpendReader
from app.store import Lease, Store
from bench.bill_data import MONTH
from bench.store_data import NOW, opened
from bench.store_peers import connected
from bench.timing import compare, once_ms, peak_rss_mb, report, scratch, size_of
from collectors.bill_files import BillFile
from collectors.bill_intake import taken

D = SpendDimension


def main() -> None:
    with scratch() as folder:
        store, lease = opened(folder)
        lines = _written(folder / "report")
        report("files of the report", size_of(folder / "report") / 2**20, "MiB")
        begun = time.process_time()
        took = once_ms(lambda: _take(store, lease, folder / "report"))
        worked = time.process_time() - begun
        report(
            f"{lines:,} lines taken", lines / took * 1000, "lines/s", limit=500_000, better="more"
        )
        report("lines in a second of processor time", lines / worked, "lines/s")
        report("most memory", peak_rss_mb(), "MB")
        report("on disk", size_of(folder / "store") / 2**20, "MiB")
        _compare(folder, took)
        _ask(store, folder / "report")
        store.close()


def _written(folder: Path) -> int:
    """Make the report in another process, whose memory does not count."""
    code = "import sys, pathlib, bench.bill_data as b; print(b.write(pathlib.Path(sys.argv[1])))"
    made = subprocess.run(
        [sys.executable, "-c", code, str(folder)], check=True, capture_output=True, text=True
    )
    return int(made.stdout)


def _take(store: Store, lease: Lease, folder: Path) -> None:
    files = (BillFile(path.name, path) for path in sorted(folder.rglob("*.parquet")))
    staged, _ = taken(store, files, MONTH, NOW)
    store.commit(Batch(staged_spend=staged), lease=lease, now=NOW)


def _compare(folder: Path, took: float) -> None:
    """DuckDB writes the same columns in the same order, without sums and without a commit."""
    duck = connected()
    files, target = folder / "report/data/*/*.parquet", folder / "peer.parquet"
    query = (
        "COPY (SELECT line_item_usage_start_date, line_item_usage_account_id, "
        "line_item_product_code, line_item_usage_type, product_region_code, "
        "line_item_line_item_type, line_item_operation, line_item_resource_id, pricing_unit, "
        "resource_tags, round(line_item_unblended_cost * 1e11)::BIGINT AS unblended, "
        f"line_item_usage_amount FROM read_parquet('{files}') "
        "ORDER BY line_item_usage_account_id, line_item_usage_type, line_item_usage_start_date) "
        f"TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )
    peer = once_ms(lambda: duck.execute(query))
    compare("taken, against DuckDB sorting and writing alone", took, peer)
    report("on disk by DuckDB", target.stat().st_size / 2**20, "MiB")


def _ask(store: Store, folder: Path) -> None:
    reader = SpendReader(store)
    whole = pl.scan_parquet(folder / "data/**/*.parquet").select("line_item_unblended_cost").sum()
    expected = whole.collect().item()
    questions = {
        "by service": (D.SERVICE,),
        "by account and usage type": (D.LINKED_ACCOUNT, D.USAGE_TYPE),
        "by tag": (Tag("team"),),
        "by resource": (D.RESOURCE,),
    }
    for label, group in questions.items():
        question = SpendQuestion(MONTH, group=group, top=20)
        report(label, once_ms(lambda q=question: reader.ask(q, NOW)), "ms")
        total = reader.ask(question, NOW).value.total
        assert abs(total - Decimal(expected)) < Decimal("0.01"), (total, expected)


if __name__ == "__main__":
    main()
