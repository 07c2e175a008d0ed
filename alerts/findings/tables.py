"""DynamoDB: capacity that is paid and not used, and the other way to pay where it fits better."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from alerts.findings.base import Outcome, Rule, cost_check, fine, found, skipped
from alerts.findings.facts import HOURS_A_MONTH, NO_COST, Cost, Facts, Hours
from app.model.findings import FindingStatus
from app.model.ids import Resource

_USED = 0.2
_STEADY = 0.3
_FREE_UNITS = 25
_HOUR_S = 3600


def _unused(facts: Facts) -> Iterator[Outcome]:
    """Less than a fifth of the provisioned units was consumed over seven days."""
    tables = facts.listed("dynamodb", "table")
    reads = facts.use(tables, "ConsumedReadCapacityUnits")
    writes = facts.use(tables, "ConsumedWriteCapacityUnits")
    for row, table in enumerate(tables):
        units = _units(table)
        if table.configuration.get("BillingMode") != "PROVISIONED" or units == (0, 0):
            yield fine(table)
            continue
        used = (_mean(reads.values[row]), _mean(writes.values[row]))
        idle = [max(0.0, has - max(1.0, 2 * mean)) for has, mean in zip(units, used, strict=True)]
        if used[0] >= _USED * units[0] or used[1] >= _USED * units[1] or not any(idle):
            yield fine(table)
            continue
        cost = _cost(facts, "Read", idle[0]) + _cost(facts, "Write", idle[1])
        yield found(
            table,
            f"of {units[0]} read and {units[1]} write units {used[0]:.1f} and {used[1]:.1f} were "
            f"used on average in 7 days",
            {
                "provisioned read units": units[0],
                "provisioned write units": units[1],
                "mean read units": round(used[0], 2),
                "mean write units": round(used[1], 2),
                "the amount is for": "units beyond twice the mean",
            },
            cost,
        )


def _steady(facts: Facts) -> Iterator[Outcome]:
    """On demand is dearer than provisioned capacity where the load hardly changes."""
    tables = facts.listed("dynamodb", "table")
    reads = facts.use(tables, "ConsumedReadCapacityUnits", days=14)
    writes = facts.use(tables, "ConsumedWriteCapacityUnits", days=14)
    for row, table in enumerate(tables):
        load = np.nan_to_num(reads.values[row]) + np.nan_to_num(writes.values[row])
        mean = float(load.mean())
        if table.configuration.get("BillingMode") != "PAY_PER_REQUEST":
            yield fine(table)
        elif mean < _HOUR_S:
            yield skipped(table, "less than one unit a second; nothing to save")
        elif float(load.std()) < _STEADY * mean:
            evidence = {
                "mean units a second": round(mean / _HOUR_S, 2),
                "deviation of the hours": f"{load.std() / mean:.0%}",
            }
            yield found(
                table, "is paid on demand, and its load has been steady for 14 days", evidence
            )
        else:
            yield fine(table)


def _beyond_free(facts: Facts) -> Iterator[Outcome]:
    """25 read and 25 write units are free; more is billed by the hour, used or not."""
    tables = facts.listed("dynamodb", "table")
    both = [_units(t) for t in tables if t.configuration.get("BillingMode") == "PROVISIONED"]
    reads, writes = (sum(each[side] for each in both) for side in (0, 1))
    over = (max(0, reads - _FREE_UNITS), max(0, writes - _FREE_UNITS))
    account = facts.place.account
    if not any(over):
        yield Outcome(account, account, FindingStatus.OK)
        return
    charge = _cost(facts, "Read", over[0]) + _cost(facts, "Write", over[1])
    yield Outcome(
        f"{account}/{facts.place.region}/dynamodb",
        f"DynamoDB in {facts.place.region}",
        FindingStatus.ALARM,
        f"{reads} read and {writes} write units are provisioned; {_FREE_UNITS} of each are free",
        {
            "read units": reads,
            "write units": writes,
            "free of each": _FREE_UNITS,
            "charge beyond, used or not (USD a month)": str(charge.usd),
        },
    )


def _units(table: Resource) -> tuple[int, int]:
    configuration = table.configuration
    return (
        int(configuration.get("ReadCapacityUnits") or 0),
        int(configuration.get("WriteCapacityUnits") or 0),
    )


def _mean(hours: Hours) -> float:
    """Units a second over all hours; an hour without points used none."""
    return float(np.nan_to_num(hours).mean()) / _HOUR_S


def _cost(facts: Facts, side: str, units: float) -> Cost:
    if not units:
        return NO_COST
    hours = Decimal(str(round(units, 3))) * HOURS_A_MONTH
    return facts.cost(f"{side}CapacityUnit-Hrs", hours, f"{side.lower()} unit")


RULES = (
    Rule(
        cost_check(
            "DDB-03",
            "Provisioned capacity unused",
            "medium",
            "Lower the units, switch on auto scaling, or pay on demand.",
            "dynamodb",
        ),
        _unused,
    ),
    Rule(
        cost_check(
            "DDB-04",
            "On demand for a steady load",
            "info",
            "Compare with provisioned capacity and auto scaling.",
            "dynamodb",
        ),
        _steady,
    ),
    Rule(
        cost_check(
            "DDB-11",
            "Beyond the free capacity",
            "info",
            "Nothing to do if it is needed; the charge does not depend on use.",
            "dynamodb",
        ),
        _beyond_free,
    ),
)
