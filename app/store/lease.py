"""The right to write, held by one process at a time and fenced by a growing number.

An expired lease may be taken. Its old holder is not asked: its next commit
finds a higher token in the catalog and raises LeaseLost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from app.model.errors import LeaseLost
from app.store import schema
from app.store.catalog import Catalog

_WRITER = "writer"
_COLUMN = schema.leases.c
_CURRENT = select(schema.leases).where(_COLUMN.name == _WRITER)


@dataclass(frozen=True, slots=True)
class Lease:
    """Proof of the right to write; ``token`` is what counts."""

    holder: str
    token: int
    expires: datetime
    ttl: timedelta


def acquire(catalog: Catalog, holder: str, now: datetime, ttl: timedelta) -> Lease | None:
    """The lease, if nobody else holds one that still runs; a holder may take its own again."""
    with catalog.write() as connection:
        row = _current(connection)
        if row is not None and row.holder not in ("", holder) and row.expires > now:
            return None
        lease = Lease(holder, (row.token if row else 0) + 1, now + ttl, ttl)
        connection.execute(delete(schema.leases).where(_COLUMN.name == _WRITER))
        connection.execute(
            insert(schema.leases),
            {"name": _WRITER, "holder": holder, "token": lease.token, "expires": lease.expires},
        )
        return lease


def renew(catalog: Catalog, lease: Lease, now: datetime) -> Lease:
    """The same lease, running ``ttl`` from ``now``."""
    with catalog.write() as connection:
        check(connection, lease)
        longer = replace(lease, expires=now + lease.ttl)
        _write(connection, holder=lease.holder, expires=longer.expires)
        return longer


def release(catalog: Catalog, lease: Lease) -> None:
    """Let others write at once; a lease that is lost already is no error."""
    with catalog.write() as connection:
        row = _current(connection)
        if row is not None and row.token == lease.token:
            _write(connection, holder="", expires=lease.expires)


def check(connection: Connection, lease: Lease) -> None:
    """Raise LeaseLost unless ``lease`` is the newest one given out and not given back."""
    row = _current(connection)
    if row is None or row.token != lease.token or row.holder != lease.holder:
        other = row.holder if row and row.holder else "nobody"
        raise LeaseLost(
            f"{lease.holder} no longer holds the right to write, {other} does; "
            "this process must stop writing"
        )


def holder(connection: Connection) -> str:
    """Who was last given the right to write and has not given it back; empty if nobody."""
    row = _current(connection)
    return row.holder if row else ""


def _current(connection: Connection) -> Row[Any] | None:
    return connection.execute(_CURRENT).first()


def _write(connection: Connection, *, holder: str, expires: datetime) -> None:
    connection.execute(
        update(schema.leases).where(_COLUMN.name == _WRITER).values(holder=holder, expires=expires)
    )
