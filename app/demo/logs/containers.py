"""Lines of the ECS services: JSON from ``web``, text with Java stack traces from ``worker``."""

from __future__ import annotations

import numpy as np
import polars as pl

from app.demo.logs.requests import SHARE, at_least_one, minute_of, rows_of, thinned
from app.demo.logs.text import Draws, chosen, filled, hex_seconds, iso, stamped
from app.demo.world.containers import failures, requests
from app.demo.world.noise import Minutes, stream_of
from app.demo.world.platform import Container
from app.demo.world.sheet import Sheet

_PATHS = ("/", "/", "/p/#", "/p/#", "/about", "/tag/aws", "/feed.xml", "/health")
"""``#`` is the number of a post."""

_WEB = (
    '{"timestamp":"<<time>>","level":"<<level>>","logger":"blog.web","thread":"http-<<thread>>",'
    '"message":"<<said>>","http":{"method":"GET","path":"<<path>>","status":<<status>>,'
    '"duration_ms":<<lasts>>},"trace_id":"<<trace>>","user_id":"user_<<user>>"}'
)
_TRACE = """\
java.sql.SQLTransientConnectionException: blog-pool - Connection is not available, request timed \
out after 3000ms.
\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)
\tat com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:181)
\tat com.example.blog.worker.Index.load(Index.java:57)
\tat com.example.blog.worker.Worker.run(Worker.java:112)
Caused by: org.postgresql.util.PSQLException: FATAL: sorry, too many clients already
\tat org.postgresql.core.v3.ConnectionFactoryImpl.doAuthentication(ConnectionFactoryImpl.java:693)
\t... 4 more"""
_WORKER_ERRORS = 0.004


def container_lines(sheet: Sheet, container: Container) -> pl.DataFrame:
    """Every line of a service in an hour."""
    return _web(sheet, container) if container.name == "web" else _worker(sheet, container)


def pages_served(sheet: Sheet, container: Container) -> pl.DataFrame:
    """The logged requests of the web service, one row each."""
    balancer = next(b for b in sheet.deployment.balancers if b.service == container.name)
    failed = failures(sheet, balancer)
    good = requests(sheet, balancer) - failed
    counts = [thinned(sheet, container.name, good), at_least_one(failed, SHARE)]
    numbers, kinds = rows_of(sheet, counts)
    draws, bad = Draws(sheet.draws(f"logs/{container.name}", numbers)), kinds == 1
    at = minute_of(numbers) * 60_000 + draws.below("at", 60_000)
    lasts = np.round(58.0 * np.exp(0.55 * draws.normal("lasts")) * np.where(bad, 9.0, 1.0), 1)
    return pl.DataFrame(
        {
            "at": at,
            "mark": draws.rows,
            "post": draws.below("post", 9_000),
            "user": draws.below("user", 400),
            "thread": draws.below("thread", 24),
            "lasts": lasts,
            "status": np.where(bad, 500, 200),
            "level": chosen(("INFO", "ERROR"), kinds),
            "said": chosen(("request served", "request failed: upstream timed out"), kinds),
            "root": hex_seconds(at),
            "tail": draws.hexadecimal("trace", 24),
            "path": draws.pick("path", _PATHS),
        }
    ).with_columns(
        trace=filled("1-<<root>>-<<tail>>"),
        time=iso("at"),
        path=pl.col("path").str.replace("#", pl.col("post").cast(pl.String), literal=True),
    )


def _web(sheet: Sheet, container: Container) -> pl.DataFrame:
    return _lines(sheet, container, pages_served(sheet, container), filled(_WEB))


def _worker(sheet: Sheet, container: Container) -> pl.DataFrame:
    jobs = sheet.count(f"{container.name}/jobs", 9.0 * sheet.demand)
    failed = sheet.thin(f"{container.name}/failed", jobs, _WORKER_ERRORS)
    numbers, kinds = rows_of(sheet, [(jobs - failed).astype(np.int64), at_least_one(failed, 1.0)])
    draws = Draws(sheet.draws(f"logs/{container.name}", numbers))
    rows = pl.DataFrame(
        {
            "at": minute_of(numbers) * 60_000 + draws.below("at", 60_000),
            "mark": draws.rows,
            "thread": draws.below("thread", 6),
            "posts": draws.below("posts", 30),
            "lasts": draws.below("lasts", 180) + 12,
            "failed": kinds == 1,
        }
    ).with_columns(time=stamped("at", "%Y-%m-%d %H:%M:%S,%3f"))
    good = filled(
        "<<time>> INFO  [worker-<<thread>>] com.example.blog.worker.Index - indexed <<posts>> "
        "posts in <<lasts>> ms"
    )
    bad = filled(
        "<<time>> ERROR [worker-<<thread>>] com.example.blog.worker.Index - indexing failed\n"
        + _TRACE
    )
    return _lines(sheet, container, rows, pl.when("failed").then(bad).otherwise(good))


def _lines(
    sheet: Sheet, container: Container, rows: pl.DataFrame, message: pl.Expr
) -> pl.DataFrame:
    return rows.select(
        "at",
        _streams(sheet, container, rows["mark"].to_numpy()).alias("stream"),
        message.alias("message"),
        "mark",
        pl.lit(300, dtype=pl.Int64).alias("part"),
    )


def _streams(sheet: Sheet, container: Container, marks: np.ndarray) -> pl.Series:
    """One stream for each task; tasks are replaced once a day."""
    day = int(sheet.start) // 1440
    names = []
    for task in range(container.desired):
        name = f"{sheet.deployment.place}/{container.name}/{task}/{day}"
        digits = f"{stream_of(name):016x}{stream_of(f'{name}~'):016x}"
        names.append(f"{container.name}/{container.name}/{digits}")
    positions: Minutes = (marks % np.uint64(container.desired)).astype(np.int64)
    return chosen(names, positions)
