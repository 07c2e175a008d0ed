"""What AWS says of the account's own alarms, and how their states moved there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from app.model.account_alarms import AccountAlarm, AccountChange
from app.model.ids import Place
from app.model.states import AlarmState
from app.model.time import Window
from app.store import schema
from app.store.catalog import Catalog, Upsert

_C = schema.account_alarms.c
_CHANGE = schema.account_changes.c
_WRITE = Upsert(schema.account_alarms)


class AccountAlarms:
    """Questions about them."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def find(self) -> list[AccountAlarm]:
        """Every alarm that the accounts have, by place and name."""
        statement = select(schema.account_alarms).order_by(_C.account, _C.region, _C.name)
        with self._catalog.read() as connection:
            return [_alarm(row) for row in connection.execute(statement)]

    def changes(self, window: Window, limit: int = 10_000) -> list[AccountChange]:
        """The changes of state that AWS told of within a window, oldest first."""
        statement = (
            select(schema.account_changes)
            .where(_CHANGE.at >= window.start, _CHANGE.at < window.end)
            .order_by(_CHANGE.at, _CHANGE.id)
            .limit(limit)
        )
        with self._catalog.read() as connection:
            return [
                AccountChange(row.alarm, row.at, AlarmState(row.state), row.reason)
                for row in connection.execute(statement)
            ]


def record(
    connection: Connection,
    alarms: Sequence[AccountAlarm],
    listings: Sequence[Place],
    now: datetime,
) -> None:
    """Take over what AWS described; of places that were listed whole, forget what is gone."""
    if not alarms and not listings:
        return
    known = {
        row.alarm: (row.state, row.since)
        for row in connection.execute(select(_C.alarm, _C.state, _C.since))
    }
    moved = [each for each in alarms if known.get(each.id) != (each.state.value, each.since)]
    if moved:
        connection.execute(insert(schema.account_changes), [_change(each) for each in moved])
    _WRITE.run(connection, [_row(each, now) for each in alarms])
    for place in listings:
        here = (_C.account == place.account, _C.region == place.region)
        connection.execute(delete(schema.account_alarms).where(*here, _C.seen < now))


def drop_before(connection: Connection, moment: datetime) -> None:
    """Forget changes from before ``moment``."""
    connection.execute(delete(schema.account_changes).where(_CHANGE.at < moment))


def _row(alarm: AccountAlarm, now: datetime) -> dict[str, Any]:
    return {
        "alarm": alarm.id,
        "account": alarm.place.account,
        "region": alarm.place.region,
        "name": alarm.name,
        "put": alarm.put,
        "state": alarm.state.value,
        "reason": alarm.reason,
        "reason_data": alarm.reason_data,
        "evaluation_state": alarm.evaluation_state,
        "since": alarm.since,
        "updated": alarm.updated,
        "seen": now,
    }


def _change(alarm: AccountAlarm) -> dict[str, Any]:
    return {
        "alarm": alarm.id,
        "at": alarm.since,
        "state": alarm.state.value,
        "reason": alarm.reason,
    }


def _alarm(row: Row[Any]) -> AccountAlarm:
    return AccountAlarm(
        place=Place(row.account, row.region),
        put=row.put,
        state=AlarmState(row.state),
        reason=row.reason,
        reason_data=row.reason_data,
        since=row.since,
        updated=row.updated,
        evaluation_state=row.evaluation_state,
        seen=row.seen,
    )
