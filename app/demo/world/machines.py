"""Metrics of EC2 instances: AWS/EC2. Basic monitoring publishes every five minutes."""

from __future__ import annotations

import numpy as np

from app.demo.world.incidents import Kind
from app.demo.world.naming import Published, prefixed
from app.demo.world.noise import Floats
from app.demo.world.platform import Machine
from app.demo.world.samples import Samples, count, folded, gauge
from app.demo.world.sheet import Sheet

NAMESPACE = "AWS/EC2"
BASIC = 300
_CREDITS = {"t3.micro": 288.0, "t3.large": 864.0}


def machine_metrics(sheet: Sheet, machine: Machine) -> Published:
    """Everything one instance publishes."""
    measured = _work(sheet, machine)
    if not machine.detailed:
        measured = {name: folded(samples, BASIC) for name, samples in measured.items()}
    measured |= _checks(sheet)
    if machine.type in _CREDITS:
        measured |= _credits(sheet, machine)
    return prefixed(NAMESPACE, {"InstanceId": machine.id}, measured)


def cpu(sheet: Sheet, machine: Machine) -> Floats:
    """Percent of the processors in use."""
    demand = np.minimum(sheet.demand / sheet.deployment.scale, 2.2)
    level = machine.busy * (0.35 + 0.65 * demand)
    level = level * (1.0 + 0.1 * sheet.smooth(f"{machine.name}/cpu", 40))
    level = level + 1.1 * sheet.normal(f"{machine.name}/cpu")
    if machine is sheet.deployment.machines[0]:
        runaway = sheet.strength(Kind.CPU)
        level = level + (97.5 - level) * runaway
    return np.clip(level, 0.2, 100.0)


def _work(sheet: Sheet, machine: Machine) -> dict[str, Samples]:
    m, busy = sheet.minutes, cpu(sheet, machine)
    load = busy / 100.0
    received = 4.2e7 * load * (1.0 + 0.2 * sheet.uniform(f"{machine.name}/in"))
    sent = 6.1e7 * load * (1.0 + 0.2 * sheet.uniform(f"{machine.name}/out"))
    writes = np.floor(900.0 * load + 40.0 * sheet.uniform(f"{machine.name}/writes"))
    reads = np.floor(350.0 * load * sheet.uniform(f"{machine.name}/reads"))
    old_calls = 3.0 if machine.role == "build" else 0.0
    return {
        "CPUUtilization": gauge(m, busy),
        "NetworkIn": count(m, np.floor(received)),
        "NetworkOut": count(m, np.floor(sent)),
        "NetworkPacketsIn": count(m, np.floor(received / 780.0)),
        "NetworkPacketsOut": count(m, np.floor(sent / 910.0)),
        "EBSReadOps": count(m, reads),
        "EBSWriteOps": count(m, writes),
        "EBSReadBytes": count(m, reads * 16_384.0),
        "EBSWriteBytes": count(m, writes * 12_288.0),
        "EBSIOBalance%": gauge(m, np.clip(100.0 - 4.0 * load, 0.0, 100.0)),
        "EBSByteBalance%": gauge(m, np.clip(100.0 - 3.0 * load, 0.0, 100.0)),
        "MetadataNoToken": count(m, sheet.level(old_calls)),
    }


def _checks(sheet: Sheet) -> dict[str, Samples]:
    """Status checks are published every minute, at no charge."""
    passed = sheet.level(0.0)
    names = ("", "_Instance", "_System", "_AttachedEBS")
    return {f"StatusCheckFailed{name}": gauge(sheet.minutes, passed) for name in names}


def _credits(sheet: Sheet, machine: Machine) -> dict[str, Samples]:
    """CPU credits, every five minutes: fewer while the machine is busier than its baseline."""
    m, most = sheet.minutes, _CREDITS[machine.type]
    spent = np.clip(cpu(sheet, machine) / 100.0 - 0.1, -0.1, 0.9)
    wandering = 0.5 + 0.5 * sheet.smooth(f"{machine.name}/credits", 2880)
    left = most * np.clip(0.55 + 0.4 * wandering - 0.3 * spent, 0.02, 1.0)
    return {
        "CPUCreditBalance": folded(gauge(m, np.round(left, 3)), BASIC),
        "CPUCreditUsage": folded(gauge(m, np.round(cpu(sheet, machine) / 100.0, 4)), BASIC),
        "CPUSurplusCreditsCharged": folded(count(m, sheet.level(0.0)), BASIC),
    }
