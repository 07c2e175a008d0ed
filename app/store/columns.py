"""Kinds of columns of the catalog, and what every table of it is registered with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Dialect, Integer, MetaData, Text
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
PICO_USD = Decimal(10) ** 12


class Moment(TypeDecorator[datetime]):
    """An aware time, kept as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """A JSON value, kept as text with sorted keys, so equal values are equal texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        return None if value is None else orjson.loads(value)


class Usd(TypeDecorator[Decimal]):
    """An amount kept as whole pico-dollars, so sums in SQL are exact."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((value * PICO_USD).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(int(value)) / PICO_USD).normalize()


def to_json(value: object) -> str:
    """Text with sorted keys; what JSON does not know is written as its ``str``."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS).decode()


def as_json(value: object) -> Any:
    """``value`` as it comes back from a JSON column."""
    return orjson.loads(to_json(value))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return str(value)


metadata = MetaData()

# SQLite gives out row ids by itself only for a column that is exactly INTEGER.
SERIAL = BigInteger().with_variant(Integer(), "sqlite")


def place_columns() -> tuple[Column[str], Column[str]]:
    """Account and Region as the first half of a primary key."""
    return (Column("account", Text, primary_key=True), Column("region", Text, primary_key=True))
