"""Metrics of tables: AWS/DynamoDB.

Throttles and errors are published only when there are any; consumed capacity
is a sample per request, so its sum over the seconds is what was used.
"""

from __future__ import annotations

import numpy as np

from app.demo.world.flows import SLOW_TABLES, work, written
from app.demo.world.incidents import Kind
from app.demo.world.naming import Published, prefixed
from app.demo.world.noise import Floats
from app.demo.world.platform import Table
from app.demo.world.samples import Samples, between, count, folded, gauge, skewed
from app.demo.world.sheet import Sheet

NAMESPACE = "AWS/DynamoDB"
_QUERIES = 0.35
_UNITS_PER_READ, _UNITS_PER_WRITE = 0.8, 1.6


def table_metrics(sheet: Sheet, table: Table) -> Published:
    """Everything one table publishes: its own, its index's and one set per operation."""
    reads, writes = _reads(sheet, table), written(sheet, table.name)
    throttled = sheet.thin(f"{table.name}/throttled", reads, _throttle_share(sheet, table))
    done = reads - throttled
    whole = {"TableName": table.name}
    published = prefixed(NAMESPACE, whole, _own(sheet, table, done, writes))
    if table.name in SLOW_TABLES:
        published |= prefixed(NAMESPACE, whole, _throttles(sheet, throttled))
    if table.index:
        under = {**whole, "GlobalSecondaryIndexName": table.index}
        own = _consumed(sheet, _part(done, _QUERIES), writes) | _provisioned(sheet, table)
        own |= _only_if_any(sheet, {"ReadThrottleEvents": _part(throttled, _QUERIES)})
        published |= prefixed(NAMESPACE, under, own)
    queries, changed = _part(done, _QUERIES), _part(writes, 0.3)
    for operation, number, lost in (
        ("GetItem", done - queries, throttled - _part(throttled, _QUERIES)),
        ("Query", queries, _part(throttled, _QUERIES)),
        ("PutItem", writes - changed, None),
        ("UpdateItem", changed, None),
    ):
        measured = _operation(sheet, table, operation, number)
        if lost is not None and table.name in SLOW_TABLES:
            measured |= _only_if_any(sheet, {"ThrottledRequests": lost})
        published |= prefixed(NAMESPACE, {**whole, "Operation": operation}, measured)
    return published


def _throttles(sheet: Sheet, throttled: Floats) -> dict[str, Samples]:
    return _only_if_any(
        sheet, {"ReadThrottleEvents": throttled, "WriteThrottleEvents": _part(throttled, 0.05)}
    )


def account_metrics(sheet: Sheet) -> Published:
    """The metrics of the whole account, which carry no dimension."""
    m = sheet.minutes
    refused = sheet.thin("dynamodb/user-errors", sheet.count("users", 40 * sheet.demand), 0.02)
    share = 1.4 * np.minimum(sheet.demand, 3.0)
    measured = {
        "UserErrors": count(m, refused, absent_when_zero=True),
        "AccountProvisionedReadCapacityUtilization": folded(gauge(m, share), 300),
        "AccountProvisionedWriteCapacityUtilization": folded(gauge(m, share / 2), 300),
        "MaxProvisionedTableReadCapacityUtilization": folded(gauge(m, share / 3), 300),
        "MaxProvisionedTableWriteCapacityUtilization": folded(gauge(m, share / 5), 300),
    }
    return prefixed(NAMESPACE, {}, measured)


def _reads(sheet: Sheet, table: Table) -> Floats:
    parts = [
        np.round(work(sheet, sheet.deployment.function(name)).invoked * per)
        for name, per in table.readers
    ]
    return sum(parts, sheet.level(0.0))


def _throttle_share(sheet: Sheet, table: Table) -> Floats:
    if table.name not in SLOW_TABLES:
        return sheet.level(0.0)
    return 0.22 * sheet.strength(Kind.TABLE)


def _own(sheet: Sheet, table: Table, reads: Floats, writes: Floats) -> dict[str, Samples]:
    measured = _consumed(sheet, reads, writes)
    lost = sheet.thin(f"{table.name}/conditions", writes, 0.004)
    conflicts = sheet.thin(f"{table.name}/conflicts", writes, 0.0006)
    measured |= _only_if_any(
        sheet, {"ConditionalCheckFailedRequests": lost, "TransactionConflict": conflicts}
    )
    measured |= _provisioned(sheet, table)
    if table.ttl:
        expired = sheet.count(f"{table.name}/expired", 9.0 * sheet.demand)
        measured |= _only_if_any(sheet, {"TimeToLiveDeletedItemCount": expired})
    return measured


def _provisioned(sheet: Sheet, table: Table) -> dict[str, Samples]:
    if table.provisioned is None:
        return {}
    read, write = (sheet.level(float(units)) for units in table.provisioned)
    return {
        "ProvisionedReadCapacityUnits": gauge(sheet.minutes, read),
        "ProvisionedWriteCapacityUnits": gauge(sheet.minutes, write),
    }


def _consumed(sheet: Sheet, reads: Floats, writes: Floats) -> dict[str, Samples]:
    m = sheet.minutes
    read, write = sheet.level(_UNITS_PER_READ), sheet.level(_UNITS_PER_WRITE)
    return {
        "ConsumedReadCapacityUnits": between(m, reads, read, read * 0 + 0.5, read * 0 + 2.0),
        "ConsumedWriteCapacityUnits": between(m, writes, write, write * 0 + 1.0, write * 0 + 4.0),
    }


def _operation(sheet: Sheet, table: Table, operation: str, number: Floats) -> dict[str, Samples]:
    key = f"{table.name}/{operation}"
    base = {"GetItem": 3.1, "Query": 5.4, "PutItem": 6.2, "UpdateItem": 6.6}[operation]
    middle = base * (1.0 + 0.12 * sheet.smooth(f"{key}/pace", 60))
    if table.name in SLOW_TABLES:
        middle = middle * (1.0 + 14.0 * sheet.strength(Kind.TABLE))
    m, wobble = sheet.minutes, sheet.normal(f"{key}/latency")
    measured = {"SuccessfulRequestLatency": skewed(m, number, middle, 0.35, wobble)}
    if table.name in SLOW_TABLES and operation == "GetItem":
        share = 0.004 * sheet.strength(Kind.TABLE)
        measured |= _only_if_any(sheet, {"SystemErrors": sheet.thin(key, number, share)})
    if operation == "Query":
        measured["ReturnedItemCount"] = skewed(m, number, sheet.level(11.0), 0.6, wobble)
    return measured


def _only_if_any(sheet: Sheet, totals: dict[str, Floats]) -> dict[str, Samples]:
    return {
        name: count(sheet.minutes, total, absent_when_zero=True) for name, total in totals.items()
    }


def _part(whole: Floats, share: float) -> Floats:
    return np.floor(whole * share)
