"""The store: commits in one transaction, reads from segments, head and catalog.

Readers and the writer may be different processes. A process knows what the
catalog said at its last commit or :meth:`Store.refresh`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy import Connection

from app.config import StoreSettings
from app.model.ids import Place
from app.model.logs import ReadFields
from app.model.plans import Plan
from app.model.rounds import Batch, MeterEntry, Round
from app.model.time import Intervals, Window
from app.store import commit, coverage, log_points, meter, rounds, scan, spend_commit
from app.store import lease as leases
from app.store.account_alarms import AccountAlarms
from app.store.catalog import Catalog, bump
from app.store.commit import Committed, Writer
from app.store.coverage import Coverage
from app.store.files import SegmentFiles
from app.store.findings import Findings
from app.store.head import Head
from app.store.lease import Lease
from app.store.ledger import Ledger
from app.store.log_memory import EventMemory
from app.store.log_reader import LogReader
from app.store.meter import MeterBook
from app.store.mirror import Mirror
from app.store.objects import Objects
from app.store.own_alarms import OwnAlarms
from app.store.queries import QueryBook
from app.store.repair import Repaired, remove_unlisted
from app.store.resources import Resources
from app.store.rounds import Rounds
from app.store.scan import Wanted
from app.store.spend import SpendBook
from app.store.switches import Switches
from app.store.tables import METRIC_STATS, METRICS, Table
from app.store.trace_book import TraceBook
from app.store.trace_reader import TraceReader
from app.store.upkeep import Upkeep

SeriesIds = Sequence[int] | pl.Series | NDArray[np.uint32]


class Store:
    """Everything that was collected and decided; safe to share between threads."""

    def __init__(
        self,
        catalog: Catalog,
        files: SegmentFiles,
        settings: StoreSettings,
        opened: Repaired,
        read_fields: ReadFields | None = None,
    ) -> None:
        self.opened = opened
        self._catalog = catalog
        self._files = files
        self._mirror = Mirror(catalog, files, settings.head_hours)
        self.series = self._mirror.series
        self.logs = LogReader(catalog, files, self._mirror)
        self.spend = SpendBook(catalog, files, self._mirror)
        self.traces = TraceReader(files, self._mirror)
        self.trace_book = TraceBook(catalog)
        self._events = EventMemory(self.logs)
        self.resources = Resources(catalog, self._mirror.seen)
        self.objects = Objects(catalog)
        self.rounds = Rounds(catalog)
        self.meter = MeterBook(catalog)
        self.queries = QueryBook(catalog)
        self.ledger = Ledger(catalog, self._mirror.seen)
        self.switches = Switches(catalog, self._mirror.seen)
        self.own_alarms = OwnAlarms(catalog, self._mirror.seen)
        self.account_alarms = AccountAlarms(catalog)
        self.findings = Findings(catalog, self._mirror.seen)
        self.upkeep = Upkeep(catalog, files, settings, self._mirror.refresh, read_fields)

    @property
    def version(self) -> int:
        """Grows with every commit that this process knows of; equal means nothing changed."""
        return self._mirror.version

    def acquire(self, holder: str, now: datetime, ttl: timedelta) -> Lease | None:
        """The right to write for ``ttl``, or None while another holder's still runs."""
        return leases.acquire(self._catalog, holder, now, ttl)

    def renew(self, lease: Lease, now: datetime) -> Lease:
        """The same lease, longer; LeaseLost if another writer has taken over."""
        return leases.renew(self._catalog, lease, now)

    def release(self, lease: Lease) -> None:
        """Give the right to write back at once."""
        leases.release(self._catalog, lease)

    def commit(
        self,
        batch: Batch,
        *,
        lease: Lease,
        now: datetime,
        round: Round | None = None,  # noqa: A002 - the word of the product
        meter: Sequence[MeterEntry] = (),
    ) -> Committed:
        """Keep all of ``batch``, its coverage, the round and the calls, or nothing of it.

        Raises LeaseLost when another writer has taken over, and StoreFull.
        """
        written = None
        try:
            with self._writing(lease) as (connection, seq):
                self._mirror.catch_up(connection, seq - 1)
                written = commit.write(connection, batch, self._writer(now), seq)
                _note(connection, round, meter)
        except BaseException:  # no file may stay behind, however it ended; raised again
            left = [s.path for s in written.segments] if written is not None else []
            left += spend_commit.staged_paths(batch.staged_spend)
            if left:
                remove_unlisted(self._catalog, self._files, left)
            raise
        self._mirror.take(written, seq)
        return Committed(written.rows, written.bytes, seq)

    def _writer(self, now: datetime) -> Writer:
        return Writer(
            files=self._files,
            index=self.series,
            now=now,
            memory=self._events,
            log_groups=self.logs.ids(),
            stored=self._stored,
            traces=self.traces.known,
        )

    def _stored(self, ids: NDArray[np.uint32], window: Window, period: int) -> pl.DataFrame:
        """Stored rows of a period, from memory where the head reaches so far."""
        head = self._mirror.head()
        if head.covers(window):
            return log_points.in_head(head, ids, window, period)
        return self.points(ids, window, period).collect(engine="streaming")

    def note(
        self,
        *,
        lease: Lease,
        now: datetime,
        round: Round | None = None,  # noqa: A002 - the word of the product
        meter: Sequence[MeterEntry] = (),
    ) -> None:
        """Keep a round and calls that brought no batch."""
        with self._writing(lease) as (connection, _):
            _note(connection, round, meter)

    def note_plan(self, plan: Plan, lease: Lease) -> None:
        """Tell the other processes what this one means to read."""
        with self._writing(lease) as (connection, _):
            meter.note_plan(connection, plan)

    def coverage(self, place: Place, group: str) -> Coverage:
        """What AWS has answered for."""
        return coverage.read(self._catalog, place, group)

    def coverages(self) -> Mapping[tuple[Place, str], Coverage]:
        """What AWS has answered for and what of it is settled, for every place and group."""
        return coverage.read_all(self._catalog)

    def answered(self) -> Mapping[tuple[Place, str], Intervals]:
        """What AWS has answered for, for every place and group in one query."""
        return coverage.answered(self._catalog)

    def coverage_groups(self, place: Place | None = None) -> list[tuple[Place, str]]:
        """Every place and group that has coverage, sorted."""
        return coverage.groups(self._catalog, place)

    def refresh(self) -> None:
        """Follow what other processes have committed; one small query if there is nothing new."""
        self._mirror.refresh()

    def keep_up(self) -> None:
        """The same, and the head made ready, so that who asks next need not wait for it."""
        self._mirror.keep_up()

    def points(self, series: SeriesIds, window: Window, period: int | None = None) -> pl.LazyFrame:
        """The newest row of each stored slot, by series and time.

        ``period`` picks one stored period; without it every stored period is given.
        """
        wanted = Wanted(window, scan.ids_of(series), period)
        return self._rows(METRICS, wanted, ("series", "at", "period"))

    def statistics(
        self, series: SeriesIds, names: Sequence[str], window: Window, period: int | None = None
    ) -> pl.LazyFrame:
        """Extended statistics (``p99``), by series, statistic and time."""
        wanted = Wanted(window, scan.ids_of(series), period, tuple(names))
        return self._rows(METRIC_STATS, wanted, ("series", "statistic", "at", "period"))

    def head(self) -> Head:
        """The newest hours in memory, up to the last commit that this process knows of."""
        return self._mirror.head()

    def close(self) -> None:
        """Give back connections and locks."""
        self._files.close()
        self._catalog.close()

    def _rows(self, table: Table, wanted: Wanted, order: Sequence[str]) -> pl.LazyFrame:
        live = self._mirror.live(table.name)
        return scan.rows(self._files, table, live, wanted, order).drop("seq")

    @contextmanager
    def _writing(self, lease: Lease) -> Iterator[tuple[Connection, int]]:
        """A transaction with a checked lease, and its version."""
        with self._catalog.write() as connection:
            leases.check(connection, lease)
            yield connection, bump(connection)


def _note(connection: Connection, done: Round | None, entries: Sequence[MeterEntry]) -> None:
    if entries:
        meter.add(connection, entries)
    if done is not None:
        rounds.record(connection, done)
