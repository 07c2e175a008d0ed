"""One line of the function table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.query.insights.tree import Period
from app.query.insights.values import Value


@dataclass(frozen=True, slots=True)
class Clock:
    """The times a query knows, epoch milliseconds."""

    now_ms: int
    start_ms: int
    end_ms: int


Argument = Value | Period
Build = Callable[[Sequence[Value], Clock], Value]
PeriodBuild = Callable[[Value, Period, Clock], Value]


@dataclass(frozen=True, slots=True)
class Function:
    """``build`` gets values; with ``takes`` period it gets a time and a period.

    ``most`` None means any number of arguments. ``literals`` are positions of
    arguments that must be constants of the query. ``json`` functions also take
    the objects and lists of a JSON message, which are no fields.
    """

    name: str
    least: int
    most: int | None
    says: str
    build: Build | None = None
    period_build: PeriodBuild | None = None
    aliases: tuple[str, ...] = ()
    literals: tuple[int, ...] = ()
    takes: Literal["values", "period", "time and period"] = "values"
    json: bool = False
