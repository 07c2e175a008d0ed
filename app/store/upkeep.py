"""Upkeep: compaction, retention, verification and figures, with results a person can read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.config import StoreSettings
from app.model.groups import ALARMED
from app.model.time import epoch_ms
from app.store import (
    compaction,
    coverage,
    ledger,
    log_commit,
    log_compaction,
    log_facts,
    repair,
    roster,
    rounds,
    statistics,
)
from app.store import lease as leases
from app.store.catalog import Catalog, bump, note_purge
from app.store.compaction import Merge
from app.store.files import SegmentFiles
from app.store.lease import Lease
from app.store.log_compaction import LogMerge
from app.store.log_encode import LOGS
from app.store.log_facts import LogFacts
from app.store.repair import Damage
from app.store.roster import Stale
from app.store.segments import Encoded, Segment, State
from app.store.statistics import Stats
from app.store.tables import TABLES

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
    ) -> None:
        self._catalog = catalog
        self._files = files
        self._settings = settings
        self._changed = changed

    def compact(self, lease: Lease, now: datetime) -> Compacted:
        """Merge what is worth it, and delete files that nobody can be reading any more."""
        outcomes = [
            self._merge(merge, lease, now)
            for table in TABLES.values()
            for choose in (compaction.fresh_merges, compaction.day_merges)
            for merge in choose(table, self._live(table.name), now)
        ]
        logs = log_compaction.merges(self._live(LOGS), now)
        outcomes += [self._merge(merge, lease, now) for merge in logs]
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

    def _live(self, table: str) -> list[Segment]:
        with self._catalog.read() as connection:
            return [s for s in roster.in_state(connection, State.LIVE) if s.table == table]

    def _merge(self, merge: Merge | LogMerge, lease: Lease, now: datetime) -> _Outcome:
        """Carry out one merge. If an input is damaged, set it aside and merge another time."""
        found = repair.find_damage(self._files, merge.inputs, thorough=True)
        if found:
            with self._catalog.write() as connection:
                leases.check(connection, lease)
                repair.set_aside(connection, self._files, found, now)
            return _Outcome((), (), tuple(one for _, one in found))
        outputs: list[Segment] = []
        facts: dict[str, LogFacts] = {}
        try:
            for one in self._merged(merge):
                outputs.append(one.segment)
                if one.facts is not None:
                    facts[one.segment.path] = one.facts
                self._files.stage(one.segment.path, one.content)
            self._swap(merge, outputs, facts, lease, now)
        except BaseException as error:
            repair.remove_unlisted(self._catalog, self._files, [s.path for s in outputs])
            if isinstance(error, Stale):
                log.info("%s was replaced meanwhile; merging it is left for later", error)
                return _Outcome((), (), ())
            raise
        return _Outcome(merge.inputs, tuple(outputs), ())

    def _merged(self, merge: Merge | LogMerge) -> Iterator[Encoded]:
        if isinstance(merge, Merge):
            return compaction.merged(self._files, merge)
        with self._catalog.read() as connection:
            facts = log_facts.of_segments(connection, [s.id for s in merge.inputs])
        return log_compaction.merged(self._files, merge, facts)

    def _swap(
        self,
        merge: Merge | LogMerge,
        outputs: Sequence[Segment],
        facts: Mapping[str, LogFacts],
        lease: Lease,
        now: datetime,
    ) -> None:
        with self._catalog.write() as connection:
            leases.check(connection, lease)
            version = bump(connection)
            self._files.publish([segment.path for segment in outputs])
            listed = compaction.swap(connection, merge.inputs, outputs, version, now)
            log_commit.listed(connection, listed, facts)

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


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one merge."""

    before: tuple[Segment, ...]
    after: tuple[Segment, ...]
    damaged: tuple[Damage, ...]


def _compacted(outcomes: Sequence[_Outcome], deleted: int) -> Compacted:
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
    return [s for s in live if s.bounds.at[1] < epoch_ms(now - kept[s.table])]
