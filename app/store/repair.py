"""Putting right what a crash or a bad disk left behind.

Runs inside one write transaction, so no commit is under way meanwhile: a file
that the catalog does not list is an orphan and goes, and a listed file that
does not verify is set aside with its coverage reopened.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from app.model.errors import StoreError
from app.store import coverage, roster, schema, spend_parts
from app.store.catalog import Catalog, bump
from app.store.files import SegmentFiles
from app.store.segments import Segment, State, damage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Damage:
    """A segment that does not verify, and what is wrong with it."""

    path: str
    rows: int
    problem: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """What opening a store has put right."""

    orphans: int
    unfinished: int
    quarantined: tuple[Damage, ...]


def repair(catalog: Catalog, files: SegmentFiles, now: datetime) -> Repaired:
    """Remove orphans and unfinished files; set segments with a bad file aside."""
    unfinished = files.sweep()
    with catalog.write() as connection:
        orphans = remove_orphans(connection, files)
        found = find_damage(files, roster.in_state(connection, State.LIVE), thorough=False)
        set_aside(connection, files, found, now)
    return Repaired(orphans, unfinished, tuple(one for _, one in found))


def remove_orphans(connection: Connection, files: SegmentFiles) -> int:
    """Delete files that no row lists; only inside a write transaction."""
    listed = roster.paths(connection)
    orphans = [name for name in files.names() if name not in listed]
    for name in orphans:
        files.delete(name)
    if orphans:
        log.warning("removed %d segment files that no commit had listed", len(orphans))
    return len(orphans)


def remove_unlisted(catalog: Catalog, files: SegmentFiles, names: Sequence[str]) -> None:
    """Delete those of ``names`` that a failed transaction did not list after all.

    If the catalog cannot tell, they stay; the next opening finds them.
    """
    try:
        with catalog.write() as connection:
            listed = roster.paths(connection)
            for name in names:
                if name not in listed:
                    files.delete(name)
    except StoreError:
        log.warning("%d segment files are left for the next start to clear up", len(names))


def find_damage(
    files: SegmentFiles, segments: Sequence[Segment], *, thorough: bool
) -> list[tuple[Segment, Damage]]:
    """The segments whose files do not verify."""
    found = []
    for segment in segments:
        problem = damage(files, segment, thorough=thorough)
        if problem:
            found.append((segment, Damage(segment.path, segment.rows, problem)))
    return found


def set_aside(
    connection: Connection,
    files: SegmentFiles,
    found: Sequence[tuple[Segment, Damage]],
    now: datetime,
) -> None:
    """Take damaged segments off the list and let their windows be asked again."""
    if not found:
        return
    version = bump(connection)
    for segment, problem in found:
        if roster.quarantine(connection, segment, version, now):
            spend_parts.lose(connection, segment.id)
            coverage.reopen(connection, roster.scopes_of(connection, [segment.id]))
            files.quarantine(segment.path)
            log.error(
                "segment %s is damaged (%s); it was set aside and its windows will be "
                "collected again",
                segment.path,
                problem.problem,
            )


def check_identity(catalog: Catalog, files: SegmentFiles, place: str) -> None:
    """Refuse a folder (or bucket) and a catalog that do not belong together.

    Otherwise the segments of one would be orphans to the other, and go.
    """
    with catalog.read() as connection:
        known = _identity(connection)
    there = files.mark()
    if known is None:
        if next(iter(files.names()), None) is not None:
            raise StoreError(
                f"{place} holds segments, but the catalog is new and knows none of them; restore "
                "the catalog from a backup, or name an empty one to begin anew"
            )
        known = _baptise(catalog, there)
    if there is None and not _has_segments(catalog):
        files.set_mark(known)
        there = files.mark()
    if there != known:
        raise StoreError(
            f"the catalog describes other segments than those in {place}; set store.path or "
            "store.bucket to where its segments are, or use a catalog of its own"
        )


def _identity(connection: Connection) -> str | None:
    statement = select(schema.facts.c.value).where(schema.facts.c.name == "store")
    found: str | None = connection.execute(statement).scalar()
    return found


def _baptise(catalog: Catalog, there: str | None) -> str:
    """Give a new catalog its id: the one of its folder, if that has one already."""
    with catalog.write() as connection:
        known = _identity(connection)
        if known is None:
            known = there or uuid.uuid4().hex
            connection.execute(insert(schema.facts), {"name": "store", "value": known})
        return known


def _has_segments(catalog: Catalog) -> bool:
    with catalog.read() as connection:
        return bool(roster.paths(connection))
