"""The price list that is shipped: list prices of us-east-1, for where nothing better is known.

``seed_prices.csv`` has for each usage type its tiers as ``from:usd``, the units a month that
are always free, the title of AWS's page that tells the price, and the date of which it is.
``checked`` says whether something else than memory agreed with it: figures that were read from
AWS's Price List, or AWS's own pages.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from importlib import resources

from app.read.spend.prices import Price, PriceSource, Tier

REGION = "us-east-1"
EVERYWHERE = ("Amazon Route 53", "AWS Cost Explorer")
"""Services with one price for all Regions."""

_DOUBTS = {"yes": "", "first tier": "only its first tier is checked", "no": "not checked"}


def seed_prices() -> tuple[Price, ...]:
    """Every shipped price."""
    text = resources.files("app.read.spend").joinpath("seed_prices.csv").read_text("utf-8")
    return tuple(_price(row) for row in csv.DictReader(text.splitlines()))


def _price(row: Mapping[str, str]) -> Price:
    steps = [step.split(":") for step in row["tiers"].split(";")]
    return Price(
        usage_type=row["usage_type"],
        region="" if row["service"] in EVERYWHERE else REGION,
        unit=row["unit"],
        tiers=tuple(Tier(Decimal(start), Decimal(usd)) for start, usd in steps),
        source=PriceSource.SEED,
        as_of=date.fromisoformat(row["as_of"]),
        service=row["service"],
        free=Decimal(row["free"]),
        what=row["what"],
        beyond=row["beyond"] == "yes",
        page=row["page"],
        doubt=_DOUBTS[row["checked"]],
    )
