"""From a reader's chart or number to the figure, tile and words that show it.

The period in use is always said: the same metric at another period shows other numbers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dash.development.base_component import Component

from app.model import written
from app.model.lines import Line
from app.model.readings import Look, Reading
from app.model.time import Window
from app.read import Chart, Number
from dashboards.figures import Figure, Kind, Threshold, bars, timeseries
from dashboards.parts import tile

UNIT_WORDS = {
    "per_second": "per second",
    "percent": "%",
    "availability": "%",
    "milliseconds": "ms",
    "bytes_per_second": "bytes per second",
    "none": "",
}
_PERCENTILES = {"p50": Kind.P50, "p90": Kind.P95, "p95": Kind.P95, "p99": Kind.P99}


def figure_of(chart: Chart, window: Window) -> Figure:
    """The chart as its panel wants it drawn, its first limit as a dashed line."""
    limit = _drawn_limit(chart)
    if chart.draw == "bar":
        return bars(
            chart.lines, window=window, unit=chart.unit, kinds=_kinds(chart), threshold=limit
        )
    return timeseries(
        chart.lines,
        window=window,
        unit=chart.unit,
        kinds=_kinds(chart),
        threshold=limit,
        from_zero=chart.unit != "availability",
    )


def detail_of(chart: Chart) -> str:
    """What stands after the title: the period, and what is left out."""
    said = [period_words(chart.period_s)]
    if chart.left_out:
        said.append(f"top {len(chart.lines)} of {len(chart.lines) + chart.left_out}")
    return " · ".join(said)


def period_words(period_s: int) -> str:
    """ "5 min"."""
    return written.length(timedelta(seconds=period_s))


def number_tile(number: Number, compared: timedelta | None) -> Component:
    """One tile of a service or resource."""
    return tile(
        number.title,
        number.value,
        number.unit,
        note=_number_note(number, compared),
        line=None if number.line.empty else number.line,
    )


def one_reading(reading: Reading[Any], chart: Chart) -> Reading[Any]:
    """The page's reading for one chart, which may have nothing where others have data."""
    if not chart.empty or reading.look is not Look.DATA:
        return reading
    return Reading(reading.value, Look.NOTHING, reading.as_of)


def _number_note(number: Number, compared: timedelta | None) -> str:
    if number.value is None:
        return "no data in this range"
    if not number.over_range:
        if number.highest is None:
            return ""
        return f"now · highest {written.value(number.highest, number.unit)}"
    if compared is None or number.before is None:
        return "in this range"
    ago = "day" if compared == timedelta(days=1) else "week"
    if number.unit in ("percent", "availability"):
        return f"{written.value(number.before, number.unit)} the {ago} before"
    return f"{written.change(number.value, number.before)} vs the {ago} before"


def _kinds(chart: Chart) -> dict[str, Kind]:
    kinds = {}
    are_percentiles = all(line.name.casefold() in _PERCENTILES for line in chart.lines)
    for line in chart.lines:
        if are_percentiles and len(chart.lines) > 1:
            kinds[line.name] = _PERCENTILES[line.name.casefold()]
        elif chart.signal == "errors" and line is chart.lines[0] and _counts(line):
            kinds[line.name] = Kind.ERROR
    return kinds


def _counts(line: Line) -> bool:
    return "error" in line.name.casefold() or "5xx" in line.name.casefold()


def _drawn_limit(chart: Chart) -> Threshold | None:
    """The lowest limit that lies near the data; one far above would flatten the lines."""
    top = max((line.highest or 0.0 for line in chart.lines), default=0.0)
    near = sorted((value, title) for title, value in chart.limits if 0 < value <= 4 * top)
    if not near:
        return None
    value, title = near[0]
    return Threshold(value, f"{title} {written.value(value, chart.unit)}")
