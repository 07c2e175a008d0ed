"""How much of a limit is used, and how much will be: a bar with a mark where it ends up.

The bar is as long as the largest of use, forecast and limit, so that a limit
which is passed is a line inside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.states import Health
from dashboards.parts.attributes import aria
from dashboards.parts.states import css

_LIMIT = 100.0


def meter(
    used: float | None,
    *,
    forecast: float | None = None,
    health: Health = Health.OK,
    marks: Sequence[float] = (),
    label: str = "",
) -> Component:
    """``used``, ``forecast`` and ``marks`` are percent of the limit."""
    if used is None:
        return html.Span(written.DASH, className="muted")
    most = max(_LIMIT, used, forecast or 0.0)
    said = f"{label or 'Used'}: {written.value(used, 'percent')}"
    if forecast is not None:
        said += f", forecast {written.value(forecast, 'percent')}"
    return html.Span(
        [
            html.I(className="meter-used", style={"width": _share(used, most)}),
            html.I(className="meter-forecast", style=_until(used, forecast, most)),
            *(html.B(style={"left": _share(mark, most)}) for mark in {*marks, _LIMIT}),
        ],
        className=f"meter state-{css(health)}",
        title=said,
        role="meter",
        **aria(label=said, valuenow=f"{used:.0f}", valuemin="0", valuemax="100"),
    )


def _until(used: float, forecast: float | None, most: float) -> dict[str, str]:
    """From what is used to where it ends up; nothing when that is no more."""
    more = max(0.0, (forecast or 0.0) - used)
    return {"left": _share(used, most), "width": _share(more, most)}


def _share(value: float, most: float) -> str:
    return f"{max(0.0, 100 * value / most):.1f}%"
