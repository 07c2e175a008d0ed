"""What the pages about money share: their tabs, addresses, and the note under them."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dashboards.parts import page, tab_strip

OVERVIEW, EXPLORER = "/spend", "/spend/explorer"
BUDGETS, SAVINGS, FREE_TIER = "/spend/budgets", "/spend/savings", "/spend/free-tier"
UNIT_COST, OBSERVABILITY = "/spend/unit-cost", "/spend/observability"
TABS = (
    ("Spend", OVERVIEW),
    ("Explorer", EXPLORER),
    ("Budgets", BUDGETS),
    ("Savings", SAVINGS),
    ("Free tier", FREE_TIER),
    ("Unit cost", UNIT_COST),
    ("Observability", OBSERVABILITY),
)
ONLY_WATCHES = "Watchdeck watches and tells; it cannot stop AWS from charging."
UNBLENDED = (
    "Unblended cost: each charge at the rate of the account that used it. Days are those of UTC."
)


def spend_page(here: str, *children: Component | None, note: str = "") -> Component:
    """A page with its tabs above and what its numbers are below."""
    said = " ".join(part for part in (note, ONLY_WATCHES) if part)
    return page(tab_strip(TABS, here, "Pages about money"), *children, _note(said))


def explorer_href(**chosen: str) -> str:
    """The explorer as a link: ``by``, ``where``, ``period`` and the like."""
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{EXPLORER}?{query}" if query else EXPLORER


def number(amount: Decimal | None) -> float | None:
    """An amount as the browser wants it."""
    return None if amount is None else float(amount)


def _note(text: str) -> Component:
    return html.P(text, className="spend-note")
