"""``watchdeck spend memory``: what a function costs with several memory sizes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from app.catalogue import load_catalogue
from app.config import Settings
from app.model.errors import ConfigError
from app.model.time import Window
from app.read import Reads
from app.read.books import Books
from app.read.logs import LogsReader, limits_of
from app.read.memory_runs import memory_runs
from app.read.moments import moment
from app.read.spend import CostsReader, MemoryComparison, MemoryRun, compare_memory, memory_cost
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.report_query import Cell, Format, write
from app.run.report_store import opened
from app.store import Store

COLUMNS = ("memory_mb", "invocations", "average_ms", "usd_per_million", "change", "from")


@dataclass(frozen=True, slots=True)
class Asked:
    """Memory sizes with how long the function ran, in words of the command line.

    With ``group`` they come from the log of the function.
    """

    runs: tuple[str, ...]
    region: str
    arm: bool
    group: str | None = None
    since: str = "14d"


def compare(settings: Settings, asked: Asked, form: Format, output: Path | None) -> int:
    """A row a size; the change is against the first."""
    given = [_run(text) for text in asked.runs]
    with opened(settings) as store:
        book = CostsReader(Books(store, load_catalogue()), ()).prices(utc_now())
        runs = [*(_logged(settings, store, asked) if asked.group else ()), *given]
    if not runs:
        raise ConfigError("name MEMORY_MB=AVERAGE_MS, or --group with REPORT lines in that time")
    first = memory_cost(book, runs[0], asked.region, arm=asked.arm)
    found = [compare_memory(book, runs[0], run, asked.region, arm=asked.arm) for run in runs]
    write(COLUMNS, [_row(each) for each in found], form, output)
    best = min(found, key=lambda each: each.after.usd)
    if best.after.usd < first.usd:
        sys.stderr.write(f"watchdeck: cheapest is {best.said}\n")
    return Exit.OK


def _logged(settings: Settings, store: Store, asked: Asked) -> tuple[MemoryRun, ...]:
    now = utc_now()
    window = Window(moment(asked.since, now, "--since"), now)
    places = Reads(store, load_catalogue(settings.catalogue.extras), settings).places
    logs = LogsReader(store, limits_of(settings.queries), counting_queries=True)
    return memory_runs(logs, str(asked.group), window, places, now)


def _run(text: str) -> MemoryRun:
    memory, _, average = text.partition("=")
    try:
        run = MemoryRun(Decimal(memory), Decimal(average))
    except InvalidOperation:
        run = MemoryRun(Decimal(0), Decimal(0))
    if not (Decimal(run.memory_mb).is_finite() and run.memory_mb > 0 and run.average_ms > 0):
        raise ConfigError(f"{text}: write MEMORY_MB=AVERAGE_MS, as in 512=830")
    return run


def _row(each: MemoryComparison) -> list[Cell]:
    after = each.after
    return [
        f"{Decimal(after.run.memory_mb):f}",
        str(after.run.invocations or ""),
        f"{Decimal(str(after.run.average_ms)):f}",
        f"{after.usd:f}",
        f"{each.change * 100:+.0f} %",
        after.price.said,
    ]
