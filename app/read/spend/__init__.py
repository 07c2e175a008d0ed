"""Spend: what AWS charged, split as a person asks, and the arithmetic of prices.

Every amount comes from statements in the store; no page or reader asks AWS. What is pure
(prices, estimates, budgets, allowances, forecasts) is here too: amounts in and out are
Decimal, and nothing of it needs a store.
"""

from __future__ import annotations

from app.read.spend.against import Against
from app.read.spend.capacity import (
    ephemeral_gb_seconds,
    gb_seconds,
    read_units,
    seconds_of,
    write_units,
)
from app.read.spend.costs import CostsReader
from app.read.spend.estimators import ESTIMATORS, Estimate, EstimateLine, cheaper_by, estimate
from app.read.spend.forecast import DailySpend, Forecast, Spread, forecast, month_of, quarter_of
from app.read.spend.free_tier import Allowance, Meter, days_until_used, meter, over_allowance
from app.read.spend.memory import MemoryComparison, MemoryRun, compare_memory, memory_cost
from app.read.spend.price_check import Outdated, outdated
from app.read.spend.prices import Price, PriceBook, PriceSource, Tier
from app.read.spend.question import (
    Granularity,
    SpendAnswer,
    SpendFilter,
    SpendQuestion,
    SpendRow,
)
from app.read.spend.reader import SpendReader
from app.read.spend.seed import seed_prices

__all__ = [
    "ESTIMATORS",
    "Against",
    "Allowance",
    "CostsReader",
    "DailySpend",
    "Estimate",
    "EstimateLine",
    "Forecast",
    "Granularity",
    "MemoryComparison",
    "MemoryRun",
    "Meter",
    "Outdated",
    "Price",
    "PriceBook",
    "PriceSource",
    "SpendAnswer",
    "SpendFilter",
    "SpendQuestion",
    "SpendReader",
    "SpendRow",
    "Spread",
    "Tier",
    "cheaper_by",
    "compare_memory",
    "days_until_used",
    "ephemeral_gb_seconds",
    "estimate",
    "forecast",
    "gb_seconds",
    "memory_cost",
    "meter",
    "month_of",
    "outdated",
    "over_allowance",
    "quarter_of",
    "read_units",
    "seconds_of",
    "seed_prices",
    "write_units",
]
