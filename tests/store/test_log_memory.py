"""Which events are there already is known in bounded memory."""

from __future__ import annotations

import polars as pl

from app.model.logs import LogGroupKey
from app.store import Store
from app.store.log_memory import EventMemory
from tests.store.log_samples import API, JOBS, rows, write
from tests.store.samples import Writing


def asked(store: Store, *groups: LogGroupKey) -> pl.DataFrame:
    """Events of groups as a commit asks for them, the minutes 0 and 200 of each."""
    logs = rows({group: [(0, "at 0"), (200, "at 200")] for group in groups})
    ids = [store.logs.ids()[group] for group in groups]
    return logs.frame.with_columns(
        pl.col("group").replace_strict(list(range(len(groups))), ids, return_dtype=pl.UInt32)
    )


def test_of_a_small_group_only_its_own_rows_are_read(writing: Writing) -> None:
    many = [(minute, f"at {minute}") for minute in range(100)]
    write(writing, rows({API: many, JOBS: many[:2]}))
    memory = EventMemory(writing.store.logs)
    assert memory.known(asked(writing.store, JOBS)).tolist() == [True, False]
    assert memory.held == 0
    assert memory.known(asked(writing.store, API)).tolist() == [True, False]
    assert memory.held == 102
    assert memory.known(asked(writing.store, JOBS)).tolist() == [True, False]


def test_a_segment_without_the_group_is_not_read(writing: Writing) -> None:
    write(writing, rows({API: [(0, "at 0")]}))
    write(writing, rows({JOBS: [(0, "at 0")]}))
    memory = EventMemory(writing.store.logs)
    memory.known(asked(writing.store, API))
    assert memory.held == 1


def test_no_more_events_than_allowed_are_remembered(writing: Writing) -> None:
    for start in range(0, 300, 100):
        write(writing, rows({API: [(start + n, f"at {start + n}") for n in range(100)]}))
    memory = EventMemory(writing.store.logs, most=150)
    assert memory.known(asked(writing.store, API)).tolist() == [True, True]
    assert memory.held == 100
    assert memory.known(asked(writing.store, API)).tolist() == [True, True]
