"""Columns and rows of the tables that more than one page has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from app.model import written
from app.model.ids import Place
from app.model.lines import Line
from app.model.time import epoch_ms
from app.read import AlarmRow, ResourceHealth
from app.read import Cell as Measured
from dashboards.pages.asking import alarm_href, resource_href
from dashboards.parts import Cell, Column

Rows = list[dict[str, Any]]

MOST_POINTS = 48
"""Points of a sparkline of 120 px; hundreds of rows carry one, so they stay few and short."""

ALARM_COLUMNS = (
    Column("state", "State", Cell.STATE, width=136, phone=True),
    Column("name", "Alarm", Cell.NAME, flex=6, phone=True),
    Column("place", "Account, Region", width=196),
    Column("condition", "Condition", flex=4),
    Column("reason", "Reason", flex=6, wide=True),
    Column("value", "Newest", width=80, phone=True),
    Column("line", "Value, 3 h", Cell.SPARK, width=140),
    Column("since", "Since", Cell.TIME, width=112),
)


def spark(line: Line | None) -> str:
    """The newest points of a line for a small cell; each keeps the peak of its stretch.

    One text a row, ``-`` for a gap: hundreds of lists of numbers would take Dash
    longer to write than everything else on the page.
    """
    if line is None or not len(line.values):
        return ""
    stretch = -(-len(line.values) // MOST_POINTS)
    padded = np.full(-(-len(line.values) // stretch) * stretch, np.nan)
    padded[: len(line.values)] = line.values
    peaks = np.fmax.reduce(padded.reshape(-1, stretch), axis=1)
    return " ".join("-" if peak != peak else f"{peak:.3g}" for peak in peaks.tolist())


def moment(at: datetime | None) -> int | None:
    """A time as a TIME cell wants it."""
    return None if at is None else epoch_ms(at)


PlaceWords = Callable[[Place], str]


def alarm_rows(alarms: Sequence[AlarmRow], place_words: PlaceWords) -> Rows:
    """One row an alarm, in the order of the reader."""
    return [_alarm_row(alarm, place_words) for alarm in alarms]


def _alarm_row(alarm: AlarmRow, place_words: PlaceWords) -> dict[str, Any]:
    return {
        "id": alarm.id,
        "state": alarm.health.value,
        "state_why": alarm.problem or alarm.reason,
        "name": alarm.title,
        "name_href": alarm_href(alarm.id),
        "condition": alarm.brief,
        "reason": alarm.problem or alarm.reason,
        "value": written.value(alarm.value, alarm.unit),
        "line": spark(alarm.line),
        "line_threshold": alarm.threshold,
        "since": moment(alarm.since),
        "place": place_words(alarm.place),
    }


def resource_row(
    found: ResourceHealth, cells: Sequence[Measured | None], place_words: PlaceWords
) -> dict[str, Any]:
    """One resource with its state and the columns of its service (``c0``, ``c0_line``, ...)."""
    resource = found.resource
    row: dict[str, Any] = {
        "id": resource.arn,
        "state": found.health.value,
        "state_why": found.reason,
        "name": resource.name or resource.id,
        "name_href": resource_href(resource.arn),
        "kind": found.kind,
        "place": place_words(resource.place),
    }
    for at, cell in enumerate(cells):
        row[f"c{at}"] = cell.value if cell else None
        row[f"c{at}_line"] = spark(cell.line) if cell else ""
    return row
