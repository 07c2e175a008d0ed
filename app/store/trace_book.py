"""What the catalog holds of traces: those still to be fetched, and what could not be used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, select

from app.model.ids import Place
from app.model.rounds import Batch
from app.model.time import Window, floor
from app.model.traces import Flaw, OwedTrace, RefusedSpans, TraceSource
from app.store import trace_schema as schema
from app.store.catalog import Catalog, Upsert

KEPT = timedelta(days=30)
"""X-Ray has a trace for so long; afterwards nobody can pay what is owed."""

_HOUR = timedelta(hours=1)
_O, _R = schema.owed.c, schema.refused.c
_OWE = Upsert(schema.owed, keep={"since"})
_COUNT = Upsert(schema.refused, add={"count"})


class TraceBook:
    """Questions about traces that are answered without their rows."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def owed(self, place: Place) -> list[OwedTrace]:
        """What is still to be fetched of a place, the oldest first."""
        statement = (
            select(schema.owed)
            .where(_O.account == place.account, _O.region == place.region)
            .order_by(_O.since, _O.trace_id)
        )
        with self._catalog.read() as connection:
            return [
                OwedTrace(row.trace_id, place, row.since, row.tries, row.weight)
                for row in connection.execute(statement)
            ]

    def refused(self, window: Window, places: Sequence[Place]) -> list[RefusedSpans]:
        """What could not be used, of the hours that touch ``window``; the most frequent first."""
        keys = (_R.account, _R.region, _R.source, _R.flaw, _R.detail)
        count = func.sum(_R["count"]).label("total")
        statement = (
            select(*keys, count)
            .where(_R.hour > window.start - _HOUR, _R.hour < window.end)
            .group_by(*keys)
            .order_by(count.desc(), *keys)
        )
        wanted = set(places)
        with self._catalog.read() as connection:
            found = [
                RefusedSpans(
                    Place(row.account, row.region),
                    TraceSource(row.source),
                    Flaw(row.flaw),
                    row.detail,
                    int(row.total),
                )
                for row in connection.execute(statement)
            ]
        return [one for one in found if one.place in wanted]


def record(connection: Connection, batch: Batch, now: datetime) -> None:
    """Keep what a batch says of traces owed and refused; what is too old is forgotten."""
    _OWE.run(connection, [_owed_row(one) for one in batch.traces_owed])
    if batch.traces_settled:
        paid = delete(schema.owed).where(
            _O.account == bindparam("a"), _O.region == bindparam("r"), _O.trace_id == bindparam("t")
        )
        connection.execute(paid, [_key(one) for one in batch.traces_settled])
    if batch.spans_refused:
        hour = floor(now, _HOUR)
        for one in batch.spans_refused:
            _COUNT.run(connection, [_refused_row(one, hour)])
        connection.execute(delete(schema.refused).where(_R.hour < now - KEPT))
    if batch.traces_owed:
        connection.execute(delete(schema.owed).where(_O.since < now - KEPT))


def _owed_row(one: OwedTrace) -> dict[str, object]:
    place = one.place
    return {
        "account": place.account,
        "region": place.region,
        "trace_id": one.trace_id,
        "since": one.since,
        "tries": one.tries,
        "weight": one.weight,
    }


def _key(one: OwedTrace) -> dict[str, str]:
    return {"a": one.place.account, "r": one.place.region, "t": one.trace_id}


def _refused_row(one: RefusedSpans, hour: datetime) -> dict[str, object]:
    return {
        "hour": hour,
        "account": one.place.account,
        "region": one.place.region,
        "source": one.source.value,
        "flaw": one.flaw.value,
        "detail": one.detail,
        "count": one.count,
    }
