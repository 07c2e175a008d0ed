"""What the page of logs takes beside its queries, and how soon its rows are there.

A store holds a generated day of 200,000 Lambda and API lines. Each step of the
page is timed with the JSON that is sent for it: the form, the start of a query, a
look at how far it is, marks under mistakes, the drawing of answers, an event
beside them. Queries run on threads of their own; the peer is the default query
itself, so the ratio tells how little the page adds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from plotly.utils import PlotlyJSONEncoder

from app.catalogue import load_catalogue
from app.config import Settings, StoreSettings
from app.model.rounds import Batch
from app.read import Jobs, Reads, Scope
from app.store import open_store
from bench.log_engines.in_watchdeck import PLACE, SAME_DAY, WINDOW, log_rows
from bench.logs_data import chunk
from bench.timing import compare, percentile, report, scratch, timed
from dashboards.pages import log_answer, log_form, log_side, logs
from dashboards.parts import Seen

LIMIT_MS = 100.0
CHUNKS, LINES = 20, 10_000
REPEAT = 40
SEEN = Seen(SAME_DAY, UTC)
WRONG = "fields level\n| filter strlenn(level) > 1\n| stats cuont(*) by bin(5m)"
MANY = "fields @timestamp, @log, @message"


def main() -> None:
    """Print each step's median and p95, and the p95 over all."""
    with scratch() as folder:
        _fill(folder)
        account = {"id": PLACE.account, "name": "bench", "regions": [PLACE.region]}
        store = open_store(StoreSettings(path=folder), SAME_DAY, writer=False)
        reads = Reads(store, load_catalogue(), Settings.model_validate({"accounts": [account]}))
        steps, query = _steps(reads)
        taken: list[float] = []
        for label, step in steps.items():
            found = timed(step, repeat=REPEAT)
            taken += found.samples
            print(f"{label}: median {found.median:.1f} ms, p95 {found.p95:.1f} ms")
        asked = timed(query)
        store.close()
    print(f"load of the machine: {', '.join(f'{each:.1f}' for each in os.getloadavg())}")
    report("first rows of a day", asked.median, "ms")
    compare("page of logs, a step", percentile(taken, 0.5), asked.median, peer_name="its query")
    report("page of logs, a step, p95", percentile(taken, 0.95), "ms", limit=LIMIT_MS)


def _fill(folder: Path) -> None:
    store = open_store(StoreSettings(path=folder), SAME_DAY)
    lease = store.acquire("bench", SAME_DAY, timedelta(days=7))
    assert lease is not None
    for index in range(CHUNKS):
        rows = log_rows(chunk(index, CHUNKS, LINES), fields=True)
        store.commit(Batch(logs=rows), lease=lease, now=SAME_DAY)
    store.upkeep.compact(lease, SAME_DAY)
    store.close()


def _steps(reads: Reads) -> tuple[dict[str, Callable[[], Any]], Callable[[], Any]]:
    """What the page does, by name, and the query that it shows at first."""
    scope, jobs = Scope(WINDOW, reads.places, SAME_DAY), Jobs()
    about = logs.question(log_form.FIRST, "", scope)
    rows, times = reads.log_page.rows(about), reads.log_page.over_time(about)
    many = reads.log_page.rows(logs.question(MANY, "", scope))
    waiting = logs.begin(jobs, reads, about)
    jobs.look(waiting, wait=30)
    names = [name for name, _ in rows.columns]
    first = {"id": "0", **dict(zip(names, rows.rows[0], strict=True))}

    def begin() -> None:
        jobs.cancel(logs.begin(jobs, reads, about))

    def looked() -> list[Any]:
        return logs.answer(reads, logs.Shown(waiting, 2), jobs.look(waiting), scope, SEEN)

    steps: dict[str, Callable[[], Any]] = {
        "open the page": lambda: _sent(logs.layout(reads)),
        "start a query": begin,
        "look how far it is": lambda: _sent(looked()),
        "mark mistakes": lambda: _sent(log_answer.marked(WRONG, reads.log_page.mistakes(WRONG))),
        "draw 100 rows": lambda: _sent(log_answer.rows(rows, rows.reading, SEEN)),
        "draw 1,000 rows": lambda: _sent(log_answer.rows(many, many.reading, SEEN)),
        "draw times and fields": lambda: _sent(
            log_answer.over_time(rows, times, rows.reading, scope, SEEN)
        ),
        "open an event": lambda: _sent(log_side.event(reads, first, UTC)),
    }
    return steps, lambda: reads.log_page.rows(about)


def _sent(answer: Any) -> int:
    return len(json.dumps(answer, cls=PlotlyJSONEncoder))


if __name__ == "__main__":
    main()
