"""Spend: what AWS charged, split as a person asks.

Every amount comes from statements in the store; no page or reader asks AWS.
"""

from __future__ import annotations

from app.read.spend.costs import CostsReader
from app.read.spend.question import (
    Granularity,
    SpendAnswer,
    SpendFilter,
    SpendQuestion,
    SpendRow,
)
from app.read.spend.reader import SpendReader

__all__ = [
    "CostsReader",
    "Granularity",
    "SpendAnswer",
    "SpendFilter",
    "SpendQuestion",
    "SpendReader",
    "SpendRow",
]
