"""Tables: AG Grid, fed with plain rows; states, numbers and sparklines are drawn in the browser.

A row is a dict with one value per column (``field``). A NAME column links to
``<field>_href`` of the same row, a STATE column holds a value of ``Health``,
a SPARK column numbers in one text, ``-`` for a gap (``<field>_threshold`` draws a dashed line), a
TIME column epoch milliseconds, a COVER column how a recommended alarm stands (``<field>_state``
is the alarm's state). ``<field>_why`` explains a state on hover. INSTANT is a time to the
millisecond, LINE what was written to a log, GROUP a log group with its account before it. METER is
percent of a limit (``<field>_forecast`` where it ends up, ``<field>_state`` how that is), SHARE
percent of a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import dash_ag_grid
from dash.development.base_component import Component

from dashboards import ids
from dashboards.parts.notes import Words
from dashboards.parts.panel import TABLE_MENU, panel


class Cell(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NAME = "name"
    STATE = "state"
    NUMBER = "number"
    SPARK = "spark"
    STRIP = "strip"
    TIME = "time"
    CODE = "code"
    COVER = "cover"
    INSTANT = "instant"
    LINE = "line"
    GROUP = "group"
    METER = "meter"
    SHARE = "share"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``unit`` is for NUMBER, ``order`` (``asc``, ``desc``) sorts at first.

    ``width`` in px fixes it, else it takes a share of what is left (``flex``), ``least`` px of it.
    ``phone`` columns stay on a narrow screen, ``pinned`` ones while the others are
    scrolled; ``wide`` ones are shown on a wide screen only.
    """

    field: str
    title: str
    cell: Cell = Cell.TEXT
    unit: str = "none"
    width: int = 0
    flex: int = 1
    least: int = 0
    order: str = ""
    says: str = ""
    phone: bool = False
    pinned: bool = False
    wide: bool = False


def table_panel(
    page: str,
    key: str,
    title: Words,
    columns: Sequence[Column],
    *,
    span: int = 12,
    height: int = 480,
    row_id: str = "id",
    clickable: bool = False,
    selectable: bool = False,
) -> Component:
    """A panel with one table; grows with its rows up to ``height`` px, then scrolls.

    ``clickable`` shows a pointer; listen to ``cellClicked`` of the grid. ``selectable`` gives
    each row a box; listen to ``selectedRows``.
    """
    body = table(
        page,
        key,
        columns,
        height=height,
        row_id=row_id,
        clickable=clickable,
        selectable=selectable,
    )
    return panel(page, key, title, body, span=span, menu=TABLE_MENU)


def table(
    page: str,
    key: str,
    columns: Sequence[Column],
    *,
    rows: Sequence[dict[str, Any]] = (),
    height: int = 480,
    row_id: str = "id",
    clickable: bool = False,
    selectable: bool = False,
    levels: bool = False,
) -> Component:
    """A grid without a panel; rows keep their place over refreshes by their ``row_id`` field.

    ``levels`` gives rows an edge whose LINE tells of an error or a warning.
    """
    grid: Component = dash_ag_grid.AgGrid(
        id=ids.grid(page, key),
        className="grid clickable" if clickable else "grid",
        rowData=list(rows),
        columnDefs=column_defs(columns),
        defaultColDef=_ANY_COLUMN,
        getRowId=f"params.data.{row_id}",
        eventListeners={
            name: [f"watchdeckFit(params, {height})"]
            for name in ("firstDataRendered", "rowDataUpdated", "gridSizeChanged")
        },
        dashGridOptions={**_OPTIONS, **(_SELECTION if selectable else {})},
        csvExportParams={"fileName": f"{page}-{key}.csv"},
        style={"height": None, "--most": f"{height}px"},
        dangerously_allow_code=False,
        **({"rowClassRules": _LEVELS} if levels else {}),
    )
    return grid


