"""Spend for tests, one line a row: ``"2026-11-03 111111111111 AmazonEC2 12.30"``.

``fill`` puts statements into a store; every cut is made from the same charges, so that
all of them sum to one bill as AWS's do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.model.rounds import Batch
from app.model.spend import (
    DAY_S,
    LINE_ITEMS,
    Cut,
    Dimension,
    SpendDimension,
    SpendFacts,
    SpendSource,
    SpendStatement,
    Tag,
    cut_of,
    spend_rows,
)
from app.model.time import Window
from app.store import Lease, Store
from app.store.columns import to_json

PAYER = "111111111111"
D = SpendDimension
CUTS: tuple[tuple[Dimension, ...], ...] = (
    (D.SERVICE, D.USAGE_TYPE),
    (D.LINKED_ACCOUNT, D.SERVICE),
    (D.REGION, D.SERVICE),
    (D.RECORD_TYPE, D.SERVICE),
)
"""What the tests collect unless they say otherwise, as the collector does."""


def day(text: str) -> datetime:
    """``2026-11-03``, at midnight UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(start: str, end: str) -> Window:
    """Whole days from ``start`` up to and without ``end``."""
    return Window(day(start), day(end))


@dataclass(frozen=True)
class Charge:
    """One line of a bill; amounts are text, so that they are exact."""

    at: str
    usd: str
    service: str = "AmazonEC2"
    usage_type: str = "BoxUsage:t3.micro"
    account: str = PAYER
    region: str = "eu-central-1"
    record_type: str = "Usage"
    operation: str = "RunInstances"
    resource: str = ""
    unit: str = "Hrs"
    quantity: float = 1.0
    estimated: bool = False
    amortized: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def statement(
    charges: Sequence[Charge],
    window: Window,
    read_at: datetime,
    *dimensions: Dimension,
    source: SpendSource = SpendSource.CE,
    payer: str = PAYER,
) -> SpendStatement:
    """A statement of some charges that tells some dimensions; none: line items."""
    cut = cut_of(*dimensions) if dimensions else LINE_ITEMS
    own = [_row(charge, cut, dimensions) for charge in charges if day(charge.at) in window]
    return SpendStatement(source, payer, cut, window, read_at, spend_rows(own))


def statements(
    charges: Sequence[Charge],
    window: Window,
    read_at: datetime,
    cuts: Sequence[Sequence[Dimension]] = CUTS,
    payer: str = PAYER,
) -> list[SpendStatement]:
    """The same charges as Cost Explorer tells them in several cuts."""
    return [statement(charges, window, read_at, *some, payer=payer) for some in cuts]


def fill(
    store: Store,
    lease: Lease,
    told: Sequence[SpendStatement],
    now: datetime,
    facts: Sequence[SpendFacts] = (),
) -> None:
    """Commit statements and facts."""
    store.commit(Batch(spend=told, spend_facts=facts), lease=lease, now=now)


def steady(window: Window, services: Mapping[str, str], **more: Any) -> list[Charge]:
    """The same charge every day for each service: ``steady(w, {"AmazonS3": "1.50"})``."""
    length = window.length // timedelta(days=1)
    return [
        Charge((window.start + timedelta(days=n)).date().isoformat(), usd, service, **more)
        for n in range(length)
        for service, usd in services.items()
    ]


def _row(charge: Charge, cut: Cut, dimensions: Sequence[Dimension]) -> dict[str, Any]:
    texts = {d.column for d in dimensions if isinstance(d, SpendDimension)}
    if cut == LINE_ITEMS:
        texts = {d.column for d in SpendDimension}
    row: dict[str, Any] = {name: getattr(charge, name) for name in texts}
    for tag in dimensions:
        if isinstance(tag, Tag):
            row["tag_value"] = charge.tags.get(tag.key, "")
    if cut == LINE_ITEMS:
        row["tags"] = to_json(dict(charge.tags))
    amortized = charge.usd if charge.amortized is None else charge.amortized
    return row | {
        "at": day(charge.at),
        "period": DAY_S,
        "unit": charge.unit,
        "unblended": charge.usd,
        "amortized": amortized,
        "net_unblended": charge.usd,
        "net_amortized": amortized,
        "quantity": charge.quantity,
        "estimated": charge.estimated,
    }
