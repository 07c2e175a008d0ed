"""What is used of an amount that is given: the columns and cells of budgets and allowances."""

from __future__ import annotations

from typing import Any

from app.model.states import Health
from dashboards.parts import Cell, Column

STATE = Column("state", "State", Cell.STATE, width=112, phone=True)
USED = Column("share", "Used", Cell.NUMBER, unit="percent", width=76)
AHEAD = Column(
    "ahead",
    "Expected",
    Cell.NUMBER,
    unit="percent",
    width=92,
    says="At the end of the period, as things go",
)


def meter_column(width: int, *, phone: bool = False) -> Column:
    """A bar of what is used, and paler of what is expected."""
    return Column("meter", "Used, expected", Cell.METER, width=width, phone=phone)


def meter_cells(
    health: Health, why: str, share: float | None, ahead: float | None
) -> dict[str, Any]:
    """The cells of these columns; shares in percent."""
    return {
        "state": health.value,
        "state_why": why,
        "meter": share,
        "meter_forecast": ahead,
        "meter_state": health.value,
        "share": share,
        "ahead": ahead,
    }
