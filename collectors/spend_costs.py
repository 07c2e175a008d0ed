"""What Cost Explorer tells about costs, as statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from app.model.spend import (
    DAY_S,
    SPEND_ROWS,
    SpendSource,
    SpendStatement,
    to_units,
)
from app.model.time import Window
from collectors.spend_asking import Asking
from collectors.spend_cuts import METRICS, QUANTITY, Split

DAY = timedelta(days=1)


@dataclass(slots=True)
class Costs:
    """What was read of a window: whole days from its start on, ``window`` says how many."""

    split: Split
    window: Window
    pages: int = 0
    more: bool = False
    days: dict[date, list[Mapping[str, Any]]] = field(default_factory=dict)
    estimated: dict[date, bool] = field(default_factory=dict)

    @property
    def estimated_from(self) -> datetime | None:
        """The first day that AWS calls an estimate."""
        days = [day for day, guessed in self.estimated.items() if guessed]
        return midnight(min(days)) if days else None

    @property
    def currencies(self) -> set[str]:
        """Units of the amounts that are no US dollars."""
        groups = (group for groups in self.days.values() for group in groups)
        units = {(group["Metrics"].get("UnblendedCost") or {}).get("Unit") for group in groups}
        return {str(unit) for unit in units if unit} - {"USD"}

    @property
    def days_a_page(self) -> int | None:
        """How many days one page held, if there was more than one page."""
        if self.pages < 2 and not self.more:
            return None
        return max(1, len(self.days) // self.pages)

    def statement(self, payer: str, read_at: datetime) -> SpendStatement:
        """All of it as one statement."""
        return SpendStatement(
            SpendSource.CE, payer, self.split.cut, self.window, read_at, self._rows()
        )

    def _rows(self) -> pl.DataFrame:
        told = [
            (midnight(day), self.estimated[day], group)
            for day, groups in self.days.items()
            for group in groups
        ]
        keys = [self.split.values(group["Keys"]) for _, _, group in told]
        columns: dict[str, Sequence[Any]] = {
            "at": [at for at, _, _ in told],
            "period": [DAY_S] * len(told),
            "estimated": [guessed for _, guessed, _ in told],
        }
        for number, name in enumerate(self.split.columns()):
            columns[name] = [key[number] for key in keys]
        for metric, name in METRICS.items():
            columns[name] = [to_units(_amount(group, metric)) for _, _, group in told]
        if self.split.counts:
            columns["quantity"] = [float(_amount(group, QUANTITY)) for _, _, group in told]
            columns["unit"] = [_unit(group) for _, _, group in told]
        missing = {name: [None] * len(told) for name in SPEND_ROWS if name not in columns}
        return pl.DataFrame({**columns, **missing}, schema_overrides=dict(SPEND_ROWS)).select(
            list(SPEND_ROWS)
        )


def read_costs(asking: Asking, split: Split, window: Window, most: int) -> Costs:
    """Read a window in up to ``most`` requests; what did not fit is left out by whole days."""
    params = {
        "TimePeriod": {"Start": f"{window.start:%Y-%m-%d}", "End": f"{window.end:%Y-%m-%d}"},
        "Granularity": "DAILY",
        "Metrics": [*METRICS, *([QUANTITY] if split.counts else [])],
        "GroupBy": split.group_by(),
    }
    costs = Costs(split, window)
    pages, costs.more = asking.pages("GetCostAndUsage", params, most)
    costs.pages = len(pages)
    for page in pages:
        for result in page.get("ResultsByTime") or ():
            _take(costs, result)
    if costs.more:
        _leave_the_last(costs)
    return costs


def _take(costs: Costs, result: Mapping[str, Any]) -> None:
    """A day may be told in parts on two pages."""
    day = date.fromisoformat(result["TimePeriod"]["Start"])
    groups = result.get("Groups") or ()
    costs.days.setdefault(day, []).extend(groups)
    costs.estimated[day] = bool(result.get("Estimated", False))


def _leave_the_last(costs: Costs) -> None:
    """The last day of a page that is not the last may go on there."""
    last = max(costs.days, default=None)
    if last is None:
        costs.window = Window(costs.window.start, costs.window.start)
        return
    del costs.days[last], costs.estimated[last]
    costs.window = Window(costs.window.start, max(costs.window.start, midnight(last)))


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _amount(group: Mapping[str, Any], metric: str) -> str:
    told = group["Metrics"].get(metric) or {}
    return str(told.get("Amount") or "0")


def _unit(group: Mapping[str, Any]) -> str:
    unit = str((group["Metrics"].get(QUANTITY) or {}).get("Unit") or "")
    return "" if unit == "N/A" else unit
