"""AWS/Billing EstimatedCharges: what the month has cost so far, several times a day.

It is told in the home Region only, and only where "billing alerts" are switched on in the
Billing console; an account without them has no such metric, which is no failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.aws import Aws, MetricQuery, home_region
from app.model.groups import metrics_group
from app.model.ids import Place, SeriesKey
from app.model.rounds import Batch, Covered, Settledness
from app.model.time import Window, floor
from app.store import Store
from collectors.metric_frames import BASIC, Rows
from collectors.packing import pack
from collectors.spend_asking import COLLECTOR

NAMESPACE, METRIC = "AWS/Billing", "EstimatedCharges"
PERIOD = 21_600
STEP = timedelta(seconds=PERIOD)
FIRST, AGAIN = timedelta(days=60), timedelta(days=2)
"""How far back the first read goes, and each one after it."""


def estimated_charges(aws: Aws, store: Store, account: Place, now: datetime) -> Iterator[Batch]:
    """All series of the metric, with their newest points."""
    place = Place(account.account, home_region(account.region))
    keys, cut = _keys(aws, place)
    if not keys:
        note = (
            f"account {place.account} publishes no {NAMESPACE} {METRIC}; switch on billing alerts "
            "in the Billing console to see the month grow during the day"
        )
        yield Batch(notes=[cut or note])
        return
    window = _window(store, place, now)
    for batch in pack([MetricQuery(key, PERIOD, BASIC) for key in keys], window):
        rows = Rows()
        rows.add(batch, aws.metric_data(place, batch, window, collector=COLLECTOR))
        yield Batch(
            frames=rows.frames(), series=rows.series, listed_series=keys, notes=list(rows.messages)
        )
    covered = Covered(place, metrics_group(NAMESPACE, PERIOD), window, Settledness.PROVISIONAL)
    yield Batch(covered=[covered], notes=[cut] if cut else [])


def _keys(aws: Aws, place: Place) -> tuple[list[SeriesKey], str]:
    params = {"Namespace": NAMESPACE, "MetricName": METRIC}
    pages = aws.pages(place, "cloudwatch", "ListMetrics", params, collector=COLLECTOR)
    found = [
        SeriesKey.of(
            place,
            NAMESPACE,
            METRIC,
            {each["Name"]: each["Value"] for each in metric.get("Dimensions") or ()},
        )
        for page in pages
        for metric in page.get("Metrics") or ()
    ]
    return sorted(found), pages.cut


def _window(store: Store, place: Place, now: datetime) -> Window:
    """From the last read on, with some overlap, because points come late."""
    end = floor(now, STEP) + STEP
    answered = store.coverage(place, metrics_group(NAMESPACE, PERIOD)).answered
    start = end - FIRST
    if answered:
        start = max(start, min(end - AGAIN, answered.windows[-1].end - AGAIN))
    return Window(start, end)
