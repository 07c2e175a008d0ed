"""The record of alarms: what is defined, how it stands, what changed, who was told.

Every method is one transaction. A transition and the messages it owes are
written together, so neither can be without the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, literal, or_, select, update

from app.model.alarms import (
    AlarmDefinition,
    AlarmStatus,
    Delivery,
    DeliveryState,
    Origin,
    Severity,
    Silence,
    Transition,
)
from app.model.ids import Place
from app.model.states import AlarmState
from app.model.time import Window
from app.store import columns, schema
from app.store.catalog import Catalog, Upsert, grow
from app.store.seen import Seen

_WRITE_STATUS = Upsert(schema.statuses)
_DEFINED = "alarms"
_NOTE = Upsert(schema.facts)
_DIGEST = select(schema.facts.c.value).where(schema.facts.c.name == _DEFINED)
_TRANSITION = schema.transitions.c
_BRIEF = [
    literal({}, columns.Json).label(c.name) if c is _TRANSITION.reason_data else c
    for c in schema.transitions.c
]
_DELIVERY = schema.deliveries.c
_SILENCE = schema.silences.c


class Ledger:
    """Alarms, transitions, deliveries and silences."""

    def __init__(self, catalog: Catalog, seen: Seen) -> None:
        self._catalog = catalog
        self._seen = seen

    @property
    def version(self) -> int:
        """Grows with every change of the ledger that this process knows of; no SQL."""
        return self._seen.count("ledger")

    def define(self, definitions: Sequence[AlarmDefinition], now: datetime) -> None:
        """Replace the whole set; the same set again costs nothing.

        Statuses stay, also of alarms that are no longer defined.
        """
        rows = [_definition_row(d, i) for i, d in enumerate(definitions)]
        digest = hashlib.blake2b(columns.to_json(rows).encode(), digest_size=16).hexdigest()
        with self._catalog.read() as connection:
            if connection.execute(_DIGEST).scalar() == digest:
                return
        with self._writing() as connection:
            connection.execute(delete(schema.alarms))
            if rows:
                connection.execute(insert(schema.alarms), [r | {"defined": now} for r in rows])
            _NOTE.run(connection, [{"name": _DEFINED, "value": digest}])

    def defined(self) -> str:
        """A mark of the set of alarms, another one for another set; one small query."""
        with self._catalog.read() as connection:
            return str(connection.execute(_DIGEST).scalar() or "")

    def definitions(self, ids: Collection[str] | None = None) -> list[AlarmDefinition]:
        """Every alarm, or those with these ids, in the order they were defined."""
        statement = select(schema.alarms).order_by(schema.alarms.c.position)
        if ids is not None:
            statement = statement.where(schema.alarms.c.id.in_(ids))
        with self._catalog.read() as connection:
            return [_definition(row) for row in connection.execute(statement)]

    def statuses(self, ids: Collection[str] | None = None) -> dict[str, AlarmStatus]:
        """How each alarm stands, or those with these ids, by id."""
        statement = select(schema.statuses)
        if ids is not None:
            statement = statement.where(schema.statuses.c.alarm.in_(ids))
        with self._catalog.read() as connection:
            return {row.alarm: _status(row) for row in connection.execute(statement)}

    def record(
        self,
        statuses: Sequence[AlarmStatus],
        transitions: Sequence[tuple[Transition, Sequence[str]]],
        now: datetime,
    ) -> list[Transition]:
        """Write statuses, and transitions with one pending message for each channel.

        The transitions come back with their ids.
        """
        with self._writing() as connection:
            _WRITE_STATUS.run(connection, [_status_row(s) for s in statuses])
            stored = []
            for transition, channels in transitions:
                kept = _add_transition(connection, transition)
                _owe(connection, kept, channels, now)
                stored.append(kept)
            return stored

    def transitions(
        self,
        *,
        alarm: str | None = None,
        window: Window | None = None,
        limit: int = 100,
        brief: bool = False,
        contributor: str | None = "",
    ) -> list[Transition]:
        """Changes of state, newest first; ``brief`` leaves out ``reason_data``, the most of it.

        Those of alarms themselves, or of one ``contributor``; None gives both kinds.
        """
        statement = select(*(_BRIEF if brief else schema.transitions.c)).order_by(
            _TRANSITION.at.desc(), _TRANSITION.id.desc()
        )
        if alarm is not None:
            statement = statement.where(_TRANSITION.alarm == alarm)
        if contributor is not None:
            statement = statement.where(_TRANSITION.contributor == contributor)
        if window is not None:
            statement = statement.where(_TRANSITION.at >= window.start, _TRANSITION.at < window.end)
        with self._catalog.read() as connection:
            return [_transition(row) for row in connection.execute(statement.limit(limit))]

    def due(self, now: datetime, limit: int = 100) -> list[Delivery]:
        """Unfinished messages, pending or held, whose next try has come.

        By transition, oldest first, then by channel.
        """
        unfinished = _DELIVERY.state.in_([DeliveryState.PENDING.value, DeliveryState.HELD.value])
        statement = (
            _joined()
            .where(unfinished, _DELIVERY.finished.is_(None), _DELIVERY.next_try <= now)
            .order_by(_DELIVERY.transition, _DELIVERY.channel)
            .limit(limit)
        )
        with self._catalog.read() as connection:
            return [_delivery(row) for row in connection.execute(statement)]

    def settle(self, delivery: Delivery) -> None:
        """Write how a try ended: sent, held, failed, or pending with its next try."""
        changed = (
            update(schema.deliveries)
            .where(_DELIVERY.id == delivery.id)
            .values(
                state=delivery.state.value,
                attempts=delivery.attempts,
                next_try=delivery.next_try,
                why=delivery.why,
                finished=delivery.finished,
            )
        )
        with self._writing() as connection:
            connection.execute(changed)

    def deliveries(self, *, transition: int | None = None, limit: int = 100) -> list[Delivery]:
        """Messages, newest first; of one transition if its id is given."""
        statement = _joined().order_by(_DELIVERY.id.desc()).limit(limit)
        if transition is not None:
            statement = statement.where(_DELIVERY.transition == transition)
        with self._catalog.read() as connection:
            return [_delivery(row) for row in connection.execute(statement)]

    def last_sent(self, part: str) -> datetime | None:
        """When a message of an alarm whose id has this part last arrived anywhere."""
        statement = (
            select(func.max(_DELIVERY.finished))
            .join(schema.transitions, _DELIVERY.transition == _TRANSITION.id)
            .where(_DELIVERY.state == DeliveryState.SENT.value)
            .where(_TRANSITION.alarm.contains(part, autoescape=True))
        )
        with self._catalog.read() as connection:
            found: datetime | None = connection.execute(statement).scalar()
        return found

    def silences(self, now: datetime) -> list[Silence]:
        """Silences that have not ended, also those that have yet to start."""
        statement = (
            select(schema.silences)
            .where(or_(_SILENCE.end_at.is_(None), _SILENCE.end_at > now))
            .order_by(_SILENCE.id)
        )
        with self._catalog.read() as connection:
            return [_silence(row) for row in connection.execute(statement)]

    def add_silence(self, silence: Silence) -> Silence:
        """Keep a silence; it comes back with its id."""
        row = {
            "matchers": silence.matchers,
            "start_at": silence.start,
            "end_at": silence.end,
            "author": silence.author,
            "comment": silence.comment,
        }
        with self._writing() as connection:
            statement = insert(schema.silences).returning(_SILENCE.id)
            return replace(silence, id=connection.execute(statement, row).scalar_one())

    def end_silence(self, id: int, now: datetime) -> None:  # noqa: A002 - the silence's own word
        """Let a silence end now; one that has ended already stays as it is."""
        with self._writing() as connection:
            connection.execute(
                update(schema.silences)
                .where(_SILENCE.id == id, or_(_SILENCE.end_at.is_(None), _SILENCE.end_at > now))
                .values(end_at=now)
            )

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._catalog.write() as connection:
            changes = grow(connection, "ledger")
            yield connection
        self._seen.note({"ledger": changes})


def drop_before(connection: Connection, moment: datetime) -> int:
    """Remove transitions before ``moment`` and their messages; how many transitions."""
    old = select(_TRANSITION.id).where(_TRANSITION.at < moment)
    connection.execute(delete(schema.deliveries).where(_DELIVERY.transition.in_(old)))
    gone = connection.execute(delete(schema.transitions).where(_TRANSITION.at < moment))
    if gone.rowcount:
        grow(connection, "ledger")
    return gone.rowcount


def _add_transition(connection: Connection, transition: Transition) -> Transition:
    row = {
        "alarm": transition.alarm,
        "at": transition.at,
        "old": transition.old.value,
        "new": transition.new.value,
        "reason": transition.reason,
        "reason_data": transition.reason_data,
        "contributor": transition.contributor,
    }
    statement = insert(schema.transitions).returning(_TRANSITION.id)
    return replace(transition, id=connection.execute(statement, row).scalar_one())


def _owe(
    connection: Connection, transition: Transition, channels: Sequence[str], now: datetime
) -> None:
    rows = [
        {
            "transition": transition.id,
            "channel": channel,
            "state": DeliveryState.PENDING.value,
            "attempts": 0,
            "next_try": now,
            "why": "",
            "finished": None,
        }
        for channel in dict.fromkeys(channels)
    ]
    if rows:
        connection.execute(insert(schema.deliveries), rows)


def _joined() -> Any:
    return select(
        schema.deliveries,
        _TRANSITION.alarm,
        _TRANSITION.at,
        _TRANSITION.old,
        _TRANSITION.new,
        _TRANSITION.reason,
        _TRANSITION.reason_data,
        _TRANSITION.contributor,
    ).join(schema.transitions, _DELIVERY.transition == _TRANSITION.id)


def _definition_row(definition: AlarmDefinition, position: int) -> dict[str, Any]:
    return {
        "id": definition.id,
        "position": position,
        "account": definition.place.account,
        "region": definition.place.region,
        "put": definition.put,
        "severity": definition.severity.value,
        "origin": definition.origin.value,
        "service": definition.service,
        "resource": definition.resource,
        "channels": list(definition.channels),
    }


def _definition(row: Row[Any]) -> AlarmDefinition:
    return AlarmDefinition(
        place=Place(row.account, row.region),
        put=row.put,
        severity=Severity(row.severity),
        origin=Origin(row.origin),
        service=row.service,
        resource=row.resource,
        channels=tuple(row.channels),
    )


def _status_row(status: AlarmStatus) -> dict[str, Any]:
    return {
        "alarm": status.alarm,
        "state": status.state.value,
        "reason": status.reason,
        "reason_data": status.reason_data,
        "since": status.since,
        "updated": status.updated,
        "problem": status.problem,
    }


def _status(row: Row[Any]) -> AlarmStatus:
    return AlarmStatus(
        alarm=row.alarm,
        state=AlarmState(row.state),
        reason=row.reason,
        reason_data=row.reason_data,
        since=row.since,
        updated=row.updated,
        problem=row.problem,
    )


def _transition(row: Row[Any], id: int | None = None) -> Transition:  # noqa: A002 - as the field
    return Transition(
        alarm=row.alarm,
        at=row.at,
        old=AlarmState(row.old),
        new=AlarmState(row.new),
        reason=row.reason,
        reason_data=row.reason_data,
        id=row.id if id is None else id,
        contributor=row.contributor,
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        transition=_transition(row, row.transition),
        channel=row.channel,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_try=row.next_try,
        why=row.why,
        finished=row.finished,
    )


def _silence(row: Row[Any]) -> Silence:
    return Silence(
        id=row.id,
        matchers=row.matchers,
        start=row.start_at,
        end=row.end_at,
        author=row.author,
        comment=row.comment,
    )
