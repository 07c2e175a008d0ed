"""What Watchdeck's own calls cost, added up by UTC day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, func, select

from app.model.ids import Place
from app.model.plans import Plan, PlannedRead
from app.model.rounds import MeterEntry
from app.model.time import Window, epoch_ms, floor, from_epoch_ms
from app.store import schema
from app.store.catalog import Catalog, Upsert

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
DAYS = pl.Schema(
    {
        "day": pl.Date(),
        "account": pl.String(),
        "region": pl.String(),
        "service": pl.String(),
        "operation": pl.String(),
        "collector": pl.String(),
        "calls": pl.Int64(),
        "units": pl.Int64(),
        "usd": pl.Float64(),
        "throttles": pl.Int64(),
        "errors": pl.Int64(),
    }
)
_COLUMN = schema.meter.c
_COUNTED = ("calls", "units", "usd", "throttles", "errors")
_PLAN = "plan"
_FACT = Upsert(schema.facts)
_ADD = Upsert(schema.meter, add=_COUNTED)
_CALL = (_COLUMN.account, _COLUMN.region, _COLUMN.service, _COLUMN.operation, _COLUMN.collector)


class MeterBook:
    """Questions about calls and their price."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._read: tuple[str, Plan] | None = None

    def month(self, now: datetime) -> list[MeterEntry]:
        """The calendar month (UTC) of ``now`` so far, one entry a kind of call, dearest first.

        ``at`` is the start of the month.
        """
        start = floor(now, DAY).replace(day=1)
        sums = [func.sum(_COLUMN[name]).label(name) for name in _COUNTED]
        statement = (
            select(*_CALL, *sums)
            .where(_COLUMN.day >= start, _COLUMN.day <= now)
            .group_by(*_CALL)
            .order_by(*_CALL)
        )
        with self._catalog.read() as connection:
            entries = [_entry(start, row) for row in connection.execute(statement)]
        return sorted(entries, key=lambda entry: entry.usd, reverse=True)

    def days(self, window: Window) -> pl.DataFrame:
        """One row a day and kind of call, for the days that begin inside ``window``."""
        statement = (
            select(schema.meter)
            .where(_COLUMN.day >= window.start, _COLUMN.day < window.end)
            .order_by(_COLUMN.day, *_CALL)
        )
        with self._catalog.read() as connection:
            rows = [_day(row) for row in connection.execute(statement)]
        return pl.DataFrame(rows, schema=DAYS, orient="row")

    def plan(self) -> Plan | None:
        """What the collecting process meant to do when it last said so."""
        statement = select(schema.facts.c.value).where(schema.facts.c.name == _PLAN)
        with self._catalog.read() as connection:
            text = connection.execute(statement).scalar()
        if text is None:
            return None
        read = self._read
        if read is None or read[0] != text:
            at, *reads = orjson.loads(text)
            read = self._read = (text, Plan(from_epoch_ms(at), tuple(map(_planned, reads))))
        return read[1]


def note_plan(connection: Connection, plan: Plan) -> None:
    """Remember ``plan`` instead of the one before."""
    text = orjson.dumps([epoch_ms(plan.at), *map(_written, plan.reads)]).decode()
    _FACT.run(connection, [{"name": _PLAN, "value": text}])


def add(connection: Connection, entries: Iterable[MeterEntry]) -> None:
    """Add calls to what is counted already."""
    summed: dict[tuple[object, ...], dict[str, Any]] = {}
    for entry in entries:
        place = entry.place
        call = (place.account, place.region, entry.service, entry.operation, entry.collector)
        key = (floor(entry.at, DAY), *call)
        row = summed.get(key)
        if row is None:
            names = ("day", *(column.name for column in _CALL))
            row = summed[key] = dict(zip(names, key, strict=True)) | dict.fromkeys(_COUNTED, 0)
        for name in _COUNTED:
            row[name] += getattr(entry, name)
    _ADD.run(connection, list(summed.values()))


def _written(read: PlannedRead) -> list[object]:
    intervals = [interval // SECOND for interval in (read.wished, read.every)]
    place = read.place
    return [place.account, place.region, read.collector, read.group, str(read.usd), *intervals]


def _planned(written: list[Any]) -> PlannedRead:
    account, region, collector, group, usd, wished, every = written
    place = Place(account, region)
    return PlannedRead(place, collector, group, Decimal(usd), wished * SECOND, every * SECOND)


def _entry(at: datetime, row: Any) -> MeterEntry:
    return MeterEntry(
        at=at,
        place=Place(row.account, row.region),
        service=row.service,
        operation=row.operation,
        collector=row.collector,
        calls=int(row.calls),
        units=int(row.units),
        usd=row.usd,
        throttles=int(row.throttles),
        errors=int(row.errors),
    )


def _day(row: Any) -> tuple[object, ...]:
    counted = (row.calls, row.units, float(row.usd), row.throttles, row.errors)
    call = (row.account, row.region, row.service, row.operation, row.collector)
    return (row.day.date(), *call, *counted)
