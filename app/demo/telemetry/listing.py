"""ListMetrics, GetMetricStatistics and PutMetricData."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from app.demo.refusal import Refused, invalid
from app.demo.telemetry.fields import (
    Request,
    dimensions,
    items,
    mapping,
    moment,
    number,
    required,
    series,
    text,
)
from app.demo.telemetry.questions import checked_period, kept_for, rounded_start, window
from app.demo.telemetry.sources import Sources
from app.demo.telemetry.statistics import PLAIN, Slots, statistic
from app.demo.telemetry.written import Datum, Written
from app.model.ids import Place, SeriesKey

PAGE = 500
_RECENT_S = 3 * 3600
_MOST_DATAPOINTS = 1440
_MOST_PUT = 1000
# CloudWatch accepts points two weeks old and two hours ahead (PutMetricData).
_OLDEST_PUT_S, _NEWEST_PUT_S = 14 * 86_400, 2 * 3600


def list_metrics(
    sources: Sources, place: Place, request: Request, now_s: float
) -> dict[str, object]:
    """One page of at most 500 metrics, in a stable order."""
    keys = [key for key in sources.keys(place) if _wanted(key, request)]
    recent = text(request.get("RecentlyActive"))
    if recent and recent != "PT3H":
        raise invalid("The only valid value for parameter RecentlyActive is PT3H.")
    if recent:
        keys = [key for key in keys if _is_active(sources, key, now_s)]
    start = _position(text(request.get("NextToken")), len(keys))
    page = keys[start : start + PAGE]
    answer: dict[str, object] = {"Metrics": [_metric(key) for key in page]}
    if start + PAGE < len(keys):
        answer["NextToken"] = base64.urlsafe_b64encode(str(start + PAGE).encode()).decode()
    if str(request.get("IncludeLinkedAccounts", "")).lower() == "true":
        answer["OwningAccounts"] = [key.account for key in page]
    return answer


def _wanted(key: SeriesKey, request: Request) -> bool:
    for name, value in (("Namespace", key.namespace), ("MetricName", key.metric)):
        if request.get(name) and request[name] != value:
            return False
    has = dict(key.dimensions)
    for item in items(request.get("Dimensions")):
        asked = mapping(item)
        name, value = text(asked.get("Name")), text(asked.get("Value"))
        if name not in has or (value and has[name] != value):
            return False
    return True


def _is_active(sources: Sources, key: SeriesKey, now_s: float) -> bool:
    samples = sources.samples(key, int(now_s) - _RECENT_S, int(now_s), now_s)
    return samples is not None and len(samples) > 0


def _position(token: str, length: int) -> int:
    if not token:
        return 0
    try:
        position = int(base64.urlsafe_b64decode(token))
    except ValueError:
        raise Refused("InvalidParameterValue", "The next token is not valid.") from None
    if not 0 <= position <= length:
        raise Refused("InvalidParameterValue", "The next token is not valid.")
    return position


def _metric(key: SeriesKey) -> dict[str, object]:
    return {
        "Namespace": key.namespace,
        "MetricName": key.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in key.dimensions],
    }


def metric_statistics(
    sources: Sources, place: Place, request: Request, now_s: float, delay_s: float = 0.0
) -> dict[str, object]:
    """GetMetricStatistics: all points of one metric, in no order, as AWS gives them."""
    start, end = window(request)
    period = checked_period(number(required(request, "Period"), "Period"))
    names = [text(n) for n in items(request.get("Statistics"))]
    extended = [text(n) for n in items(request.get("ExtendedStatistics"))]
    if not names and not extended:
        raise Refused("MissingParameter", "Must specify either Statistics or ExtendedStatistics.")
    points = -(-(end - start) // period)
    if points > _MOST_DATAPOINTS:
        raise Refused(
            "InvalidParameterCombination",
            f"You have requested up to {points:.0f} datapoints, which exceeds the limit of 1,440.",
        )
    first = max(rounded_start(start, now_s), int(now_s) - kept_for(period)) // period * period
    key = series(place, request)
    samples = sources.samples(key, first, int(np.ceil(end)), now_s, delay_s)
    slots = Slots.of(samples, period) if samples is not None and len(samples) else None
    found = [] if slots is None else _datapoints(slots, names, extended)
    return {"Label": key.metric, "Datapoints": found[1::2] + found[::2]}


def _datapoints(
    slots: Slots, names: Sequence[str], extended: Sequence[str]
) -> list[dict[str, object]]:
    columns = {}
    for name in (*names, *extended):
        wanted = statistic(name)
        if wanted is None or (name in names and name not in PLAIN):
            raise invalid(f"The value {name!r} is not a valid statistic.")
        columns[name] = slots.values(wanted)
    points: list[dict[str, object]] = []
    for row, at in enumerate(slots.starts):
        point: dict[str, object] = {"Timestamp": At(int(at)), "Unit": "None"}
        point |= {name: float(columns[name][row]) for name in names}
        if extended:
            point["ExtendedStatistics"] = {n: float(columns[n][row]) for n in extended}
        points.append(point)
    return points


class At(int):
    """Epoch seconds that a protocol writes as its kind of timestamp."""


def put_metric_data(written: Written, place: Place, request: Request, now_s: float) -> None:
    """Keep what a caller publishes."""
    namespace = text(required(request, "Namespace"))
    if namespace.startswith("AWS/"):
        raise Refused("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
    data = [mapping(item) for item in items(required(request, "MetricData"))]
    if len(data) > _MOST_PUT:
        raise invalid(f"The collection MetricData must not have a size greater than {_MOST_PUT}.")
    kept = [(_key(place, namespace, datum), _data(datum, now_s)) for datum in data]
    for key, rows in kept:
        written.put(key, rows)


def _key(place: Place, namespace: str, datum: Request) -> SeriesKey:
    name = text(required(datum, "MetricName"))
    return SeriesKey.of(place, namespace, name, dimensions(datum.get("Dimensions")))


def _data(datum: Request, now_s: float) -> list[Datum]:
    stamp = datum.get("Timestamp")
    at = now_s if stamp is None else moment(stamp, "Timestamp")
    if not now_s - _OLDEST_PUT_S <= at <= now_s + _NEWEST_PUT_S:
        raise Refused(
            "InvalidParameterValue",
            "The parameter MetricData.member.1.Timestamp must specify a time within two weeks"
            " before and two hours after now.",
        )
    fine = str(datum.get("StorageResolution", "")) == "1"
    second = int(at) if fine else int(at // 60) * 60
    if statistics := mapping(datum.get("StatisticValues")):
        names = ("SampleCount", "Sum", "Minimum", "Maximum")
        return [Datum(second, *(number(required(statistics, n), n) for n in names))]
    values = [number(v, "Values") for v in items(datum.get("Values"))]
    if not values:
        value = number(required(datum, "Value"), "Value")
        return [Datum(second, 1.0, value, value, value)]
    counts = [number(c, "Counts") for c in items(datum.get("Counts"))] or [1.0] * len(values)
    if len(counts) != len(values):
        raise invalid("The parameters Values and Counts must be of the same size.")
    return [Datum(second, n, n * v, v, v) for v, n in zip(values, counts, strict=True)]
