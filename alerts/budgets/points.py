"""Series made of the bill: what the month and each budget stand at, for alarms and charts.

A point is written every few minutes though the bill changes a few times a day, so that an
alarm always has one to look at, and coverage says that somebody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from alerts.budgets.definitions import BudgetAlarms
from app.model.budgets import DAILY, FORECAST, MONTH_TO_DATE, NAMESPACE, BudgetStanding, Of
from app.model.groups import metrics_group
from app.model.ids import Place, SeriesKey
from app.model.rounds import Batch, Covered, Settledness
from app.model.spend import SpendDimension
from app.model.time import Window, floor
from app.read.budgets import BudgetsReader
from app.read.spend import CostsReader, SpendAnswer, SpendQuestion, SpendReader
from app.store import Store

MINUTE = timedelta(minutes=1)
LOOKED = timedelta(hours=1)
"""How far back a look counts: the values hold for the past hour as well."""

_MOST = 50
_COLUMNS = {
    "series": pl.UInt32(),
    "period": pl.Int32(),
    "at": pl.Datetime("ms", "UTC"),
    "sum": pl.Float64(),
    "minimum": pl.Float64(),
    "maximum": pl.Float64(),
    "sample_count": pl.Float64(),
}
Values = Mapping[SeriesKey, float]


@dataclass(slots=True)
class SpendSeries:
    """Works out the values anew when the bill or the day changes."""

    store: Store
    budgets: BudgetsReader
    _stamp: tuple[int, date] | None = None
    _values: Values = field(default_factory=dict)

    def values(self, version: int, now: datetime) -> Values:
        """Every series with its value now; none before there is a bill."""
        stamp = (version, now.date())
        if self._stamp != stamp:
            standing = self.budgets.standing(now).value
            found = [
                *_of_bill(SpendReader(self.store), self.budgets.costs, now),
                *_of_budgets(standing),
            ]
            place = self.budgets.place
            self._values = {
                SeriesKey.of(place, NAMESPACE, metric, dict(dimensions)): value
                for metric, dimensions, value in found
            }
            self._stamp = stamp
        return self._values

    def alarms(self) -> BudgetAlarms:
        """The alarms on the series of budgets."""

        def version() -> int:
            return self.store.spend.version

        return BudgetAlarms(self.budgets.budgets, version, self.budgets.place, self.written)

    def written(self, now: datetime) -> Values:
        """What was worked out last, which the points hold; nothing of a day that is over.

        A tick of the alarms must not wait for forecasts.
        """
        stamp = self._stamp
        return self._values if stamp is not None and stamp[1] == now.date() else {}


def batch(values: Values, place: Place, now: datetime) -> Batch | None:
    """A point for each series in the minute before now; None without any."""
    if not values:
        return None
    end = floor(now, MINUTE)
    numbers = list(values.values())
    frame = pl.DataFrame(
        {
            "series": range(len(numbers)),
            "period": [60] * len(numbers),
            "at": [end - MINUTE] * len(numbers),
            "sum": numbers,
            "minimum": numbers,
            "maximum": numbers,
            "sample_count": [1.0] * len(numbers),
        },
        schema=_COLUMNS,
    )
    window = Window(end - LOOKED, end)
    covered = Covered(place, metrics_group(NAMESPACE), window, Settledness.SETTLED)
    keys = list(values)
    return Batch(frames={"metrics": frame}, series=keys, listed_series=keys, covered=[covered])


_Found = tuple[str, Mapping[str, str], float]


def _of_budgets(standing: Iterable[BudgetStanding]) -> Iterator[_Found]:
    for each in standing:
        dimensions = each.budget.dimensions
        if each.actual_share is not None:
            yield Of.ACTUAL.metric, dimensions, each.actual_share
        if each.forecast_share is not None:
            yield Of.FORECAST.metric, dimensions, each.forecast_share


def _of_bill(spend: SpendReader, costs: CostsReader, now: datetime) -> Iterator[_Found]:
    """Month to date and forecast of all, and parts of the month and of the last whole day."""
    today = now.date()
    first, tomorrow = today.replace(day=1), today + timedelta(days=1)
    month = _ask(spend, first, tomorrow, now, SpendDimension.SERVICE)
    if month is None:
        return
    yield MONTH_TO_DATE, {}, float(month.total)
    yield from _by(month, MONTH_TO_DATE, "Service")
    accounts = _ask(spend, first, tomorrow, now, SpendDimension.LINKED_ACCOUNT)
    if accounts is not None:
        yield from _by(accounts, MONTH_TO_DATE, "LinkedAccount")
    ahead = costs.forecast(now).value
    if ahead is not None:
        yield FORECAST, {}, float(ahead.total.expected)
    for dimension, name in (
        (SpendDimension.SERVICE, "Service"),
        (SpendDimension.USAGE_TYPE, "UsageType"),
        (SpendDimension.LINKED_ACCOUNT, "LinkedAccount"),
    ):
        day = _last_whole(spend, now, dimension)
        if day is None:
            continue
        if dimension is SpendDimension.SERVICE:
            yield DAILY, {}, float(day.total)
        yield from _by(day, DAILY, name)


def _last_whole(spend: SpendReader, now: datetime, group: SpendDimension) -> SpendAnswer | None:
    """The newest day that is whole; before the bill is read in the morning, one day older."""
    for back in (2, 3):
        day = now.date() - timedelta(days=back)
        answer = _ask(spend, day, day + timedelta(days=1), now, group)
        if answer is not None and answer.is_whole(answer.question.window):
            return answer
    return None


def _by(answer: SpendAnswer, metric: str, name: str) -> Iterator[_Found]:
    for row in answer.rows:
        if row.key[0]:
            yield metric, {name: row.key[0]}, float(row.total)


def _ask(
    spend: SpendReader, start: date, end: date, now: datetime, group: SpendDimension
) -> SpendAnswer | None:
    window = Window(datetime.combine(start, time(), UTC), datetime.combine(end, time(), UTC))
    answer = spend.ask(SpendQuestion(window, group=(group,), top=_MOST), now).value
    return None if answer.why_not else answer
