"""What the catalog knows of a segment of log events, beside what it knows of every segment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select

from app.model.logs import FieldInfo, FieldKind
from app.store import schema

GROUP_ROW = np.dtype([("group", "<u4"), ("rows", "<u4"), ("first", "<i8"), ("last", "<i8")])
"""One group of a segment in the order of its rows: id, how many, first and last ``at`` in ms."""


@dataclass(frozen=True, slots=True)
class LogFacts:
    """Rows by group, fields, bytes of all messages, and where in the file the token filter lies."""

    groups: NDArray[Any]
    fields: Mapping[str, FieldInfo]
    more_fields: bool
    raw_bytes: int
    tokens: tuple[int, int]

    def offset_of(self, position: int) -> int:
        """Where the rows of the group at ``position`` begin."""
        return int(self.groups["rows"][:position].sum())


def add(connection: Connection, segment: int, facts: LogFacts) -> None:
    """Remember the facts of a listed segment."""
    fields = {n: [i.kind.value, i.count, i.column] for n, i in facts.fields.items()}
    connection.execute(
        insert(schema.log_segments),
        {
            "segment": segment,
            "groups": facts.groups.tobytes(),
            "fields": orjson.dumps(fields).decode(),
            "more_fields": int(facts.more_fields),
            "raw_bytes": facts.raw_bytes,
            "tokens_at": facts.tokens[0],
            "tokens_bytes": facts.tokens[1],
        },
    )


def of_segments(connection: Connection, ids: Collection[int]) -> dict[int, LogFacts]:
    """The facts of these segments, some hundred at a time."""
    column = schema.log_segments.c
    found = {}
    for some in _portions(sorted(ids)):
        statement = select(schema.log_segments).where(column.segment.in_(some))
        for row in connection.execute(statement):
            found[int(row.segment)] = LogFacts(
                groups=np.frombuffer(row.groups, dtype=GROUP_ROW),
                fields={
                    name: FieldInfo(FieldKind(kind), count, column)
                    for name, (kind, count, column) in orjson.loads(row.fields).items()
                },
                more_fields=bool(row.more_fields),
                raw_bytes=int(row.raw_bytes),
                tokens=(int(row.tokens_at), int(row.tokens_bytes)),
            )
    return found


def forget(connection: Connection, segment: int) -> None:
    """Drop what is known of a segment."""
    connection.execute(delete(schema.log_segments).where(schema.log_segments.c.segment == segment))


def _portions(ids: list[int]) -> Iterable[list[int]]:
    return (ids[at : at + 500] for at in range(0, len(ids), 500))
