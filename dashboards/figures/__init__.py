"""Frame in, plain figure dict out.

A figure names colours by role (``--series-1``); the browser looks them up, so
one figure serves both themes. Plotly only draws lines and bars: legend, time
labels, crosshair and dragging are ours (``assets/40-charts.js``).
"""

from __future__ import annotations

from dashboards.figures.alarm import StateChange, alarm_chart
from dashboards.figures.bars import bars
from dashboards.figures.canvas import Event, Figure, Threshold, empty
from dashboards.figures.rehearsal import rehearsal_chart
from dashboards.figures.sparkline import sparkline
from dashboards.figures.timeseries import Kind, timeseries

__all__ = [
    "Event",
    "Figure",
    "Kind",
    "StateChange",
    "Threshold",
    "alarm_chart",
    "bars",
    "empty",
    "rehearsal_chart",
    "sparkline",
    "timeseries",
]
