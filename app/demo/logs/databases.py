"""Lines of PostgreSQL on RDS: slow statements, checkpoints, and a disk that runs full."""

from __future__ import annotations

import numpy as np
import polars as pl

from app.demo.logs.requests import at_least_one, minute_of, rows_of
from app.demo.logs.text import Draws, filled, stamped
from app.demo.world.incidents import Kind
from app.demo.world.platform import Database
from app.demo.world.sheet import Sheet

_SLOW, _NEARLY_FULL = 2.5, 0.6
_SESSION = "<<time>> UTC:10.0.1.<<host>>(<<port>>):blog@blog:[<<process>>]:"
_FULL = (
    f'{_SESSION}ERROR:  could not extend file "base/16401/<<file>>": No space left on device\n'
    "HINT:  Check free disk space."
)
_QUESTION = "SELECT p.id, p.title FROM posts p JOIN authors a ON a.id = p.author ORDER BY p.at DESC"
_STATEMENT = "LOG:  duration: <<lasts>>.<<process>> ms  execute <unnamed>: "
_CHECKPOINT = (
    "<<time>> UTC::@:[418]:LOG:  checkpoint complete: wrote <<host>> buffers (0.1%); 0 WAL file(s) "
    "added, 0 removed, 1 recycled; write=<<lasts>>.104 s, sync=0.006 s"
)


def database_lines(sheet: Sheet, database: Database) -> pl.DataFrame:
    """Every line of an instance in an hour."""
    load = sheet.demand / sheet.deployment.scale
    trouble = sheet.strength(Kind.STORAGE) * sheet.progress(Kind.STORAGE)
    full = sheet.count(f"{database.name}/full", 6.0 * np.where(trouble > _NEARLY_FULL, trouble, 0))
    numbers, kinds = rows_of(
        sheet,
        [
            sheet.count(f"{database.name}/slow", _SLOW * load).astype(np.int64),
            (sheet.minutes % 5 == 0).astype(np.int64),
            at_least_one(full, 1.0),
        ],
    )
    draws = Draws(sheet.draws(f"logs/{database.name}", numbers))
    rows = pl.DataFrame(
        {
            "at": minute_of(numbers) * 60_000 + draws.below("at", 60) * 1000,
            "mark": draws.rows,
            "kind": kinds,
            "host": draws.below("host", 200) + 20,
            "port": draws.below("port", 28_000) + 32_768,
            "process": draws.below("process", 900) + 100,
            "file": draws.below("file", 60_000),
            "lasts": draws.below("lasts", 2_400) + 1_000,
        }
    ).with_columns(time=stamped("at", "%Y-%m-%d %H:%M:%S"))
    kind = pl.col("kind")
    message = (
        pl.when(kind == 0)
        .then(filled(_SESSION + _STATEMENT + _QUESTION))
        .when(kind == 1)
        .then(filled(_CHECKPOINT))
        .otherwise(filled(_FULL))
    )
    return rows.select(
        "at",
        pl.lit(f"{database.name}.0").alias("stream"),
        message.alias("message"),
        "mark",
        pl.lit(600, dtype=pl.Int64).alias("part"),
    )
