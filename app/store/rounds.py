"""What is remembered of each round: how it ended, and since when it fails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select

from app.model.ids import Place
from app.model.rounds import Result, Round
from app.model.time import Window
from app.store import schema
from app.store.catalog import Catalog, Upsert

_ROUND = schema.rounds.c
_LATEST = schema.latest_rounds.c
_NOTE_NEWEST = Upsert(schema.latest_rounds)
_INSERT = insert(schema.rounds).returning(_ROUND.id)
_ANSWERED = frozenset({Result.OK, Result.PARTIAL})


class Rounds:
    """Questions about rounds."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def latest(self) -> list[Round]:
        """The newest round of each collector, place and group, in that order."""
        statement = (
            select(schema.rounds)
            .join(schema.latest_rounds, _LATEST.round == _ROUND.id)
            .order_by(_ROUND.collector, _ROUND.account, _ROUND.region, _ROUND.group_name)
        )
        with self._catalog.read() as connection:
            return [_round(row) for row in connection.execute(statement)]

    def recent(
        self,
        limit: int = 100,
        *,
        collector: str | None = None,
        place: Place | None = None,
        result: Result | None = None,
    ) -> list[Round]:
        """Rounds that match all that is given, newest first."""
        statement = select(schema.rounds).order_by(_ROUND.finished.desc(), _ROUND.id.desc())
        if collector is not None:
            statement = statement.where(_ROUND.collector == collector)
        if place is not None:
            statement = statement.where(_in_place(place))
        if result is not None:
            statement = statement.where(_ROUND.result == result.value)
        with self._catalog.read() as connection:
            return [_round(row) for row in connection.execute(statement.limit(limit))]

    def failing_since(self, collector: str, place: Place, group: str) -> datetime | None:
        """When the first of the failed rounds began that no answer has followed yet."""
        statement = select(_LATEST.failing_since).where(_task(collector, place, group))
        with self._catalog.read() as connection:
            found: datetime | None = connection.execute(statement).scalar()
        return found


def record(connection: Connection, done: Round) -> None:
    """Add a round and note it as the newest of its task."""
    number = connection.execute(_INSERT, _values(done)).scalar_one()
    failing = None
    if done.result not in _ANSWERED:
        task = _task(done.collector, done.place, done.group)
        failing = connection.execute(select(_LATEST.failing_since).where(task)).scalar()
        failing = failing or done.started
    newest = {
        "collector": done.collector,
        "account": done.place.account,
        "region": done.place.region,
        "group_name": done.group,
        "round": number,
        "failing_since": failing,
    }
    _NOTE_NEWEST.run(connection, [newest])


def drop_before(connection: Connection, moment: datetime) -> int:
    """Remove rounds that finished before ``moment``, but never the newest of a task."""
    newest = select(_LATEST.round)
    old = delete(schema.rounds).where(_ROUND.finished < moment, _ROUND.id.not_in(newest))
    return connection.execute(old).rowcount


def _values(done: Round) -> dict[str, Any]:
    return {
        "collector": done.collector,
        "account": done.place.account,
        "region": done.place.region,
        "group_name": done.group,
        "started": done.started,
        "finished": done.finished,
        "result": done.result.value,
        "window_start": done.window.start if done.window else None,
        "window_end": done.window.end if done.window else None,
        "rows": done.rows,
        "calls": done.calls,
        "usd": done.usd,
        "message": done.message,
        "action": done.action,
    }


def _round(row: Row[Any]) -> Round:
    return Round(
        collector=row.collector,
        place=Place(row.account, row.region),
        group=row.group_name,
        started=row.started,
        finished=row.finished,
        result=Result(row.result),
        window=None if row.window_start is None else Window(row.window_start, row.window_end),
        rows=row.rows,
        calls=row.calls,
        usd=row.usd,
        message=row.message,
        action=row.action,
    )


def _in_place(place: Place) -> ColumnElement[bool]:
    return and_(_ROUND.account == place.account, _ROUND.region == place.region)


def _task(collector: str, place: Place, group: str) -> ColumnElement[bool]:
    return and_(
        _LATEST.collector == collector,
        _LATEST.account == place.account,
        _LATEST.region == place.region,
        _LATEST.group_name == group,
    )
