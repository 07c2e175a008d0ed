"""Anomalies of services with their causes: usage types, then resources or tags within."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.model.readings import Look, Reading
from app.model.spend import Dimension, SpendDimension, Tag
from app.model.time import Window
from app.read.spend.anomalies import LOOK_BACK, Cause, Detail, SpendAnomaly, causes, find
from app.read.spend.daily import Bill, Where, daily_of, days_until, told, whole_slots
from app.read.spend.forecast import DailySpend
from app.read.spend.question import SpendAnswer, SpendFilter, SpendRow
from app.read.spend.scoped import narrowed

MOST_EXPLAINED = 10
"""Anomalies whose causes are looked up, the dearest."""

_PAIR = (SpendDimension.SERVICE, SpendDimension.USAGE_TYPE)
BEFORE = 28
"""Days before an anomaly that its parts are compared with."""


def unusual(
    bill: Bill, window: Window, tags: Sequence[str] = (), where: Where = ()
) -> Reading[tuple[SpendAnomaly, ...]]:
    """What cost clearly more than expected in a window, by service.

    Causes are looked for in what passes the filters too, as far as a cut tells them.
    """
    start = window.start - timedelta(days=LOOK_BACK)
    reading = bill.ask(Window(start, window.end), SpendDimension.SERVICE, where=where)
    answer = reading.value
    groups: dict[tuple[str, ...], DailySpend] = {
        row.key: daily_of(answer, row) for row in answer.rows
    }
    found = find(groups, window.start.date(), window.end.date())
    explained = [_explained(bill, each, tags, where) for each in found[:MOST_EXPLAINED]]
    answered = told(reading, (*explained, *found[MOST_EXPLAINED:]))
    return replace(answered, said=_untold(bill, window, where)) if where and found else answered


def _untold(bill: Bill, window: Window, where: Where) -> str:
    """Why nothing is told of what is in the services, where that is so."""
    reading = narrowed(bill, window, *_PAIR, where=where)
    return reading.said if reading.look is Look.DATA else f"Causes are not told: {reading.said}"


def _explained(
    bill: Bill, anomaly: SpendAnomaly, tags: Sequence[str], where: Where
) -> SpendAnomaly:
    of_service = (SpendFilter(SpendDimension.SERVICE, anomaly.key), *where)
    parts = _parts(bill, anomaly, SpendDimension.USAGE_TYPE, of_service)
    if not parts:
        return anomaly
    first = parts[0]
    of_type = (*of_service, SpendFilter(SpendDimension.USAGE_TYPE, first.key))
    within = _parts(bill, anomaly, SpendDimension.RESOURCE, of_type)
    for key in tags:
        if not within:
            by_tag = _parts(bill, anomaly, Tag(key), of_service)
            within = tuple(replace(c, key=(f"{key}={c.key[0] or '(untagged)'}",)) for c in by_tag)
    return replace(anomaly, causes=(replace(first, of=within), *parts[1:]))


def _parts(
    bill: Bill, anomaly: SpendAnomaly, dimension: Dimension, where: Where
) -> tuple[Cause, ...]:
    """What explains it along one dimension; nothing where that is not collected."""
    days = (anomaly.until - anomaly.day).days
    window = days_until(anomaly.until, BEFORE + days)
    reading = narrowed(bill, window, dimension, where=where, quantities=True)
    if reading.look is not Look.DATA:
        return ()
    answer = reading.value
    details = {row.key: _detail(answer, row) for row in answer.rows}
    return causes(details, anomaly.day, anomaly.until, anomaly.excess)


def _detail(answer: SpendAnswer, row: SpendRow) -> Detail:
    used = row.quantities[: whole_slots(answer)] if row.unit else ()
    return Detail(daily_of(answer, row), tuple(used))


def covered_tags(cuts: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Keys of the tags that spend is collected by."""
    found = {name.removeprefix("TAG:") for cut in cuts for name in cut if name.startswith("TAG:")}
    return tuple(sorted(found))
