"""Which series exist: ListMetrics, and what the inventory implies.

ListMetrics names a new series within 15 minutes and forgets it after two weeks
without data. A short listing (the last three hours) is enough while the last
one is recent; once a day all is listed. Where ListMetrics may not be called the
inventory alone tells which series there must be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from app.aws import Aws
from app.aws.prices import PRICES
from app.model.errors import AwsError
from app.model.groups import series_group
from app.model.ids import Place, SeriesKey
from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Intervals, Window
from collectors.metric_series import SeriesBook

COLLECTOR = "metrics"
RECENT, RECENT_ENOUGH = timedelta(hours=3), timedelta(hours=2)
MEMORY = timedelta(days=14)
NEW_RESOURCE = timedelta(hours=3)
SETTLING = timedelta(minutes=2)
"""Inventory rounds come in bunches; one listing after them is enough."""

A_PAGE = 500
MAX_SERIES = 20_000
"""Series of one namespace and place; what is left out beyond it is said, never silent."""


def is_due(
    listed: Intervals,
    every: timedelta,
    now: datetime,
    newest_resource: Callable[[], datetime | None],
) -> bool:
    """Whether to list again: time has passed, or the inventory found something new."""
    if not listed:
        return True
    last = listed.windows[-1].end
    if now - last < SETTLING:
        return False
    if now - last >= every:
        return True
    newest = newest_resource()
    return newest is not None and newest > last


def window(listed: Intervals, now: datetime, longest_period: int) -> Window:
    """The time whose active series to list: three hours, or two weeks once a day."""
    full = Window(now - MEMORY, now)
    if not listed or longest_period > RECENT.total_seconds():
        return full
    last = listed.windows[-1]
    if now - last.end > RECENT_ENOUGH or last.end.date() != now.date():
        return full
    return Window(now - RECENT, now)


def usd(series: int) -> Decimal:
    """What one listing of so many series costs."""
    return max(1, -(-series // A_PAGE)) * PRICES["cloudwatch", "*"].usd


def discover(
    aws: Aws,
    book: SeriesBook,
    place: Place,
    namespace: str,
    window: Window,
    alarmed: Collection[SeriesKey],
) -> Iterator[Batch]:
    """One batch with the series of ``namespace`` that the catalogue or an alarm wants."""
    found: dict[SeriesKey, None] = {}
    params: dict[str, str] = {"Namespace": namespace}
    if window.length <= RECENT:
        params["RecentlyActive"] = "PT3H"
    pages = aws.pages(place, "cloudwatch", "ListMetrics", params, collector=COLLECTOR)
    notes: list[str] = []
    try:
        for page in pages:
            for metric in page.get("Metrics", ()):
                dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", ())}
                key = SeriesKey.of(place, namespace, metric["MetricName"], dimensions)
                if book.accepts(key) or key in alarmed:
                    found[key] = None
            if len(found) > MAX_SERIES:
                notes.append(_too_many(namespace))
                break
    except AwsError:
        implied = book.of_resources(place, namespace, None)
        if implied:
            yield Batch(listed_series=implied)
        raise
    implied = book.of_resources(place, namespace, window.end - NEW_RESOURCE)
    keys = list(found | dict.fromkeys(implied))[:MAX_SERIES]
    notes += [pages.cut] if pages.cut else []
    asked = Covered(place, series_group(namespace), window, Settledness.SETTLED)
    yield Batch(listed_series=keys, covered=[asked], notes=notes)


def _too_many(namespace: str) -> str:
    return (
        f"{namespace} has more than {MAX_SERIES:,} series here; those listed after them are not "
        "read. Take out services or Regions that you do not need."
    )
