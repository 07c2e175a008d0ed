"""Upkeep: compaction, retention, verification and figures, with results a person can read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.config import StoreSettings
from app.model.groups import ALARMED
from app.model.logs import ReadFields
from app.model.time import epoch_ms
from app.store import (
    account_alarms,
    coverage,
    ledger,
    repair,
    roster,
    rounds,
    spend_parts,
    statistics,
)
from app.store import lease as leases
from app.store.catalog import Catalog, bump, note_purge
from app.store.files import SegmentFiles
from app.store.lease import Lease
from app.store.merging import Merger, Outcome
from app.store.repair import Damage
from app.store.segments import Segment, State
from app.store.statistics import Stats
from app.store.tables import SPEND, TABLES

log = logging.getLogger(__name__)

ALARMED_KEPT = timedelta(days=8)
"""Longer than any alarm looks back, and than reading goes back for late points."""

GRACE = timedelta(minutes=15)
"""How long the file of a replaced segment stays for readers that have it open."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What one compaction did. ``rows_removed`` were superseded by a later fetch."""

    segments_before: int
    segments_after: int
    rows_before: int
    rows_removed: int
    bytes_before: int
    bytes_after: int
    files_deleted: int
    quarantined: tuple[Damage, ...]


@dataclass(frozen=True, slots=True)
class Retained:
    """What was older than its table is kept for, and has been removed."""

    segments: int
    rows: int
    bytes: int
    rounds: int
    transitions: int
    files_deleted: int


@dataclass(frozen=True, slots=True)
class Verified:
    """Segments whose files were read from end to end; ``ok`` when none is damaged."""

    segments: int
    bytes: int
    damaged: tuple[Damage, ...]
    set_aside: bool

    @property
    def ok(self) -> bool:
        return not self.damaged


class Upkeep:
    """The work that keeps a store small, whole and fast."""

    def __init__(
        self,
        catalog: Catalog,
        files: SegmentFiles,
        settings: StoreSettings,
        changed: Callable[[], None],
        read_fields: ReadFields | None = None,
    ) -> None:
        self._catalog = catalog
        self._files = files
        self._settings = settings
        self._changed = changed
        self._merger = Merger(catalog, files, read_fields)

    def compact(self, lease: Lease, now: datetime) -> Compacted:
        """Merge what is worth it, and delete files that nobody can be reading any more."""
        outcomes = self._merger.run(lease, now)
        deleted = self._purge(lease, now)
        self._changed()
        return _compacted(outcomes, deleted)

    def retain(self, lease: Lease, now: datetime) -> Retained:
        """Remove what is older than the retention of its table."""
        kept: Mapping[str, timedelta] = dict(self._settings.retention.items())
        with self._catalog.write() as connection:
            leases.check(connection, lease)
            version = bump(connection)
            old = _expired(roster.in_state(connection, State.LIVE), kept, now)
            roster.retire(connection, old, version, now)
            coverage.drop_before(connection, now - max(kept[name] for name in TABLES))
            coverage.drop_groups_before(connection, ALARMED, now - ALARMED_KEPT)
            rounds_gone = rounds.drop_before(connection, now - kept["rounds"])
            transitions_gone = ledger.drop_before(connection, now - kept["transitions"])
            account_alarms.drop_before(connection, now - kept["transitions"])
            spend_parts.drop_before(connection, spend_parts.kept_from(now, kept[SPEND.name]))
        deleted = self._purge(lease, now)
        self._changed()
        return Retained(
            segments=len(old),
            rows=sum(s.rows for s in old),
            bytes=sum(s.bytes for s in old),
            rounds=rounds_gone,
            transitions=transitions_gone,
            files_deleted=deleted,
        )

    def verify(self, now: datetime | None = None) -> Verified:
        """Read every segment and compare checksums.

        With ``now`` damaged segments are set aside and their windows are
        collected again; without, this only looks.
        """
        with self._catalog.read() as connection:
            live = roster.in_state(connection, State.LIVE)
        found = repair.find_damage(self._files, live, thorough=True)
        if found and now is not None:
            with self._catalog.write() as connection:
                still = {s.id for s in roster.in_state(connection, State.LIVE)}
                found = [one for one in found if one[0].id in still]
                repair.set_aside(connection, self._files, found, now)
            self._changed()
        damaged = tuple(one for _, one in found)
        return Verified(len(live), sum(s.bytes for s in live), damaged, now is not None)

    def stats(self) -> Stats:
        """How much of everything there is."""
        return statistics.read(self._catalog)

    def _purge(self, lease: Lease, now: datetime) -> int:
        """Delete the files of segments that were replaced a while ago."""
        with self._catalog.write() as connection:
            leases.check(connection, lease)
            old = roster.retired_before(connection, now - GRACE)
            note_purge(connection, max((one.changed for one in old), default=0))
            roster.forget(connection, [one.segment.id for one in old])
        for one in old:
            self._files.delete(one.segment.path)
        return len(old)


def _compacted(outcomes: Sequence[Outcome], deleted: int) -> Compacted:
    before = [segment for outcome in outcomes for segment in outcome.before]
    after = [segment for outcome in outcomes for segment in outcome.after]
    rows_before, rows_after = sum(s.rows for s in before), sum(s.rows for s in after)
    return Compacted(
        segments_before=len(before),
        segments_after=len(after),
        rows_before=rows_before,
        rows_removed=rows_before - rows_after,
        bytes_before=sum(s.bytes for s in before),
        bytes_after=sum(s.bytes for s in after),
        files_deleted=deleted,
        quarantined=tuple(one for outcome in outcomes for one in outcome.damaged),
    )


def _expired(
    live: Sequence[Segment], kept: Mapping[str, timedelta], now: datetime
) -> list[Segment]:
    """Segments whose newest row is older than its table is kept."""
    first = {table: now - length for table, length in kept.items()}
    first[SPEND.name] = spend_parts.kept_from(now, kept[SPEND.name])
    return [s for s in live if s.bounds.at[1] < epoch_ms(first[s.table])]
