"""Mistakes between budgets, digests and findings on one side, and what they name on the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.config.mistakes import Location, suggestion

Found = Iterator[tuple[Location, str]]


def money_rules(value: dict[str, Any], channels: list[str], accounts: list[str]) -> Found:
    """Channels and accounts that are not there."""
    money, findings = _dict(value.get("money")), _dict(value.get("findings"))
    yield from _named(money, "imported_channels", ("money",), channels, "channel")
    digest = _dict(money.get("digest"))
    yield from _named(digest, "channels", ("money", "digest"), channels, "channel")
    yield from _named(findings, "channels", ("findings",), channels, "channel")
    budgets = money.get("budgets")
    for i, budget in enumerate(budgets if isinstance(budgets, list) else []):
        at = ("money", "budgets", i)
        yield from _named(_dict(budget), "channels", at, channels, "channel")
        yield from _named(_dict(budget), "accounts", at, accounts, "account")


def _named(section: dict[str, Any], key: str, at: Location, known: list[str], what: str) -> Found:
    names = section.get(key)
    for i, name in enumerate(names if isinstance(names, list) else []):
        if isinstance(name, str) and name not in known:
            yield (*at, key, i), f"there is no {what} `{name}`; {suggestion(name, known)}"


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
