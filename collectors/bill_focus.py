"""What the columns of a FOCUS export mean (1.0 and later; AWS's own begin with ``x_``).

FOCUS tells what is billed, private discounts included, and what is effective, with
commitments spread over their use. So billed stands for unblended, net or not, and
effective for amortized. Services are called as FOCUS calls them.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from app.model.spend import SpendSource
from collectors.bill_values import Meaning, is_empty, text, units

PERIOD = ("ChargePeriodStart", "ChargePeriodEnd")
QUANTITY = ("ConsumedQuantity", "PricingQuantity", "UsageQuantity")
BILLED, EFFECTIVE, INVOICE = "BilledCost", "EffectiveCost", "InvoiceId"
TEXTS: Mapping[str, tuple[str, ...]] = {
    "account": ("SubAccountId", "BillingAccountId"),
    "usage_type": ("x_UsageType", "SkuMeter"),
    "region": ("RegionId", "Region"),
    "record_type": ("ChargeCategory",),
    "operation": ("x_Operation",),
    "resource": ("ResourceId",),
    "unit": ("ConsumedUnit", "PricingUnit", "UsageUnit"),
}
TAGS, CATEGORIES = "Tags", "x_CostCategories"
COLUMNS = frozenset(
    (
        *PERIOD,
        "BillingAccountId",
        "BillingCurrency",
        *QUANTITY,
        BILLED,
        EFFECTIVE,
        INVOICE,
        TAGS,
        CATEGORIES,
        "ServiceName",
        *(name for names in TEXTS.values() for name in names),
    )
)


def is_tag(name: str) -> bool:
    """Whether a column holds tags or cost categories."""
    return name in (TAGS, CATEGORIES)


def amounts(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """The four amounts in units."""
    billed = units(frame, BILLED)
    effective = units(frame, EFFECTIVE) if EFFECTIVE in frame.columns else billed
    return {
        "unblended": billed,
        "amortized": effective,
        "net_unblended": billed,
        "net_amortized": effective,
    }


def estimated(frame: pl.DataFrame) -> pl.Expr:
    """Until there is an invoice, amounts may change; older exports do not tell."""
    return is_empty(frame, INVOICE)


def service(frame: pl.DataFrame, names: Mapping[str, str]) -> pl.Expr:
    """The service by its name."""
    return text(frame, ["ServiceName"])


FOCUS = Meaning(
    source=SpendSource.FOCUS,
    columns=COLUMNS,
    period=PERIOD,
    payer="BillingAccountId",
    currency="BillingCurrency",
    quantity=QUANTITY,
    texts=TEXTS,
    is_tag=is_tag,
    amounts=amounts,
    invoice=INVOICE,
    estimated=estimated,
    service=service,
)
