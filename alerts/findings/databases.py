"""RDS instances that nobody connects to, or that are far too large for their load."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.findings.base import NO_AMOUNT, Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import HOURS_A_MONTH, NO_COST, Cost, Facts
from app.model.ids import Resource

_BUSY = 10.0
_RUNS = "available"
_PRICED = ("mysql", "mariadb")
_HALF = {"the amount is for": "half of the class, the next smaller one"}
_SMALLEST = {
    "m1": "small",
    "m3": "medium",
    "x1": "16xlarge",
    "x1e": "xlarge",
    "x2idn": "16xlarge",
    "x2iedn": "xlarge",
    "x2iezn": "2xlarge",
}
"""The smallest size of families that begin neither with micro (t) nor with large (others)."""


def _idle(facts: Facts) -> Iterator[Outcome]:
    """No connection for seven days; RDS cannot scale to zero."""
    databases = facts.listed("rds", "instance")
    connections = facts.use(databases, "DatabaseConnections", "Maximum")
    for row, database in enumerate(databases):
        if database.state != _RUNS:
            yield skipped(database, f"it is {database.state}")
        elif connections.known(row) < 0.9:
            yield skipped(database, "its metrics have gaps, or it is younger than 7 days")
        elif connections.highest(row) == 0:
            evidence = {"class": _class(database), "connections": 0, **_unpriced(database)}
            yield found(
                database, "nobody has connected for 7 days", evidence, _runs(database, facts)
            )
        else:
            yield fine(database)


def _large(facts: Facts) -> Iterator[Outcome]:
    """The processors never had a tenth of what they can do."""
    databases = facts.listed("rds", "instance")
    cpu = facts.use(databases, "CPUUtilization", "Average")
    for row, database in enumerate(databases):
        if database.state != _RUNS or cpu.known(row) < 0.9:
            yield skipped(database, "there is no full week of metrics")
        elif cpu.highest(row) < _BUSY and not _is_smallest(database):
            highest = cpu.highest(row)
            yield found(
                database,
                f"its processors were busy for {highest:.1f} % in the worst hour of 7 days",
                {
                    "class": _class(database),
                    "worst hour of CPU (%)": round(highest, 2),
                    **(_unpriced(database) or _HALF),
                },
                _half(_runs(database, facts)),
            )
        else:
            yield fine(database)


def _class(database: Resource) -> str:
    return str(database.configuration.get("DBInstanceClass") or "")


def _is_smallest(database: Resource) -> bool:
    """Whether its family has no smaller class; a serverless one has no size at all."""
    family, _, size = _class(database).removeprefix("db.").partition(".")
    aurora = str(database.configuration.get("Engine") or "").startswith("aurora")
    burstable = "medium" if aurora else "micro"
    smallest = burstable if family.startswith("t") else _SMALLEST.get(family, "large")
    return size.partition(".")[0] in ("", smallest)


def _unpriced(database: Resource) -> dict[str, str]:
    """Why it has no amount; the price of a class is that of MySQL, and MariaDB's is the same."""
    engine = str(database.configuration.get("Engine") or "mysql")
    if engine in _PRICED:
        return {}
    return {NO_AMOUNT: f"prices are known for MySQL and MariaDB, and it runs {engine}"}


def _runs(database: Resource, facts: Facts) -> Cost:
    if _unpriced(database):
        return NO_COST
    usage = "Multi-AZUsage" if database.configuration.get("MultiAZ") else "InstanceUsage"
    kind = _class(database)
    return facts.cost(f"{usage}:{kind}", HOURS_A_MONTH, f"{kind} by the hour")


def _half(cost: Cost) -> Cost:
    return Cost(None if cost.usd is None else round(cost.usd / 2, 2), cost.prices)


RULES = (
    Rule(
        cost_check(
            "RDS-08",
            "Idle database",
            "medium",
            "Take a snapshot and delete it, or stop it for up to 7 days.",
            "rds",
        ),
        _idle,
    ),
    Rule(
        cost_check(
            "RDS-14", "Costly class for its load", "low", "Take the next smaller class.", "rds"
        ),
        _large,
    ),
)
