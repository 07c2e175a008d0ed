"""Generated logs for the benchmarks: a day of Lambda and API lines, seeded, written once.

A request gives START, END and REPORT and a few lines of its own, all with its
id, so ids repeat as they do in an account. The day lies in chunks as a
collector delivers them (a slice of time, group after group), and once more as
one text file in order of time, for tools that read text.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

VERSION = 2
"""Raised whenever the same seed gives other lines."""

LINES = 10_000_000
CHUNK = 50_000
GROUPS = 200
DAY = datetime(2026, 11, 23, tzinfo=UTC)
DAY_MS = 86_400_000
SMALL_GROUP = "/aws/lambda/fn-svc-0042"
"""About one line in three hundred."""

SCHEMA = {
    "log_group": pl.String,
    "log_stream": pl.String,
    "at": pl.Datetime("ms", "UTC"),
    "ingested": pl.Datetime("ms", "UTC"),
    "event_id": pl.String,
    "message": pl.String,
}

_LINES_PER_REQUEST = 10
_JSON_OF_APP_LINES = 5 / 7  # with START, END and REPORT that makes half of all lines
_ROUTES = [
    f"/v1/{thing}/{verb}"
    for thing in ["orders", "users", "cart", "search", "payments", "items", "login", "export"]
    for verb in ["list", "get", "create", "update", "delete"]
]
_MESSAGES = {
    "request completed": 0.30,
    "cache miss, loading from database": 0.15,
    "upstream call finished": 0.15,
    "validation passed for payload": 0.10,
    "publishing event to queue": 0.10,
    "connection timeout while calling downstream, retrying": 0.02,
    "user session refreshed": 0.10,
    "item written to DynamoDB table orders-prod": 0.08,
}
_LEVELS = {"INFO": 0.82, "DEBUG": 0.13, "WARN": 0.035, "ERROR": 0.015}
_METHODS = {"GET": 0.7, "POST": 0.2, "PUT": 0.06, "DELETE": 0.04}
_GOOD = {200: 0.80, 201: 0.06, 204: 0.04, 304: 0.03, 400: 0.03, 404: 0.04}
_KINDS = ("START", "app", "END", "REPORT")
_OUT = Path(__file__).parent / "out"


@dataclass(frozen=True, slots=True)
class Day:
    """Where a generated day lies, and what it holds."""

    folder: Path
    lines: int
    message_bytes: int
    raw_bytes: int
    needle: str
    """A request id that occurs in some ten lines, past the middle of the day."""

    @property
    def raw(self) -> Path:
        """One line an event, in order of time: time, group and message, with tabs between."""
        return self.folder / "raw.txt"

    @property
    def chunk_files(self) -> list[Path]:
        return sorted((self.folder / "chunks").glob("*.parquet"))

    @property
    def chunk_pattern(self) -> str:
        """The same for engines that read Parquet by a pattern."""
        return str(self.folder / "chunks" / "*.parquet")

    def chunks(self) -> Iterator[pl.DataFrame]:
        """Frames of SCHEMA, one after the other as a collector would deliver them."""
        for file in self.chunk_files:
            yield pl.read_parquet(file)


def day(lines: int = LINES) -> Day:
    """The day of so many lines, from the cache below bench/out or generated now."""
    folder = _OUT / f"logs-{lines}-v{VERSION}"
    facts = folder / "day.json"
    if facts.exists():
        return Day(folder, **json.loads(facts.read_text("utf-8")))
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "chunks").mkdir(parents=True)
    made = _written(folder, lines)
    told = {key: value for key, value in asdict(made).items() if key != "folder"}
    facts.write_text(json.dumps(told), "utf-8")
    return made


def _written(folder: Path, lines: int) -> Day:
    count = -(-lines // CHUNK)
    message_bytes, needle = 0, ""
    with (folder / "raw.txt").open("wb") as raw:
        for index in range(count):
            frame = chunk(index, count, min(CHUNK, lines - index * CHUNK))
            frame.write_parquet(folder / "chunks" / f"{index:04d}.parquet", compression="lz4")
            in_time = frame.sort("at", maintain_order=True)
            in_time.select(
                pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"), "log_group", "message"
            ).write_csv(raw, include_header=False, separator="\t", quote_style="never")
            message_bytes += int(frame["message"].str.len_bytes().sum())
            if index == count * 6 // 10:
                needle = _first_request(in_time)
    return Day(folder, lines, message_bytes, (folder / "raw.txt").stat().st_size, needle)


def _first_request(frame: pl.DataFrame) -> str:
    starts = frame["message"].str.extract(r"^START RequestId: (\S+)").drop_nulls()
    return str(starts[len(starts) // 2])


def chunk(index: int, count: int, lines: int) -> pl.DataFrame:
    """Slice ``index`` of ``count`` of the day, sorted by group and time."""
    rng = np.random.default_rng([11, index])
    start = int(DAY.timestamp() * 1000) + DAY_MS * index // count
    span = DAY_MS * (index + 1) // count - DAY_MS * index // count
    requests = max(1, lines // _LINES_PER_REQUEST)
    frame = _lines(rng, lines, requests).join(
        _requests(rng, requests, start, span), on="request", maintain_order="left"
    )
    within = pl.col("within") * pl.col("took")
    at = (pl.col("begun") + within.cast(pl.Int64)).clip(start, start + span - 1)
    ordered = frame.with_columns(at=at.cast(pl.Datetime("ms", "UTC"))).sort(
        "log_group", "at", "kind", maintain_order=True
    )
    return _delivered(ordered.with_columns(message=_message()), index)


def _requests(rng: np.random.Generator, count: int, start: int, span: int) -> pl.DataFrame:
    """One row a request: its group, stream, ids, time and duration in ms."""
    share = np.arange(1, GROUPS + 1) ** -1.1
    identity = _hex(rng, count, 32)
    group = pl.Series(rng.choice(GROUPS, count, p=share / share.sum()))
    return pl.DataFrame(
        {
            "request": np.arange(count),
            "service": group,
            "instance": rng.integers(0, 8, count),
            "id": identity,
            "trace": _hex(rng, count, 32),
            "begun": start + rng.integers(0, span, count),
            "took": np.round(rng.lognormal(3.2, 1.0, count) + 1, 2),
            "memory": rng.integers(60, 512, count),
            "cold": rng.random(count) < 0.02,
        }
    ).with_columns(
        log_group="/aws/lambda/fn-svc-" + pl.col("service").cast(pl.String).str.zfill(4),
        request_id=pl.concat_str(
            [pl.col("id").str.slice(a, n) for a, n in ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))],
            separator="-",
        ),
        trace_id=pl.concat_str(
            pl.lit("1-"), pl.col("trace").str.slice(0, 8), pl.lit("-"), pl.col("trace").str.slice(8)
        ),
    )


def _lines(rng: np.random.Generator, lines: int, requests: int) -> pl.DataFrame:
    """One row a line: which request it belongs to, what kind it is, and its own values."""
    own = lines - 3 * requests
    error_status = rng.choice([500, 502, 503, 504], lines)
    level = rng.choice(list(_LEVELS), lines, p=list(_LEVELS.values()))
    good = rng.choice(list(_GOOD), lines, p=list(_GOOD.values()))
    every = np.arange(requests)
    return pl.DataFrame(
        {
            "request": np.concatenate([every, rng.integers(0, requests, own), every, every]),
            "kind": np.repeat(np.arange(4), [requests, own, requests, requests]),
            "within": np.concatenate(
                [np.zeros(requests), np.sort(rng.random(own)), np.ones(2 * requests)]
            ),
            "json": rng.random(lines) < _JSON_OF_APP_LINES,
            "level": level,
            "status": np.where(level == "ERROR", error_status, good),
            "latency": np.round(rng.lognormal(3.2, 1.0, lines), 2),
            "route": rng.choice(_ROUTES, lines),
            "method": rng.choice(list(_METHODS), lines, p=list(_METHODS.values())),
            "text": rng.choice(list(_MESSAGES), lines, p=list(_MESSAGES.values())),
            "user": rng.integers(0, 200_000, lines),
            "late": rng.integers(200, 3000, lines),
        }
    )


def _hex(rng: np.random.Generator, count: int, width: int) -> NDArray[np.str_]:
    digits = rng.bytes(count * width // 2).hex().encode()
    return np.frombuffer(digits, f"S{width}").astype(f"U{width}")


def _message() -> pl.Expr:
    kind = pl.col("kind")
    return (
        pl.when(kind == _KINDS.index("START"))
        .then(pl.format("START RequestId: {} Version: $LATEST", "request_id"))
        .when(kind == _KINDS.index("END"))
        .then(pl.format("END RequestId: {}", "request_id"))
        .when(kind == _KINDS.index("REPORT"))
        .then(_report())
        .when(pl.col("json"))
        .then(_json())
        .otherwise(_plain())
    )


def _report() -> pl.Expr:
    started = pl.when("cold").then(pl.lit("Init Duration: 312.55 ms\t")).otherwise(pl.lit(""))
    return pl.format(
        "REPORT RequestId: {}\tDuration: {} ms\tBilled Duration: {} ms\t"
        "Memory Size: 512 MB\tMax Memory Used: {} MB\t{}",
        "request_id",
        "took",
        pl.col("took").ceil().cast(pl.Int64),
        "memory",
        started,
    )


def _json() -> pl.Expr:
    """Twelve leaves, one of them a level down three times."""
    return pl.concat_str(
        pl.lit('{"timestamp":"'),
        _iso(),
        pl.format('","level":"{}","service":"svc-{}"', "level", "service"),
        pl.format(',"requestId":"{}","traceId":"{}"', "request_id", "trace_id"),
        pl.lit(',"http":{'),
        pl.format('"method":"{}","route":"{}","status":{}', "method", "route", "status"),
        pl.lit("}"),
        pl.format(',"latency_ms":{},"userId":"u-{}"', "latency", "user"),
        pl.format(',"message":"{}","host":"ip-10-0-3-{}.internal"', "text", "instance"),
        pl.lit("}"),
    )


def _plain() -> pl.Expr:
    return pl.concat_str(
        _iso(),
        pl.format("\t{}\t{}\t{}", "request_id", "level", "text"),
        pl.format(" route={} status={} took={}ms user=u-{}", "route", "status", "latency", "user"),
    )


def _iso() -> pl.Expr:
    return pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")


def _delivered(frame: pl.DataFrame, index: int) -> pl.DataFrame:
    """The columns that FilterLogEvents gives; event ids have 56 digits as AWS's have."""
    number = (pl.int_range(pl.len()) + index * CHUNK).cast(pl.String).str.zfill(42)
    day_text = DAY.strftime("%Y/%m/%d/[$LATEST]")
    return frame.select(
        "log_group",
        log_stream=pl.format(
            day_text + "{}{}c0ffee00c0ffee00c0ffee00",
            pl.col("service").cast(pl.String).str.zfill(4),
            pl.col("instance").cast(pl.String).str.zfill(4),
        ),
        at="at",
        ingested=pl.col("at") + pl.col("late") * timedelta(milliseconds=1),
        event_id=pl.concat_str(pl.lit("3"), pl.col("at").dt.epoch("ms"), number),
        message="message",
    ).cast(SCHEMA)
