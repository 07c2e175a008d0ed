"""New findings, and those that are gone, as changes on record: told once, by the same delivery.

Each finding stands on record under a name of its own, so that a process that takes over knows
what was told. One that somebody waives ends quietly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.model.alarms import AlarmStatus, Severity, Transition
from app.model.findings import (
    CheckRun,
    Finding,
    FindingSeverity,
    FindingStatus,
    Waiver,
    waiver_of,
)
from app.model.states import AlarmState
from app.store import Ledger

MARK = "/finding/"
_LOUD = (FindingSeverity.CRITICAL, FindingSeverity.HIGH)
_Told = tuple[AlarmStatus, Transition, bool]


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who hears of findings that are at least so severe and that nobody waived."""

    channels: tuple[str, ...]
    least: FindingSeverity
    waivers: Sequence[Waiver] = ()

    def want(self, finding: Finding, now: datetime) -> bool:
        """Whether they hear of one."""
        severe = finding.severity.weight <= self.least.weight
        found = finding.status is FindingStatus.ALARM
        return severe and found and waiver_of(finding, self.waivers, now) is None


def tell(
    ledger: Ledger,
    hearers: Hearers,
    runs: Sequence[CheckRun],
    found: Sequence[Finding],
    now: datetime,
) -> int:
    """Put on record what is new and what is gone; how many changes."""
    checks = {run.check.id: run for run in runs}
    wanted = {_name(each): each for each in found if hearers.want(each, now)}
    known = {
        name: status
        for name, status in ledger.statuses().items()
        if MARK in name and status.state is AlarmState.ALARM
    }
    seen = {_name(each) for each in found}
    blind = {f"{r.place.account}/{r.place.region}{MARK}{r.check.id}/" for r in runs if r.message}
    new = {name: each for name, each in wanted.items() if name not in known}
    left = {
        name: status
        for name, status in known.items()
        if name not in wanted and not name.startswith(tuple(blind))
    }
    changes = [_raised(name, each, checks[each.check], now) for name, each in new.items()]
    changes += [_ended(name, each, name in seen, now) for name, each in left.items()]
    if changes:
        transitions = [(change, hearers.channels if loud else ()) for _, change, loud in changes]
        ledger.record([status for status, _, _ in changes], transitions, now)
    return len(changes)


def _raised(name: str, finding: Finding, run: CheckRun, now: datetime) -> _Told:
    cost = f" It costs {finding.usd:,.2f} USD a month." if finding.usd is not None else ""
    reason = f"{finding.reason[:1].upper()}{finding.reason[1:]}.{cost}"
    severity = Severity.CRITICAL if finding.severity in _LOUD else Severity.WARNING
    data = {
        "kind": "finding",
        "title": f"{run.check.title}: {finding.name}",
        "description": run.check.advice,
        "severity": severity.value,
        "resource": finding.resource,
        "evidence": dict(finding.evidence),
        "usd_a_month": None if finding.usd is None else str(finding.usd),
    }
    change = Transition(name, now, AlarmState.OK, AlarmState.ALARM, reason, data)
    return AlarmStatus(name, AlarmState.ALARM, reason, data, now, now), change, True


def _ended(name: str, status: AlarmStatus, is_waived: bool, now: datetime) -> _Told:
    """What stood and does no more; a check that could not look ends nothing."""
    reason = "It is waived." if is_waived else "It is not found any more."
    data = dict(status.reason_data)
    change = Transition(name, now, AlarmState.ALARM, AlarmState.OK, reason, data)
    return AlarmStatus(name, AlarmState.OK, reason, data, now, now), change, not is_waived


def _name(finding: Finding) -> str:
    place = finding.place
    return f"{place.account}/{place.region}{MARK}{finding.check}/{finding.resource}"