def column_defs(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Columns as the grid wants them, for a callback that changes which there are."""
    return [_definition(column) for column in columns]


_ANY_COLUMN = {
    "resizable": True,
    "sortable": True,
    "suppressMovable": True,
    "sortingOrder": ["desc", "asc", None],
}
_OPTIONS = {
    "theme": {"function": "watchdeckTheme(themeQuartz)"},
    "rowHeight": 30,
    "headerHeight": 32,
    "domLayout": "autoHeight",
    "animateRows": False,
    "enableCellTextSelection": True,
    "suppressCellFocus": False,
    "suppressDragLeaveHidesColumns": True,
    "tooltipShowDelay": 400,
    "suppressNoRowsOverlay": True,
}
_SELECTION = {
    "rowSelection": {"mode": "multiRow", "enableClickSelection": False},
    "selectionColumnDef": {"width": 40, "minWidth": 40, "suppressHeaderMenuButton": True},
}


def _definition(column: Column) -> dict[str, Any]:
    size = (
        {"width": column.width, "minWidth": min(column.width, 60)}
        if column.width
        else {"flex": column.flex, "minWidth": column.least or _least(column)}
    )
    return {
        "field": column.field,
        "headerName": column.title,
        "headerTooltip": column.says or None,
        "cellDataType": False,
        "context": {"unit": column.unit, "phone": column.phone, "wide": column.wide},
        **size,
        **({"sort": column.order} if column.order else {}),
        **({"pinned": "left"} if column.pinned else {}),
        **_CELLS[column.cell],
    }


def _least(column: Column) -> int:
    return 180 if column.cell is Cell.NAME else 96


_LEVELS = {f"level-{level}": f"watchdeckLevel(params) === '{level}'" for level in ("error", "warn")}
_RIGHT = {"type": "rightAligned"}
_CELLS: dict[Cell, dict[str, Any]] = {
    Cell.TEXT: {"tooltipField": None, "tooltipValueGetter": {"function": "params.value"}},
    Cell.NAME: {"cellRenderer": "WatchdeckName", "cellClass": "name"},
    Cell.STATE: {
        "cellRenderer": "WatchdeckState",
        "comparator": {"function": "watchdeckByWeight"},
    },
    Cell.NUMBER: {
        **_RIGHT,
        "valueFormatter": {"function": "watchdeckNumber(params)"},
        "tooltipValueGetter": {"function": "watchdeckExact(params)"},
        "comparator": {"function": "watchdeckByNumber"},
        "useValueFormatterForExport": False,
    },
    Cell.SPARK: {"cellRenderer": "WatchdeckSpark", "sortable": False},
    Cell.STRIP: {"cellRenderer": "WatchdeckStrip", "sortable": False},
    Cell.TIME: {
        **_RIGHT,
        "valueFormatter": {"function": "watchdeckTime(params)"},
        "tooltipValueGetter": {"function": "watchdeckExactTime(params)"},
    },
    Cell.CODE: {"cellRenderer": "WatchdeckCode"},
    Cell.COVER: {
        "cellRenderer": "WatchdeckCover",
        "wrapHeaderText": True,
        "autoHeaderHeight": True,
    },
    Cell.INSTANT: {
        "cellClass": "log",
        "valueFormatter": {"function": "watchdeckInstant(params)"},
        "tooltipValueGetter": {"function": "watchdeckExactTime(params)"},
    },
    Cell.LINE: {"cellClass": "log"},
    Cell.GROUP: {"cellRenderer": "WatchdeckGroup", "cellClass": "log"},
    Cell.OUTCOME: {
        "cellRenderer": "WatchdeckOutcome",
        "comparator": {"function": "watchdeckByOutcome"},
    },
    Cell.METER: {
        "cellRenderer": "WatchdeckMeter",
        "comparator": {"function": "watchdeckByNumber"},
    },
    Cell.SHARE: {
        "cellRenderer": "WatchdeckShare",
        "comparator": {"function": "watchdeckByNumber"},
    },
}
