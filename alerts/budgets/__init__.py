"""Budgets as alarms: thresholds on series made of the bill, each crossing told once.

The alarms are ordinary ones, so silences, mutes, composites, pages and delivery need to know
nothing of budgets.
"""

from __future__ import annotations

from alerts.budgets.definitions import BudgetAlarms, definitions
from alerts.budgets.points import SpendSeries, batch

__all__ = ["BudgetAlarms", "SpendSeries", "batch", "definitions"]
