"""How response times spread: columns that grow by equal steps of their logarithm."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.read import TimeSpread
from dashboards.parts.attributes import aria, data

_STEPS = (1.0, 2.0, 5.0)
_NEAR, _RIGHT = 0.12, 0.9


def histogram(spread: TimeSpread, marks: Sequence[tuple[str, float]] = ()) -> Component:
    """Columns from the fastest to the slowest, those that failed on top; ``marks`` as p95."""
    low, high, count = spread.low, spread.high, len(spread.fine)
    edges = [low * (high / low) ** (n / count) for n in range(count + 1)]
    pairs = list(zip(spread.fine, spread.failed, strict=True))
    tallest = max(1, *(fine + failed for fine, failed in pairs))
    columns = [_drawn(pair, tallest, edges[n], edges[n + 1]) for n, pair in enumerate(pairs)]
    lines = _marks(marks, low, high)
    ticks = [_tick(ms, low, high) for ms in _round(low, high)]
    spoken = ", ".join(f"{name} {written.value(ms, 'milliseconds')}" for name, ms in marks)
    return html.Div(
        [
            html.Div([*columns, *lines], className="histogram-columns"),
            html.Div(ticks, className="histogram-ticks"),
        ],
        className="histogram",
        role="img",
        **aria(label=f"{sum(map(sum, pairs))} response times: {spoken or 'no percentiles'}"),
    )


def _share(ms: float, low: float, high: float) -> float:
    return math.log(max(ms, low) / low) / math.log(high / low)


def _drawn(counts: Sequence[int], tallest: int, low: float, high: float) -> Component:
    fine, failed = counts
    total = fine + failed
    between = f"{written.value(low, 'milliseconds')} to {written.value(high, 'milliseconds')}"
    said = f"{between}: {total} traces"
    return html.Button(
        [
            html.I(className="failed", style={"height": f"{100 * failed / tallest:.2f}%"})
            if failed
            else None,
            html.I(style={"height": f"{100 * fine / tallest:.2f}%"}) if fine else None,
        ],
        type="button",
        title=f"{said}, {failed} failed" if failed else said,
        tabIndex=-1,
        **data(low=f"{low:.4f}", high=f"{high:.4f}"),
    )


def _marks(marks: Sequence[tuple[str, float]], low: float, high: float) -> list[Component]:
    """A line for each percentile; a name stands lower where the one before is too near."""
    drawn: list[Component] = []
    before, lower = -1.0, False
    for name, ms in marks:
        share = _share(ms, low, high)
        lower = share - before < _NEAR and not lower
        before = share
        drawn.append(
            html.Span(
                name,
                className=" ".join(
                    ["histogram-mark", *["lower"] * lower, *["leftward"] * (share > _RIGHT)]
                ),
                title=f"{name} {written.value(ms, 'milliseconds')}",
                style={"left": f"{100 * share:.2f}%"},
            )
        )
    return drawn


def _tick(ms: float, low: float, high: float) -> Component:
    left = f"{100 * _share(ms, low, high):.2f}%"
    return html.Span(written.value(ms, "milliseconds"), style={"left": left})


def _round(low: float, high: float) -> list[float]:
    """Round times between the ends, at most five of them."""
    found = [
        step * 10.0**power
        for power in range(-1, 8)
        for step in _STEPS
        if low <= step * 10.0**power <= high
    ]
    tens = [ms for ms in found if math.log10(ms).is_integer()]
    return found if len(found) <= 5 else tens if len(tens) >= 2 else found[::2]
