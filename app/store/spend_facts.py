"""Small facts about spend, kept as whole sets; one that comes again unchanged is kept once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from app.model.spend import FactKind, SpendFacts
from app.store import spend_schema
from app.store.catalog import grow
from app.store.columns import as_json

COUNTER = "spend"
"""Counts changes of statements and of facts."""

_C = spend_schema.spend_fact_sets.c


def record(connection: Connection, sets: Sequence[SpendFacts]) -> dict[str, int]:
    """Keep sets, and say what changed."""
    for one in sets:
        _record(connection, one)
    return {COUNTER: grow(connection, COUNTER)} if sets else {}


def read(connection: Connection, kind: FactKind, as_of: datetime | None) -> list[SpendFacts]:
    """The newest set of each payer, as of a moment or now, by payer."""
    known = select(func.max(_C.id)).where(_C.kind == kind.value).group_by(_C.payer)
    if as_of is not None:
        known = known.where(_C.read_at <= as_of)
    statement = select(spend_schema.spend_fact_sets).where(_C.id.in_(known)).order_by(_C.payer)
    return [_set(row, as_of) for row in connection.execute(statement)]


def history(connection: Connection, kind: FactKind, payer: str) -> list[SpendFacts]:
    """Every set of a payer, oldest first."""
    statement = (
        select(spend_schema.spend_fact_sets)
        .where(_C.kind == kind.value, _C.payer == payer)
        .order_by(_C.id)
    )
    return [_set(row, row.read_at) for row in connection.execute(statement)]


def drop_before(connection: Connection, moment: datetime) -> None:
    """Forget sets that were last true before ``moment``."""
    connection.execute(delete(spend_schema.spend_fact_sets).where(_C.seen < moment))


def _record(connection: Connection, given: SpendFacts) -> None:
    newest = (
        select(_C.id, _C.contents, _C.seen)
        .where(_C.kind == given.kind.value, _C.payer == given.payer)
        .order_by(_C.id.desc())
        .limit(1)
    )
    known = connection.execute(newest).first()
    contents = {key: dict(content) for key, content in given.contents.items()}
    if known is not None and known.contents == as_json(contents):
        seen = max(known.seen, given.read_at)
        connection.execute(
            update(spend_schema.spend_fact_sets).where(_C.id == known.id).values(seen=seen)
        )
        return
    row = {
        "kind": given.kind.value,
        "payer": given.payer,
        "read_at": given.read_at,
        "seen": given.read_at,
        "contents": contents,
    }
    connection.execute(insert(spend_schema.spend_fact_sets), row)


def _set(row: Row[Any], as_of: datetime | None) -> SpendFacts:
    """A set as of a moment: it was last read the same at ``seen``, but not after that moment."""
    read_at = row.seen if as_of is None else max(row.read_at, min(row.seen, as_of))
    return SpendFacts(FactKind(row.kind), row.payer, read_at, row.contents)
