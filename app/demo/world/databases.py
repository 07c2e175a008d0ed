"""Metrics of databases: AWS/RDS."""

from __future__ import annotations

import numpy as np

from app.demo.world.incidents import Kind
from app.demo.world.naming import Published, prefixed
from app.demo.world.noise import Floats
from app.demo.world.platform import Database
from app.demo.world.samples import Samples, folded, gauge, skewed
from app.demo.world.sheet import Sheet

NAMESPACE = "AWS/RDS"
_GIB = float(2**30)
_READINGS = 60.0


def database_metrics(sheet: Sheet, database: Database) -> Published:
    """Everything one instance publishes; a replica also says how far it is behind."""
    measured = _compute(sheet, database) | _storage(sheet, database) | _network(sheet, database)
    if database.size.startswith("db.t"):
        left = 576.0 * (0.7 + 0.2 * sheet.smooth(f"{database.name}/credits", 2880))
        measured["CPUCreditBalance"] = folded(gauge(sheet.minutes, np.round(left, 2)), 300)
    if database.replica_of:
        lag = np.floor(2.2 * sheet.uniform(f"{database.name}/lag"))
        lag = lag + np.floor(95.0 * sheet.strength(Kind.STORAGE))
        measured["ReplicaLag"] = gauge(sheet.minutes, lag)
    return prefixed(NAMESPACE, {"DBInstanceIdentifier": database.name}, measured)


def _load(sheet: Sheet) -> Floats:
    return sheet.demand / sheet.deployment.scale


def _compute(sheet: Sheet, database: Database) -> dict[str, Samples]:
    m, name, load = sheet.minutes, database.name, _load(sheet)
    busy = 21.0 * load * (1.0 + 0.12 * sheet.smooth(f"{name}/cpu", 50))
    busy = np.clip(busy + 1.5 * sheet.normal(f"{name}/cpu"), 0.5, 100.0)
    sessions = database.vcpus * busy / 100.0 * 0.9
    ram = database.memory_gib * _GIB
    free = ram * np.clip(0.34 - 0.08 * load + 0.02 * sheet.smooth(f"{name}/memory", 300), 0.05, 1)
    return {
        "CPUUtilization": gauge(m, np.round(busy, 4)),
        "DatabaseConnections": gauge(
            m, np.floor(database.connections * (0.5 + 0.5 * load) + 3.0 * sheet.uniform(name))
        ),
        "FreeableMemory": gauge(m, np.floor(free)),
        "SwapUsage": gauge(m, sheet.level(1_572_864.0)),
        "DBLoad": gauge(m, np.round(sessions, 3)),
        "DBLoadCPU": gauge(m, np.round(sessions * 0.7, 3)),
        "DBLoadNonCPU": gauge(m, np.round(sessions * 0.3, 3)),
        "MaximumUsedTransactionIDs": gauge(m, 2.0e8 + np.floor((m % 100_000) * 900.0)),
    }


def _storage(sheet: Sheet, database: Database) -> dict[str, Samples]:
    m, name, load = sheet.minutes, database.name, _load(sheet)
    reads = np.round(140.0 * load * (0.8 + 0.4 * sheet.uniform(f"{name}/reads")), 2)
    writes = np.round(60.0 * load * (0.8 + 0.4 * sheet.uniform(f"{name}/writes")), 2)
    if database.replica_of:
        reads, writes = reads * 0.6, writes * 0.5
    slow = 1.0 + 3.0 * sheet.strength(Kind.STORAGE)
    wobble = sheet.normal(f"{name}/latency")
    readings = sheet.level(_READINGS)
    return {
        "FreeStorageSpace": gauge(m, free_storage(sheet, database)),
        "ReadIOPS": gauge(m, reads),
        "WriteIOPS": gauge(m, writes),
        "ReadLatency": skewed(m, readings, 0.0009 * slow, 0.4, wobble),
        "WriteLatency": skewed(m, readings, 0.0021 * slow, 0.4, wobble),
        "ReadThroughput": gauge(m, np.floor(reads * 14_336.0)),
        "WriteThroughput": gauge(m, np.floor(writes * 11_264.0)),
        "DiskQueueDepth": gauge(m, np.round((reads + writes) * 0.0016 * slow, 4)),
        "TransactionLogsDiskUsage": gauge(m, np.floor(1.4e9 + 2e8 * sheet.smooth(name, 240))),
        "OldestReplicationSlotLag": gauge(m, np.floor(4e6 * sheet.uniform(f"{name}/slot"))),
        "EBSByteBalance%": gauge(m, np.clip(99.0 - 2.0 * load, 0.0, 100.0)),
        "EBSIOBalance%": gauge(m, np.clip(99.0 - 3.0 * load, 0.0, 100.0)),
    }


def free_storage(sheet: Sheet, database: Database) -> Floats:
    """Bytes left: fills over a week, is cleaned up on Sundays, and nearly runs out in trouble."""
    allocated = database.allocated_gib * _GIB
    week = ((sheet.minutes + 4 * 1440) % 10_080) / 10_080.0
    share = 0.46 - 0.09 * week + 0.004 * sheet.smooth(f"{database.name}/storage", 120)
    if not database.replica_of:
        # Runs down while the incident lasts; ends with a clean-up, not gradually.
        gone = np.clip(sheet.progress(Kind.STORAGE) * 2.5, 0.0, 1.0)
        share = share - (share - 0.035) * gone
    return np.floor(allocated * share / 4096.0) * 4096.0


def _network(sheet: Sheet, database: Database) -> dict[str, Samples]:
    load = _load(sheet)
    received = 210_000.0 * load * (0.9 + 0.2 * sheet.uniform(f"{database.name}/in"))
    sent = 1_650_000.0 * load * (0.9 + 0.2 * sheet.uniform(f"{database.name}/out"))
    return {
        "NetworkReceiveThroughput": gauge(sheet.minutes, np.round(received, 1)),
        "NetworkTransmitThroughput": gauge(sheet.minutes, np.round(sent, 1)),
    }
