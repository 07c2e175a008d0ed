"""The table that holds Watchdeck's own calls against what AWS charged for such calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.model import written
from app.model.states import Health
from app.read import Reads
from app.read.spend.own_bill import OwnLine
from app.read.spend.price_check import Outdated
from app.read.spend.query_bill import QueryBill
from dashboards.parts import Cell, Column, Seen, table_answer

SHOWN = 3

OWN_BILL = (
    Column("state", "State", Cell.STATE, width=136, phone=True),
    Column("title", "Calls", flex=2, phone=True),
    Column("usage_type", "On the bill as", flex=1),
    Column("counted", "Counted here", Cell.NUMBER, unit="count", width=120),
    Column("billed", "Billed to all", Cell.NUMBER, unit="count", width=120),
    Column("share", "Ours", Cell.NUMBER, unit="percent", width=90, phone=True),
    Column("counted_usd", "At list price", Cell.NUMBER, unit="usd", width=110),
    Column("billed_usd", "Charged", Cell.NUMBER, unit="usd", width=100),
)


def own_bill(reads: Reads, seen: Seen) -> list[Any]:
    """Whole days of the last month that were both counted and billed."""
    reading = reads.costs.own_bill(seen.now)
    window, lines = reading.value.window, reading.value.lines
    days = f"{window.start:%d %b} to {window.end:%d %b}, UTC" if lines else ""
    queries = _queries(reads.costs.queries(seen.now))
    prices = _prices(reads.costs.outdated_prices(seen.now))
    return table_answer(
        [_line(line) for line in lines],
        reading,
        seen,
        detail="; ".join(part for part in (days, queries, prices) if part),
        empty="No whole day was both counted here and billed yet; the bill comes days later.",
    )


def _line(line: OwnLine) -> dict[str, Any]:
    health = Health.WARNING if line.is_unexplained else Health.OK
    why = "More was counted than is on the bill; is the bill of every account read?"
    return {
        "id": line.usage_type,
        "state": health.value,
        "state_why": why if line.is_unexplained else None,
        "title": line.title,
        "usage_type": line.usage_type,
        "counted": line.counted,
        "billed": float(line.billed),
        "share": float(line.share * 100) if line.share is not None else None,
        "counted_usd": float(line.counted_usd),
        "billed_usd": float(line.billed_usd),
    }


def _queries(bill: QueryBill) -> str:
    """What this month's log queries would have cost elsewhere."""
    if not bill.queries or bill.usd is None:
        return ""
    return (
        f"{written.value(bill.queries, 'count')} log queries answered here this month: "
        f"{written.value(bill.usd, 'usd')} in CloudWatch"
    )


def _prices(outdated: Sequence[Outdated]) -> str:
    """Which list prices that are shipped are not AWS's any more."""
    if not outdated:
        return ""
    told = ", ".join(each.said for each in outdated[:SHOWN])
    more = f" and {len(outdated) - SHOWN} more" if len(outdated) > SHOWN else ""
    return f"AWS lists other prices than are shipped here: {told}{more}"
