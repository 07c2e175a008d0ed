"""DynamoDB: capacity that is paid and not used, and the other way to pay where it fits better."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from alerts.findings.base import NO_AMOUNT, Outcome, Rule, cost_check, fine, found, skipped, unread
from alerts.findings.facts import HOURS_A_MONTH, NO_COST, Cost, Facts, Hours
from app.model.findings import FindingStatus
from app.model.ids import Resource
from app.model.sizes import billed_gb

_USED = 0.2
_STEADY = 0.3
_FREE_UNITS = 25
_HOUR_S = 3600
_TARGET = 0.7
_SCANNED = 0.1
_READS = ("BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems")
_PASSING = re.compile(r"sess|token|cache|te?mp\b|connection|lock|otp|nonce", re.IGNORECASE)
_DYNAMODB = "Amazon DynamoDB"


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
            cost = _provisioned(facts, reads.values[row], writes.values[row])
            if cost.usd is not None and cost.usd <= 0:
                yield fine(table)
                continue
            evidence = {
                "mean units a second": round(mean / _HOUR_S, 2),
                "deviation of the hours": f"{load.std() / mean:.0%}",
                "from": facts.last(14).start.date().isoformat(),
                "until": facts.last(14).end.date().isoformat(),
            }
            if cost.usd is None:
                evidence[NO_AMOUNT] = "there is no price of a request or a unit"
            else:
                evidence["the amount is for"] = "units for the busiest hour at 70 % use"
            words = "is paid on demand, and its load has been steady for 14 days"
            yield found(table, words, evidence, cost)
        else:
            yield fine(table)


def _scans(facts: Facts) -> Iterator[Outcome]:
    """A scan reads, and bills, every item of the table to find some."""
    tables = facts.listed("dynamodb", "table")
    asked = facts.parted(tables, "SuccessfulRequestLatency", "Operation", "SampleCount")
    for table, uses in zip(tables, asked, strict=True):
        reads = {kind: use.total(0) for kind, use in uses.items() if kind in _READS}
        total, scans = sum(reads.values()), reads.get("Scan", 0.0)
        if not total:
            yield skipped(table, "nothing was read in 7 days")
        elif scans <= _SCANNED * total:
            yield fine(table)
        else:
            evidence = {
                **{f"{kind} in 7 days": round(number) for kind, number in sorted(reads.items())},
                "until": facts.last(7).end.date().isoformat(),
                NO_AMOUNT: "CloudWatch tells consumed units by table, and not by operation",
            }
            yield found(table, f"{scans / total:.0%} of its reads are scans", evidence)


def _no_expiry(facts: Facts) -> Iterator[Outcome]:
    """Sessions, tokens and the like end by themselves; deleting by TTL is free of charge."""
    for table in facts.listed("dynamodb", "table"):
        ttl = table.configuration.get("TimeToLive") or {}
        if not _PASSING.search(table.name):
            yield fine(table)
        elif (blind := unread(table, "dynamodb:DescribeTimeToLive")) is not None:
            yield blind
        elif ttl.get("TimeToLiveStatus") in ("ENABLED", "ENABLING"):
            yield fine(table)
        else:
            size = float(table.configuration.get("TableSizeBytes") or 0)
            evidence = {
                "items": table.configuration.get("ItemCount"),
                "bytes": round(size),
                "the amount is for": "all that it stores, without what is free each month",
            }
            cost = facts.cost("TimedStorage-ByteHrs", billed_gb(size), "GB-month", _DYNAMODB)
            words = "has items that end by themselves, by its name, and no time to live"
            yield found(table, words, evidence, cost)


def _provisioned(facts: Facts, reads: Hours, writes: Hours) -> Cost:
    """What is saved a month by units for the busiest hour, 70 % used, instead of requests."""
    saved, days = NO_COST, len(reads) / 24
    for side, hours in (("Read", reads), ("Write", writes)):
        known = np.nan_to_num(hours)
        a_month = Decimal(str(float(known.sum()) / days * float(HOURS_A_MONTH) / 24))
        now = facts.cost(f"{side}RequestUnits", a_month, f"{side.lower()} on demand")
        then = _cost(facts, side, max(1.0, float(known.max()) / _HOUR_S / _TARGET))
        if now.usd is None or then.usd is None:
            return NO_COST
        saved += Cost(now.usd - then.usd, (*now.prices, *then.prices))
    return saved


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
            "DDB-05",
            "Many scans",
            "medium",
            "Ask by key, or give the question an index of its own.",
            "dynamodb",
        ),
        _scans,
    ),
    Rule(
        cost_check(
            "DDB-07",
            "Temporary items without an end",
            "info",
            "Switch on time to live with an attribute that says when an item ends.",
            "dynamodb",
        ),
        _no_expiry,
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
