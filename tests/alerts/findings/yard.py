"""A place with resources and a week of metrics, for rules to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from alerts.findings import Facts, Rule
from alerts.findings.run import look
from app.model.findings import CheckRun, Finding, FindingStatus
from app.model.ids import Resource, SeriesKey
from app.read.books import Books
from tests.support.shelf import HOME, Shelf


@dataclass(frozen=True, slots=True)
class Listed:
    """A price as a price book gives it."""

    usd: Decimal
    unit: str = "unit"
    said: str = "price list"
    as_of: date = date(2026, 11, 1)

    def cost(self, quantity: Decimal) -> Decimal:
        return self.usd * quantity


@dataclass(frozen=True, slots=True)
class Book:
    """Prices by usage type."""

    usd: Mapping[str, str]

    def price(self, usage_type: str, region: str = "", service: str = "") -> Listed | None:
        found = self.usd.get(usage_type)
        return Listed(Decimal(found)) if found else None


def resource(
    service: str,
    kind: str,
    name: str,
    configuration: Mapping[str, object] | None = None,
    *,
    dimensions: Mapping[str, str] | None = None,
    state: str = "",
    tags: Mapping[str, str] | None = None,
) -> Resource:
    return Resource(
        arn=f"arn:aws:{service}:{HOME.region}:{HOME.account}:{kind}/{name}",
        account=HOME.account,
        region=HOME.region,
        service=service,
        kind=kind,
        id=name,
        name=name,
        state=state,
        tags=tags or {},
        dimensions=dimensions or {},
        configuration=configuration or {},
    )


def hours(shelf: Shelf, owner: Resource, namespace: str, metric: str, line: str) -> None:
    """Points of an hour, the last one ending now."""
    key = SeriesKey.of(owner.place, namespace, metric, owner.dimensions)
    shelf.put(key, line, period=3600)


def covered(shelf: Shelf, namespace: str, days: int = 15) -> None:
    """AWS has answered for the namespace for so long."""
    shelf.cover(namespace, timedelta(days=days), period=300)


def judged(
    shelf: Shelf, rule: Rule, prices: Mapping[str, str] | None = None
) -> tuple[CheckRun, list[Finding]]:
    """What a rule says of the home place now."""
    books = Books(shelf.store, shelf.catalogue)
    return look(rule, Facts(books, HOME, shelf.now, Book(prices or {})))


def rule_of(rules: Sequence[Rule], id_: str) -> Rule:
    return next(rule for rule in rules if rule.check.id == id_)


def alarms(found: Sequence[Finding]) -> list[tuple[str, str | None]]:
    """Name and amount of what is wrong."""
    return [
        (each.name, None if each.usd is None else str(each.usd))
        for each in found
        if each.status is FindingStatus.ALARM
    ]
