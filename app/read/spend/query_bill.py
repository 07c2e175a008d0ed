"""What CloudWatch Logs Insights would have charged for the queries that were answered here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.model.plans import month_start
from app.model.sizes import billed_gb
from app.model.time import Window
from app.read.spend.prices import Price, PriceBook
from app.store import Store

USAGE_TYPE, SERVICE = "DataScanned-Bytes", "AmazonCloudWatch"


@dataclass(frozen=True, slots=True)
class QueryBill:
    """The queries since the first of the month (UTC); ``usd`` is None without a price."""

    since: datetime
    queries: int
    bytes: int
    usd: Decimal | None
    price: Price | None = None


def query_bill(store: Store, prices: PriceBook, now: datetime) -> QueryBill:
    """The month of ``now``, at the price of the book."""
    since = month_start(now)
    days = store.queries.days(Window(since, now))
    read = sum(day.bytes for day in days)
    price = prices.price(USAGE_TYPE, service=SERVICE)
    usd = None if price is None else price.usd * billed_gb(read)
    return QueryBill(since, sum(day.queries for day in days), read, usd, price)
