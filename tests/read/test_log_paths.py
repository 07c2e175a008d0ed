"""A field answers the same from its column, from the messages, and over events at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config import StoreSettings
from app.model.logs import LogGroupKey
from app.model.rounds import Batch
from app.model.time import Window, epoch_ms
from app.query.insights import Result, run_query
from app.read.logs import LogsReader
from app.store import Lease, Store, open_store
from tests.read.test_logs import API, FUNCTION, rows_of
from tests.support.shelf import HOME, NOW

Event = tuple[LogGroupKey, datetime, str]
STEP = timedelta(seconds=30)
EXAMPLES = 60

KEYS = ("a", "b", "a.b", "level", "@x", "é", "0", "c d", "@requestId")
FIELDS = (*KEYS, "a.a", "a.0", "b.level", "@@x", "@duration", "@type", "srcAddr", "gone")
numbers = st.sampled_from([0, 1, -1, 7, 2.5, -0.0, 1e300, 2**53 + 1, 10**20, 1e-7, 100, 3.0])
texts = st.sampled_from(
    [
        "",
        "1",
        "1.0",
        "01",
        "True",
        "ERROR",
        "ünï",
        "a\nb",
        'q"',
        "\\u002d",
        "null",
        "1e3",
        "-",
        " 7",
    ]
)
plain = numbers | texts | st.booleans() | st.none()
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=6,
)
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=5).map(
    lambda found: json.dumps(found, ensure_ascii=len(found) % 2 == 0)
)
ID = "8286a188-ba32-4475-8077-530cd35c0000"
lines = st.one_of(
    objects,
    objects,
    st.builds(lambda body: f"2026-11-24T12:00:00Z\t{ID}\tINFO\t{body}", objects),
    st.builds(lambda body, more: f"{body}{more}", objects, st.sampled_from([" ", "\n", "x", "{}"])),
    st.builds(
        lambda took, used: (
            f"REPORT RequestId: {ID}\tDuration: {took} ms\tBilled Duration: 3 ms\t"
            f"Memory Size: 128 MB\tMax Memory Used: {used} MB\t"
        ),
        st.sampled_from(["1.5", "20", "0.01"]),
        st.integers(1, 500),
    ),
    st.sampled_from(
        [
            f"START RequestId: {ID} Version: $LATEST",
            "2 123456789010 eni-1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1 2 ACCEPT OK",
            '{"a": 1, "a": "2"}',
            '{"a": NaN}',
            '{"a": 1',
            "[1, 2]",
            "7",
            "ERROR plain text",
            "",
        ]
    ),
)
fields = st.sampled_from(FIELDS).map(lambda name: _written(name))
literals = numbers.map(json.dumps) | st.sampled_from(["'1'", "'true'", "'ERROR'", "''", "'ünï'"])
conditions = st.one_of(
    st.builds("{} {} {}".format, fields, st.sampled_from(["=", "!=", "<", ">="]), literals),
    st.builds("ispresent({})".format, fields),
    st.builds("{} like {}".format, fields, st.sampled_from(["'E'", "/^1/", "''"])),
    st.builds("{} in [{}, {}]".format, fields, literals, literals),
    st.builds("not ({} = {})".format, fields, literals),
)
queries = st.one_of(
    st.lists(fields, min_size=1, max_size=4, unique=True).map(
        lambda names: f"fields {', '.join(names)}"
    ),
    st.builds("filter {} | fields @timestamp, {}".format, conditions, fields),
    st.builds("filter {} | stats count({}), max({}) as m".format, conditions, fields, fields),
    st.builds("stats count(*) as n, min({}) as low by {}".format, fields, fields),
    st.builds("fields {} as v | sort v, @timestamp | limit 5".format, fields),
    st.builds("dedup {}".format, fields),
)  # fmt: skip


def _written(name: str) -> str:
    """A name as a query writes it: marks in front, each part in backticks."""
    bare = name.lstrip("@")
    parts = ".".join(f"`{part}`" for part in bare.split("."))
    return f"{name[: len(name) - len(bare)]}{parts}"


EVERYTHING = f"fields {', '.join(map(_written, FIELDS))}"


@dataclass(slots=True)
class Shelves:
    """The same events twice: with columns of fields, and with none."""

    columns: Store
    parsed: Store
    leases: tuple[Lease, Lease]
    asked: list[tuple[str, Window, Result]]

    def put(self, some: Sequence[Event]) -> None:
        for store, lease, columns in zip(
            (self.columns, self.parsed), self.leases, (True, False), strict=True
        ):
            store.commit(Batch(logs=rows_of(some, columns=columns)), lease=lease, now=NOW)

    def check(self, text: str, window: Window, wanted: Result) -> None:
        for store in (self.columns, self.parsed):
            found = LogsReader(store).query(text, (), window, [HOME], now=NOW).result()
            assert (found.columns, spelled(found)) == (wanted.columns, spelled(wanted)), text


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelves]:
    stores = [
        open_store(StoreSettings(path=Path(tmp_path_factory.mktemp(name))), NOW)
        for name in ("columns", "parsed")
    ]
    leases = [store.acquire("tests", NOW, timedelta(hours=1)) for store in stores]
    assert leases[0] is not None
    assert leases[1] is not None
    yield Shelves(stores[0], stores[1], (leases[0], leases[1]), [])
    for store in stores:
        store.close()


def test_a_field_answers_the_same_however_it_is_stored(shelves: Shelves) -> None:
    starts = (NOW - timedelta(hours=5) + STEP * n for n in range(10**6))

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(lines, min_size=1, max_size=12), st.lists(queries, min_size=1, max_size=4))
    def holds(messages: list[str], texts: list[str]) -> None:
        start = next(starts)
        events = [
            ((API, FUNCTION)[n % 2], start + timedelta(milliseconds=n), message)
            for n, message in enumerate(messages)
        ]
        for some in (events[::2], events[1::2]):
            if some:
                shelves.put(some)
        window = Window(start, start + STEP - timedelta(milliseconds=1))
        for text in (EVERYTHING, *texts):
            wanted = over_events(text, events)
            shelves.check(text, window, wanted)
            shelves.asked.append((text, window, wanted))

    holds()
    assert shelves.asked
    for store, lease in zip((shelves.columns, shelves.parsed), shelves.leases, strict=True):
        store.upkeep.compact(lease, NOW)
    for text, window, wanted in shelves.asked[-60:]:
        shelves.check(text, window, wanted)


def spelled(found: Result) -> list[list[str | None]]:
    """Cells as they read: beside numbers the text 7 is no other than the number."""
    return [[None if cell is None else str(cell) for cell in row] for row in found.rows]


def over_events(text: str, events: Sequence[Event]) -> Result:
    given_ = [
        {
            "timestamp": epoch_ms(at),
            "ingestionTime": epoch_ms(at),
            "message": message,
            "logStream": "s",
            "logGroup": group.name,
            "account": HOME.account,
        }
        for group, at, message in events
    ]
    return run_query(text, given_, now=NOW)
