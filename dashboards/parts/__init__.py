"""Values in, component out: the pieces that every page is made of.

Charts and tables are laid out once and answered by property, so that a refresh
never blinks; see ``panel``.
"""

from __future__ import annotations

from dashboards.parts.attention import Attention, attention
from dashboards.parts.choosers import Choice, chooser, condition
from dashboards.parts.facts import (
    breadcrumbs,
    code,
    definitions,
    link,
    listed,
    outside,
    page,
    row,
    tags,
)
from dashboards.parts.histogram import histogram
from dashboards.parts.icons import icon
from dashboards.parts.meters import meter
from dashboards.parts.notes import copy_button, could_not_ask, freshness, nothing
from dashboards.parts.panel import (
    GRAPH_CONFIG,
    Seen,
    body_answer,
    body_outputs,
    chart,
    chart_answer,
    chart_outputs,
    chart_panel,
    panel,
    panel_answer,
    panel_outputs,
    table_answer,
    table_outputs,
)
from dashboards.parts.rule_tree import rule_tree
from dashboards.parts.states import (
    alarm_health,
    health_strip,
    outcome_badge,
    state_badge,
    state_shape,
)
from dashboards.parts.tab_strip import tab_strip
from dashboards.parts.table import Cell, Column, column_defs, table, table_panel
from dashboards.parts.tiles import spark, tile, tiles
from dashboards.parts.waterfall import packed, waterfall_data, waterfall_frame
from dashboards.parts.waterfall_values import LogMark

__all__ = [
    "GRAPH_CONFIG",
    "Attention",
    "Cell",
    "Choice",
    "Column",
    "LogMark",
    "Seen",
    "alarm_health",
    "attention",
    "body_answer",
    "body_outputs",
    "breadcrumbs",
    "chart",
    "chart_answer",
    "chart_outputs",
    "chart_panel",
    "chooser",
    "code",
    "column_defs",
    "condition",
    "copy_button",
    "could_not_ask",
    "definitions",
    "freshness",
    "health_strip",
    "histogram",
    "icon",
    "link",
    "listed",
    "meter",
    "nothing",
    "outcome_badge",
    "outside",
    "packed",
    "page",
    "panel",
    "panel_answer",
    "panel_outputs",
    "row",
    "rule_tree",
    "spark",
    "state_badge",
    "state_shape",
    "tab_strip",
    "table",
    "table_answer",
    "table_outputs",
    "table_panel",
    "tags",
    "tile",
    "tiles",
    "waterfall_data",
    "waterfall_frame",
]
