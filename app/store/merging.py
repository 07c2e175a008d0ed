"""Carrying out merges: what is worth it, written beside, and swapped in one transaction.

Which segments are merged and how is decided for metrics in ``compaction``, for
log events in ``log_planning`` and ``log_merging``.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from app.model.groups import logs_group
from app.model.logs import ReadFields
from app.model.time import Window, from_epoch_ms
from app.store import (
    compaction,
    log_commit,
    log_facts,
    log_groups,
    log_merging,
    log_planning,
    repair,
    roster,
    spend_commit,
    spend_merging,
    spend_parts,
)
from app.store import lease as leases
from app.store.catalog import Catalog, bump
from app.store.compaction import Merge
from app.store.files import SegmentFiles
from app.store.lease import Lease
from app.store.log_encode import LOGS
from app.store.log_facts import LogFacts
from app.store.log_merging import Known
from app.store.log_planning import LogMerge
from app.store.repair import Damage
from app.store.roster import Scope, Stale
from app.store.segments import Encoded, Level, Segment, State
from app.store.spend_merging import SpendJob
from app.store.tables import SPEND, TABLES
from app.store.trace_tables import SPANS, TRACES

log = logging.getLogger(__name__)

MANY_WAITING = 60
"""So many fresh segments of log events are merged before the next piece of a past day."""


class Job(Protocol):
    """Segments to be replaced, and what replaces them."""

    @property
    def inputs(self) -> tuple[Segment, ...]: ...

    def outputs(self, files: SegmentFiles) -> Iterator[Encoded]:
        """The new segments, one at a time."""
        ...

    def scopes(self, segment: Segment, carried: Sequence[Scope]) -> list[Scope]:
        """Which of the coverage that the inputs carry a new segment carries."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one merge."""

    before: tuple[Segment, ...]
    after: tuple[Segment, ...]
    damaged: tuple[Damage, ...]


class Merger:
    """Merges what is worth it."""

    def __init__(
        self, catalog: Catalog, files: SegmentFiles, read_fields: ReadFields | None
    ) -> None:
        self._catalog, self._files, self._read_fields = catalog, files, read_fields

    def run(self, lease: Lease, now: datetime) -> list[Outcome]:
        """Carry out one merge after the other."""
        return [self._carry_out(job, lease, now) for job in self._jobs(now)]

    def _jobs(self, now: datetime) -> Iterator[Job]:
        """Each kind is chosen when those before are done."""
        for table in (*TABLES.values(), SPANS, TRACES):
            for choose in (compaction.fresh_merges, compaction.day_merges):
                for merge in choose(table, self._live(table.name), now):
                    yield MetricJob(merge)
        for some in spend_merging.merges(self._live(SPEND.name)):
            yield SpendJob(some, self._parts)
        yield from self._log_jobs(log_planning.fresh_merges(self._live(LOGS), now))
        for choose_logs in (log_planning.past_merges, log_planning.piece_merges):
            for merge_of_logs in choose_logs(self._live(LOGS), now):
                yield from self._log_jobs([merge_of_logs])
                yield from self._log_jobs(self._waiting(now))

    def _log_jobs(self, merges: Iterable[LogMerge]) -> Iterator[Job]:
        for merge in merges:
            yield LogJob(merge, self._known(merge), self._read_fields)

    def _waiting(self, now: datetime) -> list[LogMerge]:
        """What was committed meanwhile, if that is much: a long day takes a while to seal."""
        live = self._live(LOGS)
        if sum(segment.level is Level.FRESH for segment in live) < MANY_WAITING:
            return []
        return log_planning.fresh_merges(live, now)

    def _live(self, table: str) -> list[Segment]:
        with self._catalog.read() as connection:
            return roster.in_state(connection, State.LIVE, table)

    def _parts(self, segments: Collection[int]) -> list[int]:
        with self._catalog.read() as connection:
            return spend_parts.of_segments(connection, segments)

    def _known(self, merge: LogMerge) -> Known:
        with self._catalog.read() as connection:
            facts = log_facts.of_segments(connection, [s.id for s in merge.inputs])
            return Known(facts, log_groups.names(connection))

    def _carry_out(self, job: Job, lease: Lease, now: datetime) -> Outcome:
        """Carry out one merge. If an input is damaged, set it aside and merge another time."""
        found = repair.find_damage(self._files, job.inputs, thorough=True)
        if found:
            with self._catalog.write() as connection:
                leases.check(connection, lease)
                repair.set_aside(connection, self._files, found, now)
            return Outcome((), (), tuple(one for _, one in found))
        outputs: list[Segment] = []
        facts: dict[str, LogFacts] = {}
        try:
            for one in job.outputs(self._files):
                outputs.append(one.segment)
                if one.facts is not None:
                    facts[one.segment.path] = one.facts
                self._files.stage(one.segment.path, one.content)
            with self._catalog.write() as connection:
                leases.check(connection, lease)
                self._files.publish([segment.path for segment in outputs])
                listed = swap(connection, job, outputs, bump(connection), now)
                log_commit.listed(connection, listed, facts)
                if isinstance(job, SpendJob):
                    spend_commit.listed(connection, listed, job.parts)
        except BaseException as error:  # what was staged must go however it ended; raised again
            repair.remove_unlisted(self._catalog, self._files, [s.path for s in outputs])
            if isinstance(error, Stale):
                log.info("%s was replaced meanwhile; merging it is left for later", error)
                return Outcome((), (), ())
            raise
        return Outcome(job.inputs, tuple(outputs), ())


