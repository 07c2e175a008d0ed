"""What AWS recommends, by what it promises to save: Cost Optimization Hub or rightsizing."""

from __future__ import annotations

import re
from typing import Any

from dash import Output
from dash.development.base_component import Component

from app.model import written
from app.model.ids import Place
from app.model.spend import FactKind, SpendFact
from app.read import Reads
from dashboards.pages.asking import resource_href
from dashboards.pages.money_table import money_table
from dashboards.parts import Cell, Column, Seen, table_outputs, table_panel

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_NAMES = ("Graviton", "Savings", "Plans", "EC2", "RDS")

ADVISED = (
    Column("action", "AWS recommends", Cell.NAME, flex=3, phone=True),
    Column("resource", "Resource", Cell.NAME, flex=3, phone=True),
    Column("place", "Account, Region", width=196),
    Column("now", "Now", flex=2),
    Column("then", "Then", flex=2),
    Column("effort", "Effort", width=100),
    Column("usd", "Saves a month", Cell.NUMBER, unit="usd", width=112, phone=True),
)


def advice_panel(page: str) -> Component:
    """The table of recommendations."""
    return table_panel(page, "advised", "Recommended by AWS", ADVISED)


def advice_outputs(page: str) -> list[Output]:
    """Filled by :func:`advice_answer`."""
    return table_outputs(page, "advised")


def advice_answer(reads: Reads, seen: Seen) -> list[Any]:
    """Recommendations, the largest saving first."""
    found = reads.spend.facts(FactKind.RECOMMENDATION)
    facts = sorted(found.value, key=lambda fact: -_usd(fact))
    saves = sum(_usd(fact) for fact in facts)
    return money_table(
        [_advice(reads, fact) for fact in facts],
        found,
        seen,
        f"{len(facts)}, {written.value(saves, 'usd')} a month" if facts else "",
        "AWS recommends nothing, or the account is not enrolled in Cost Optimization Hub.",
    )


def _usd(fact: SpendFact) -> float:
    return float(str(fact.content.get("savings") or 0))


def words_of(name: str) -> str:
    """ "MigrateToGraviton" as people write it; AWS's own names in it keep their capital."""
    first, *others = _WORD.findall(name) or [name]
    kept = (word if word in _NAMES else word.lower() for word in others)
    return " ".join([first, *kept])


def _advice(reads: Reads, fact: SpendFact) -> dict[str, Any]:
    told = fact.content
    arn = str(told.get("resource_arn") or "")
    place = Place(str(told.get("account") or fact.payer), str(told.get("region") or ""))
    return {
        "id": fact.key,
        "action": words_of(str(told.get("action") or "")),
        "resource": str(told.get("resource_id") or arn),
        "resource_href": resource_href(arn) if arn.startswith("arn:") else None,
        "place": reads.place_words(place),
        "now": str(told.get("current") or ""),
        "then": str(told.get("recommended") or ""),
        "effort": words_of(str(told.get("effort") or "")),
        "usd": _usd(fact),
    }
