"""``watchdeck spend prices``: the price book, and what of it AWS lists otherwise."""

from __future__ import annotations

import sys
from pathlib import Path

from app.catalogue import load_catalogue
from app.config import Settings
from app.read.books import Books
from app.read.spend import CostsReader, Price, PriceBook, outdated
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.report_query import Cell, Format, write
from app.run.report_store import opened

COLUMNS = ("service", "usage_type", "region", "usd", "unit", "free", "tiers", "from")
OUTDATED = ("service", "usage_type", "shipped", "listed", "change", "from")


def listing(settings: Settings, name: str, form: Format, output: Path | None) -> int:
    """Every price whose service or usage type holds ``name``; each source by itself."""
    book = _book(settings)
    found = [price for price in book.prices if name.lower() in _words(price)]
    ordered = sorted(found, key=lambda p: (p.service, p.usage_type, p.region, p.source.value))
    write(COLUMNS, [_row(price) for price in ordered], form, output)
    late = outdated(book)
    if late:
        sys.stderr.write(f"watchdeck: {len(late)} shipped prices differ from what AWS lists\n")
    return Exit.OK


def outdated_ones(settings: Settings, name: str, form: Format, output: Path | None) -> int:
    """Shipped prices that AWS lists otherwise; fails where there are any."""
    found = [each for each in outdated(_book(settings)) if name.lower() in _words(each.shipped)]
    rows: list[list[Cell]] = [
        [
            each.shipped.service,
            each.shipped.usage_type,
            f"{each.shipped.usd.normalize():f}",
            f"{each.listed.usd.normalize():f}",
            f"{each.share * 100:+.1f} %",
            each.listed.said,
        ]
        for each in found
    ]
    write(OUTDATED, rows, form, output)
    return Exit.FAILED if found else Exit.OK


def _book(settings: Settings) -> PriceBook:
    with opened(settings) as store:
        return CostsReader(Books(store, load_catalogue()), ()).prices(utc_now())


def _words(price: Price) -> str:
    return f"{price.service} {price.usage_type}".lower()


def _row(price: Price) -> list[Cell]:
    tiers = "; ".join(f"{t.start:f}: {t.usd.normalize():f}" for t in price.tiers[1:])
    return [
        price.service,
        price.usage_type,
        price.region,
        f"{price.usd.normalize():f}",
        price.unit,
        f"{price.free:f}",
        tiers,
        price.said,
    ]
