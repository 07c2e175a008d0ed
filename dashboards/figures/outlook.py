"""A month's bill as it adds up: spent so far, the forecast as a fan, and the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.axis import axis
from dashboards.figures.calendar import Calendar, column
from dashboards.figures.canvas import Figure, Mark, Threshold, sheet, threshold_mark

Amounts = Sequence[float | None]
SPENT, EXPECTED, AWS = "spent", "forecast", "AWS's forecast"


@dataclass(frozen=True, slots=True)
class Fan:
    """Running totals at the end of each slot, from the last known one on; None before it."""

    expected: Amounts
    low80: Amounts
    high80: Amounts
    low95: Amounts
    high95: Amounts


def outlook(
    calendar: Calendar,
    spent: Amounts,
    fan: Fan | None,
    *,
    budget: Threshold | None = None,
    passed: bool = False,
    aws: Amounts = (),
) -> Figure:
    """``passed`` colours the budget as what it then is: a threshold that will be crossed."""
    traces = _bands(calendar, fan) if fan else []
    if fan:
        traces.append(_line(EXPECTED, calendar, fan.expected, {"dash": "dash", "width": 1.5}))
    if any(value is not None for value in aws):
        traces.append(
            _line(AWS, calendar, aws, {"dash": "dot", "width": 1.25, "color": "--text-2"})
        )
    traces.append(_line(SPENT, calendar, spent, {"width": 2}))
    known = [v for trace in (spent, aws, *(_ends(fan))) for v in trace if v is not None]
    high = max([*known, budget.value if budget else 0.0], default=1.0)
    marks = _budget(budget, high, passed=passed) if budget else ()
    figure = sheet(traces, calendar.window, axis(0.0, high, "usd"), "usd", marks)
    figure["layout"]["meta"] |= {"calendar": calendar.meta(), "legend": "last"}
    return figure


def _ends(fan: Fan | None) -> tuple[Amounts, ...]:
    return (fan.expected, fan.high95) if fan else ()


def _bands(calendar: Calendar, fan: Fan) -> list[Figure]:
    """95 % under 80 %, each the space between a lower and an upper line."""
    pairs = (("95 %", fan.low95, fan.high95, 0.14), ("80 %", fan.low80, fan.high80, 0.24))
    return [
        trace
        for name, low, high, opacity in pairs
        for trace in (
            _edge(f"{name}, least", calendar, low, opacity),
            _edge(f"{name}, most", calendar, high, opacity) | _FILL,
        )
    ]


_FILL: Figure = {"fill": "tonexty", "fillcolor": "--series-1"}


def _edge(name: str, calendar: Calendar, amounts: Amounts, opacity: float) -> Figure:
    trace = _line(name, calendar, amounts, {"width": 0})
    return trace | {"opacity": opacity, "meta": trace["meta"] | {"kind": "band", "quiet": True}}


def _line(name: str, calendar: Calendar, amounts: Amounts, look: Figure) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "meta": {"kind": "plain", "partial": False, "key": name},
        **calendar.line_places(),
        "y": column(amounts),
        "line": {"color": "--series-1", **look},
        "connectgaps": False,
        "hoverinfo": "skip",
    }


def _budget(budget: Threshold, high: float, *, passed: bool) -> tuple[Mark, ...]:
    """Grey while the month stays under it, in the colour of an alarm once it will not."""
    (mark,) = threshold_mark(budget, beneath=budget.value >= high)
    if passed:
        return (mark,)
    line = mark.shape | {"line": mark.shape["line"] | {"color": "--line-strong"}}
    return (Mark(line, mark.words | {"font": mark.words["font"] | {"color": "--text-2"}}),)
