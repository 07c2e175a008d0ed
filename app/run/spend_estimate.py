"""``watchdeck spend estimate``: what a month of some usage costs, from the price book."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from app.catalogue import load_catalogue
from app.config import Settings
from app.model.errors import ConfigError
from app.read.books import Books
from app.read.spend import CostsReader
from app.read.spend.estimators import ESTIMATORS, MACHINES, Estimate, estimate
from app.run.clock import utc_now
from app.run.exits import Exit
from app.run.report_query import Cell, Format, write
from app.run.report_store import opened

COLUMNS = ("what", "quantity", "free", "usd", "when_idle", "price", "unit", "from")
KINDS = ("kind", "what", "quantities")


def kinds(form: Format, output: Path | None) -> int:
    """Tell what can be estimated, and which quantities each takes."""
    rows: list[list[Cell]] = [
        [each.kind, each.title, " ".join(each.takes)] for each in ESTIMATORS.values()
    ]
    rows += [[kind, "by type", takes] for kind, takes in MACHINES.items()]
    write(KINDS, rows, form, output)
    return Exit.OK


@dataclass(frozen=True, slots=True)
class Asked:
    """What to estimate, in words of the command line; ``quantities`` are ``NAME=NUMBER``."""

    kind: str
    quantities: Sequence[str]
    region: str
    with_free: bool


def costs(settings: Settings, asked: Asked, form: Format, output: Path | None) -> int:
    """Estimate with the rates of the bill where it has them, else with list prices."""
    given = dict(_quantity(text) for text in asked.quantities)
    with opened(settings) as store:
        book = CostsReader(Books(store, load_catalogue()), ()).prices(utc_now())
    try:
        found = estimate(book, asked.kind, given, asked.region, with_free=asked.with_free)
    except ValueError as mistake:
        raise ConfigError(str(mistake)) from mistake
    write(COLUMNS, _rows(found), form, output)
    sys.stderr.write(f"watchdeck: {found.total:,.2f} USD a month\n")
    for name in found.unpriced:
        sys.stderr.write(f"watchdeck: {name} has no known price and is not counted\n")
    return Exit.FAILED if found.unpriced else Exit.OK


def _rows(found: Estimate) -> list[list[Cell]]:
    return [
        [
            line.what,
            _plain(line.quantity),
            _plain(line.free),
            _plain(line.usd),
            line.when_idle,
            _plain(line.price.usd),
            line.price.unit,
            line.price.said,
        ]
        for line in found.lines
    ]


def _quantity(text: str) -> tuple[str, Decimal]:
    name, _, number = text.partition("=")
    try:
        value = Decimal(number.replace("_", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not name or not value.is_finite() or value < 0:
        raise ConfigError(f"{text}: a quantity is written NAME=NUMBER, as in requests=5000000")
    return name, value


def _plain(amount: Decimal) -> str:
    """Without exponent and without zeros at the end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
