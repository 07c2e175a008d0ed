"""Generated traces for the benchmark: a few requests as documents, copied to a day of them.

Copies have ids, times, tenants, users and outcomes of their own. Of most traces only
the summary is stored, as where a budget lets few be retrieved.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from app.model.ids import Place
from app.model.trace_reading import trace_of
from app.model.traces import Origin, Trace, TraceDocuments, TraceSource
from app.store import roster
from app.store.catalog import Catalog, bump, default_url
from app.store.files import LocalFiles
from app.store.segments import Level, encode
from app.store.tables import Table
from app.store.trace_rows import frame, span_rows, trace_row
from app.store.trace_tables import SPANS, TRACES
from tests.support.traces import branching, handed_over

DAY = datetime(2026, 11, 23, tzinfo=UTC)
PLACE = Place("111111111111", "eu-west-1")
ORIGIN = Origin(PLACE, TraceSource.XRAY)
ROUTES = ("posts", "comments", "search", "login", "media", "feed", "tags", "admin")
TENANTS = 40
SEGMENTS_EACH = 5

Document = dict[str, Any]


def write(folder: Path, frames: Mapping[str, pl.DataFrame], now: datetime) -> None:
    """Rows as fresh segments of the store in ``folder``; through documents it would take hours."""
    catalog, files = Catalog(default_url(folder)), LocalFiles(folder)
    with catalog.write() as connection:
        seq = bump(connection)
        ready = [
            encode(table, _stored(table, frames[table.name], seq), Level.FRESH)
            for table in (TRACES, SPANS)
            if table.name in frames
        ]
        for one in ready:
            files.put(one.segment.path, one.content)
        roster.add(connection, [one.segment for one in ready], seq, now)
    catalog.close()


def _stored(table: Table, rows: pl.DataFrame, seq: int) -> pl.DataFrame:
    filled = rows.with_columns(seq=pl.lit(seq, dtype=pl.UInt64)).cast(table.schema)
    return filled.select(table.schema.names()).sort(table.key)


def days(traces: int, at_once: int, *, spans: bool) -> Iterator[dict[str, pl.DataFrame]]:
    """Rows of traces over a day; without ``spans`` only of their summaries."""
    made = [_trace(number) for number in range(len(ROUTES) * 4)]
    rows = frame(TRACES, [trace_row(trace, DAY) for trace in made], 0)
    inner = frame(SPANS, [row for trace in made for row in span_rows(trace, DAY)], 0)
    for first in range(0, traces, at_once):
        copies = _copies(first, at_once, len(made), traces, spans=spans)
        together = copies.join(rows.with_columns(template="trace_id"), on="template")
        frames = {TRACES.name: _shaped(together, TRACES.schema.names(), spans=spans)}
        if spans:
            own = copies.join(inner.with_columns(template="trace_id"), on="template")
            frames[SPANS.name] = _shaped(own, SPANS.schema.names(), spans=True)
        yield frames


def _copies(first: int, count: int, made: int, traces: int, *, spans: bool) -> pl.DataFrame:
    """The ids, times, factors and marks of copies ``first`` and following."""
    numbers = np.arange(first, first + count)
    rng = np.random.default_rng(first + spans)
    seconds = numbers * 86_400 // traces
    ids = [
        f"1-{int(DAY.timestamp()) + at:08x}-{n * 0x9E3779B97F4A7C15 % 2**95 + spans * 2**95:024x}"
        for n, at in zip(numbers.tolist(), seconds.tolist(), strict=True)
    ]
    return pl.DataFrame(
        {
            "new_id": ids,
            "template": [_id(n % made) for n in numbers.tolist()],
            "later": seconds * 1_000_000,
            "factor": rng.gamma(4, 0.25, count),
            "failed": rng.random(count) < 0.01,
            "tenant": rng.integers(0, TENANTS, count),
            "who": rng.integers(0, 20_000, count),
        }
    )


def _shaped(rows: pl.DataFrame, names: list[str], *, spans: bool) -> pl.DataFrame:
    """Template rows as those of their copies."""
    later, tenant = pl.col("later"), pl.format("t{}", "tenant")
    changed: dict[str, pl.Expr] = {
        "trace_id": pl.col("new_id"),
        "shard": pl.col("new_id").str.slice(-8).str.to_integer(base=16).cast(pl.UInt32),
        "start": pl.col("start") + later,
        "at": pl.col("at") + pl.duration(microseconds=later),
    }
    for name in ("duration", "response_time", "call_duration"):
        if name in names:
            changed[name] = (pl.col(name) * pl.col("factor")).cast(pl.Int64)
    if "users" in names:
        changed["users"] = pl.concat_list(pl.format("u-{}", "who"))
        entry = pl.struct(
            key=pl.lit("tenant"), text=tenant,
            number=pl.lit(None, pl.Float64), flag=pl.lit(None, pl.Boolean),
        )  # fmt: skip
        changed["annotations"] = pl.concat_list(entry, pl.col("annotations"))
        changed["fault"] = pl.col("failed")
        changed["status"] = pl.when("failed").then(502).otherwise("status").cast(pl.Int32)
        changed["spans"] = pl.col("spans") * int(spans)
    else:
        changed["fault"] = pl.col("failed") & (pl.col("node_name") != "mail")
    return rows.with_columns(**changed).select(name for name in names if name != "seq")


def _id(number: int) -> str:
    return f"1-{int(DAY.timestamp()):08x}-{number:024x}"


def _trace(number: int) -> Trace:
    """A request: a stage, a function in its two parts, a table and a queue."""
    route, ids = ROUTES[number % len(ROUTES)], (f"{n:016x}" for n in itertools.count(1))
    id_, start = _id(number), DAY.timestamp()

    def part(name: str, at: float, took: float, **more: Any) -> Document:
        times = {"start_time": start + at / 1000, "end_time": start + (at + took) / 1000}
        return {"name": name, "id": next(ids), **times, **more}

    read = part("DynamoDB", 22, 30, namespace="aws", aws={
        "operation": "GetItem", "table_name": route, "request_id": f"r{number}",
    })  # fmt: skip
    send = part("SQS", 60, 10, namespace="aws", aws={
        "operation": "SendMessage", "queue_url": "https://sqs.eu-west-1.amazonaws.com/1/mail",
    })  # fmt: skip
    handler = part("handler", 20, 60, subsegments=[read, send])
    invoke = part("Lambda", 5, 80, namespace="aws", aws={"function_name": f"blog-{route}"})
    url = f"https://blog.example.org/{route}/{number}"
    answer = {"request": {"method": "GET", "url": url}, "response": {"status": 200}}
    stage = part(
        f"blog/{route}", 0, 90, origin="AWS::ApiGateway::Stage", http=answer, subsegments=[invoke]
    )
    stage["annotations"] = {"version": number % 3, "beta": number % 2 == 0}
    service = part(f"blog-{route}", 10, 75, origin="AWS::Lambda", parent_id=invoke["id"])
    function = part(
        f"blog-{route}", 18, 64, origin="AWS::Lambda::Function", parent_id=service["id"],
        subsegments=[handler],
    )  # fmt: skip
    documents = [{**each, "trace_id": id_} for each in (stage, service, function)]
    return trace_of(id_, documents, None, ORIGIN)


def wide(segments: int) -> TraceDocuments:
    """One trace of so many segments, each of which calls two others."""
    id_ = f"1-{int(DAY.timestamp()):08x}-{2**96 - 1:024x}"
    return handed_over(*branching(segments, id_, DAY), place=PLACE, whole=True)
