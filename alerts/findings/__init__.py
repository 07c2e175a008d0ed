"""Checks that look at stored facts and find what costs without need, each with an amount.

A new family is one file with its ``RULES`` and a line in ``FAMILIES``.
"""

from __future__ import annotations

from alerts.findings import (
    account,
    bill,
    buckets,
    containers,
    databases,
    functions,
    gateways,
    log_groups,
    logged,
    machines,
    messages,
    network,
    queues,
    releases,
    tables,
    traces,
    volumes,
    watching,
)
from alerts.findings.base import Outcome, Rule, Scope
from alerts.findings.facts import Cost, Facts, Prices
from alerts.findings.run import chosen, keep, run_checks
from alerts.findings.telling import Hearers, tell

FAMILIES: tuple[tuple[Rule, ...], ...] = (
    account.RULES,
    bill.RULES,
    machines.RULES,
    volumes.RULES,
    network.RULES,
    containers.RULES,
    functions.RULES,
    databases.RULES,
    tables.RULES,
    queues.RULES,
    buckets.RULES,
    gateways.RULES,
    messages.RULES,
    releases.RULES,
    log_groups.RULES,
    watching.RULES,
    logged.RULES,
    traces.RULES,
)

RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES for rule in family)

__all__ = [
    "FAMILIES",
    "RULES",
    "Cost",
    "Facts",
    "Hearers",
    "Outcome",
    "Prices",
    "Rule",
    "Scope",
    "chosen",
    "keep",
    "run_checks",
    "tell",
]
