"""Checks that look at stored facts and find what costs without need, each with an amount.

A new family is one file with its ``RULES`` and a line in ``FAMILIES``.
"""

from __future__ import annotations

from alerts.findings import machines
from alerts.findings.base import Outcome, Rule
from alerts.findings.facts import Cost, Facts, Prices
from alerts.findings.run import keep, run_checks

FAMILIES: tuple[tuple[Rule, ...], ...] = (machines.RULES,)

RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES for rule in family)

__all__ = [
    "FAMILIES",
    "RULES",
    "Cost",
    "Facts",
    "Outcome",
    "Prices",
    "Rule",
    "keep",
    "run_checks",
]
