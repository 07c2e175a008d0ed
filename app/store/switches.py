"""What people chose for recommended alarms; every choice stays, the newest of an alarm holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, func, insert, select

from app.model.alarms import Choice, Switch
from app.store import schema
from app.store.catalog import Catalog, grow
from app.store.seen import Seen

_SWITCH = schema.switches.c


class Switches:
    """Choices made on a page, and by whom; counted as changes of the ledger."""

    def __init__(self, catalog: Catalog, seen: Seen) -> None:
        self._catalog, self._seen = catalog, seen

    def add(self, switches: Sequence[Switch]) -> list[Switch]:
        """Keep choices, all of them or none; they come back with their ids."""
        statement = insert(schema.switches).returning(_SWITCH.id)
        with self._catalog.write() as connection:
            changes = grow(connection, "ledger")
            kept = [
                replace(each, id=connection.execute(statement, _row(each)).scalar_one())
                for each in switches
            ]
        self._seen.note({"ledger": changes})
        return kept

    def newest(self) -> int:
        """The id of the last choice, 0 before the first; one small query."""
        with self._catalog.read() as connection:
            return int(connection.execute(select(func.max(_SWITCH.id))).scalar() or 0)

    def standing(self) -> dict[str, Switch]:
        """The choice that holds, by alarm."""
        last = select(func.max(_SWITCH.id)).group_by(_SWITCH.alarm)
        statement = select(schema.switches).where(_SWITCH.id.in_(last))
        with self._catalog.read() as connection:
            return {row.alarm: _switch(row) for row in connection.execute(statement)}

    def history(self, alarm: str | None = None, limit: int = 100) -> list[Switch]:
        """Who chose what, newest first; of one alarm if its id is given."""
        statement = select(schema.switches).order_by(_SWITCH.id.desc()).limit(limit)
        if alarm is not None:
            statement = statement.where(_SWITCH.alarm == alarm)
        with self._catalog.read() as connection:
            return [_switch(row) for row in connection.execute(statement)]


def _row(switch: Switch) -> dict[str, Any]:
    return {
        "alarm": switch.alarm,
        "choice": switch.choice.value,
        "at": switch.at,
        "author": switch.author,
        "comment": switch.comment,
        "threshold": switch.threshold,
    }


def _switch(row: Row[Any]) -> Switch:
    return Switch(
        alarm=row.alarm,
        choice=Choice(row.choice),
        at=row.at,
        author=row.author,
        comment=row.comment,
        threshold=row.threshold,
        id=row.id,
    )