def swap(
    connection: Connection, job: Job, outputs: Sequence[Segment], version: int, now: datetime
) -> list[Segment]:
    """Replace the inputs by the outputs, which come back with ids; Stale if one is not live."""
    carried = roster.scopes_of(connection, [s.id for s in job.inputs])
    roster.retire(connection, job.inputs, version, now)
    listed = roster.add(connection, outputs, version, now)
    for segment in listed:
        roster.add_scopes(connection, segment.id, job.scopes(segment, carried))
    return listed


@dataclass(slots=True)
class MetricJob:
    """A merge of points: each new segment carries all coverage of its day."""

    merge: Merge
    _of_day: dict[Window, list[Scope]] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[Segment, ...]:
        return self.merge.inputs

    def outputs(self, files: SegmentFiles) -> Iterator[Encoded]:
        return compaction.merged(files, self.merge)

    def scopes(self, segment: Segment, carried: Sequence[Scope]) -> list[Scope]:
        day = compaction.day_around(segment)
        if day not in self._of_day:
            self._of_day[day] = compaction.within(carried, day)
        return self._of_day[day]


@dataclass(slots=True)
class LogJob:
    """A merge of log events: each new segment carries coverage of its time and its groups."""

    merge: LogMerge
    known: Known
    read_fields: ReadFields | None
    _groups: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[Segment, ...]:
        return self.merge.inputs

    def outputs(self, files: SegmentFiles) -> Iterator[Encoded]:
        for one in log_merging.merged(files, self.merge, self.known, self.read_fields):
            assert one.facts is not None  # noqa: S101 - segments of log events have facts
            self._groups[one.segment.path] = names_in(one.facts, self.known.groups)
            yield one

    def scopes(self, segment: Segment, carried: Sequence[Scope]) -> list[Scope]:
        groups = self._groups[segment.path]
        own = [s for s in carried if not s.group.startswith(logs_group("")) or s.group in groups]
        first, last = segment.bounds.at
        return compaction.within(own, Window(from_epoch_ms(first), from_epoch_ms(last + 1)))


def names_in(facts: LogFacts, names: Mapping[int, str]) -> frozenset[str]:
    """What coverage of the groups in a segment is called."""
    return frozenset(logs_group(names[one]) for one in facts.groups["group"].tolist())
