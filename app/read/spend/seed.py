"""The price list that is shipped: list prices of us-east-1, for where nothing better is known.

``seed_prices.csv`` has for each usage type its tiers as ``from:usd`` and the units a month
that are always free. It is typed from AWS's pricing pages and dated as a whole.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from importlib import resources

from app.read.spend.prices import Price, PriceSource, Tier

AS_OF = date(2026, 4, 1)
REGION = "us-east-1"


def seed_prices() -> tuple[Price, ...]:
    """Every shipped price."""
    text = resources.files("app.read.spend").joinpath("seed_prices.csv").read_text("utf-8")
    return tuple(_price(row) for row in csv.DictReader(text.splitlines()))


def _price(row: Mapping[str, str]) -> Price:
    steps = [step.split(":") for step in row["tiers"].split(";")]
    return Price(
        usage_type=row["usage_type"],
        region=REGION,
        unit=row["unit"],
        tiers=tuple(Tier(Decimal(start), Decimal(usd)) for start, usd in steps),
        source=PriceSource.SEED,
        as_of=AS_OF,
        service=row["service"],
        free=Decimal(row["free"]),
        what=row["what"],
    )
