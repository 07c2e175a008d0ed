"""What stored log events say of memory and of DEBUG lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from alerts.findings.logged import RULES
from app.model.hashing import event_hashes
from app.model.logs import EVENT_COLUMNS, LogGroup, LogGroupKey, LogRows
from app.model.rounds import Batch
from tests.alerts.findings.yard import alarms, covered, hours, judged, resource, rule_of
from tests.support.shelf import HOME, NOW, Shelf

MEMORY, DEBUG = rule_of(RULES, "LAM-08"), rule_of(RULES, "CW-03")
PRICES = {"Lambda-GB-Second": "0.0000166667", "Lambda-GB-Second-ARM": "0.0000133334"}


def report(used: int) -> str:
    return (
        "REPORT RequestId: 8286a188-ba32-4475-8077-530cd35c0000\tDuration: 5.50 ms\t"
        f"Billed Duration: 6 ms\tMemory Size: 1024 MB\tMax Memory Used: {used} MB\t"
    )


def written(shelf: Shelf, name: str, messages: Sequence[str]) -> None:
    """Events of the last half hour, in a group that is listed."""
    key = LogGroupKey(HOME, name)
    times = [NOW - timedelta(seconds=1 + n % 1700) for n in range(len(messages))]
    ids = pl.Series([f"{name}{n}" for n in range(len(messages))])
    frame = pl.DataFrame(
        {
            "group": [0] * len(messages),
            "at": times,
            "ingested": times,
            "stream": ["s"] * len(messages),
            "event": event_hashes(key, ids),
            "message": messages,
        },
        schema=EVENT_COLUMNS,
    )
    rows = LogRows((key,), frame, more_fields=True)
    group = LogGroup(key, f"arn:aws:logs:{HOME.region}:{HOME.account}:log-group:{name}:*")
    shelf.commit(Batch(logs=rows, log_groups=[group]))


def functions(shelf: Shelf, *names: str) -> None:
    known = {"MemorySize": 1024, "Architectures": ["arm64"]}
    made = [
        resource("lambda", "function", name, known, dimensions={"FunctionName": name})
        for name in names
    ]
    shelf.resources(*made)
    covered(shelf, "AWS/Lambda")
    for each in made:
        hours(shelf, each, "AWS/Lambda", "Duration", "3600000x167")


def test_memory_that_no_run_used_costs_what_is_spare(shelf: Shelf) -> None:
    """A function that is always busy with 1 GB is billed 2,628,000 GB-s a month; 192 MB do."""
    functions(shelf, "small", "fits", "rare")
    written(shelf, "/aws/lambda/small", [report(100 + n % 20) for n in range(120)])
    written(shelf, "/aws/lambda/fits", [report(100)] * 119 + [report(512)])
    written(shelf, "/aws/lambda/rare", [report(100)] * 99)
    run, found = judged(shelf, MEMORY, PRICES)
    assert alarms(found) == [("small", "28.47")]
    assert found[0].reason == (
        "at most 119 of 1024 MB were used in 120 runs of a day; 192 MB would do"
    )
    assert (run.ok, run.skip) == (1, 1)


def test_one_debug_line_in_a_hundred_is_enough(shelf: Shelf) -> None:
    plain, chatty = ["INFO all is well"] * 990, ["DEBUG body={}"] * 10
    written(shelf, "/a", [*plain, *chatty])
    written(shelf, "/b", [*plain, *chatty, "DEBUG more"])
    written(shelf, "/few", ["DEBUG"] * 999)
    run, found = judged(shelf, DEBUG)
    assert alarms(found) == [("/b", None)]
    assert (run.ok, run.skip) == (1, 1)
