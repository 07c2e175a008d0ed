"""What becomes of statements when segments go: lost, past retention, or merged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from app.store import spend_facts
from app.store import spend_schema as schema
from app.store.catalog import grow
from app.store.spend_facts import COUNTER

_STATEMENT = schema.spend_statements.c
_PART = schema.spend_parts.c
_SEGMENT = schema.spend_segments.c


def forget(connection: Connection, segment: int) -> None:
    """Forget which parts lay in a segment whose row is about to go."""
    connection.execute(delete(schema.spend_segments).where(_SEGMENT.segment == segment))


def of_segments(connection: Connection, segments: Collection[int]) -> list[int]:
    """The parts that lie in some segments, sorted."""
    statement = select(_SEGMENT.part).where(_SEGMENT.segment.in_(list(segments))).distinct()
    return sorted(connection.execute(statement).scalars())


def lose(connection: Connection, segment: int) -> None:
    """A segment is lost, and with it every statement of which it holds a part.

    What an older statement says of their days holds again until they are read anew.
    """
    owners = select(_PART.statement).join(
        schema.spend_segments, (_SEGMENT.part == _PART.id) & (_SEGMENT.segment == segment)
    )
    lost = sorted(set(connection.execute(owners).scalars()))
    if lost:
        _drop(connection, lost)


def kept_from(now: datetime, kept: timedelta) -> datetime:
    """From when on spend is kept: from the start of a month, because sums are of whole months."""
    return (now - kept).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def drop_before(connection: Connection, moment: datetime) -> None:
    """Forget statements of days before ``moment``, and facts that were last true before it."""
    old = select(_STATEMENT.id).where(_STATEMENT.end_at <= moment)
    _drop(connection, list(connection.execute(old).scalars()))
    connection.execute(
        update(schema.spend_statements).where(_STATEMENT.start_at < moment).values(start_at=moment)
    )
    spend_facts.drop_before(connection, moment)
    grow(connection, COUNTER)


def _drop(connection: Connection, statements: Collection[int]) -> None:
    for one in statements:
        parts = select(_PART.id).where(_PART.statement == one)
        connection.execute(delete(schema.spend_segments).where(_SEGMENT.part.in_(parts)))
        connection.execute(delete(schema.spend_parts).where(_PART.statement == one))
        connection.execute(delete(schema.spend_statements).where(_STATEMENT.id == one))
    if statements:
        grow(connection, COUNTER)
