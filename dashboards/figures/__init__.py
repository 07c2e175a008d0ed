"""Frame in, plain figure dict out.

A figure names colours by role (``--series-1``); the browser looks them up, so
one figure serves both themes. Plotly only draws lines and bars: legend, time
labels, crosshair and dragging are ours (``assets/40-charts.js``).
"""

from __future__ import annotations

from dashboards.figures.alarm import StateChange, alarm_chart
from dashboards.figures.bars import bars
from dashboards.figures.calendar import Calendar
from dashboards.figures.canvas import Event, Figure, Threshold, empty
from dashboards.figures.outlook import Fan, outlook
from dashboards.figures.rehearsal import rehearsal_chart
from dashboards.figures.scatter import Point, scatter
from dashboards.figures.service_map import MapEdge, MapNode, Outcomes, folded, service_map
from dashboards.figures.sparkline import sparkline
from dashboards.figures.spend import Band, spend_bars, spend_lines
from dashboards.figures.timeseries import Kind, timeseries

__all__ = [
    "Band",
    "Calendar",
    "Event",
    "Fan",
    "Figure",
    "Kind",
    "MapEdge",
    "MapNode",
    "Outcomes",
    "Point",
    "StateChange",
    "Threshold",
    "alarm_chart",
    "bars",
    "empty",
    "folded",
    "outlook",
    "rehearsal_chart",
    "scatter",
    "service_map",
    "sparkline",
    "spend_bars",
    "spend_lines",
    "timeseries",
]
