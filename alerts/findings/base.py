"""What a check is made of: a rule looks at the facts of one place and says how each resource is.

Each family of rules is one file of this folder with its ``RULES``. A rule that lacks an input
raises :class:`app.model.errors.CouldNotLook`; a resource that it cannot judge yet is skipped,
with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from alerts.findings.facts import NO_COST, Cost, Facts
from app.model.findings import Check, FindingKind, FindingSeverity, FindingStatus
from app.model.ids import Resource

MISSING = "_missing"
"""The member of a configuration that names the actions which the inventory lacked."""

NO_AMOUNT = "no amount, because"
"""The evidence that says why a finding has none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one resource came out; ``severity`` where it is not the check's own."""

    resource: str
    name: str
    status: FindingStatus
    reason: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    cost: Cost = NO_COST
    severity: FindingSeverity | None = None


class Scope(StrEnum):
    """How often a rule is asked: in each place, once an account, or once for the bill."""

    PLACE = "place"
    ACCOUNT = "account"
    BILL = "bill"


@dataclass(frozen=True, slots=True)
class Rule:
    """A check and the function that makes it."""

    check: Check
    look: Callable[[Facts], Iterable[Outcome]]
    scope: Scope = Scope.PLACE


def cost_check(id_: str, title: str, severity: str, advice: str, service: str = "") -> Check:
    """A check on what something costs."""
    return Check(id_, title, FindingKind.COST, FindingSeverity(severity), advice, service)


def fine(resource: Resource) -> Outcome:
    """Nothing to say about it."""
    return Outcome(resource.arn, resource.name, FindingStatus.OK)


def skipped(resource: Resource, why: str) -> Outcome:
    """It cannot be judged yet, or the rule is not meant for it."""
    return Outcome(resource.arn, resource.name, FindingStatus.SKIP, why)


def unread(resource: Resource, action: str) -> Outcome | None:
    """What to say of a resource of which a part may not be read; None where it was."""
    if action not in resource.configuration.get(MISSING, ()):
        return None
    why = f"it could not be asked; allow {action} in account {resource.account}"
    return Outcome(resource.arn, resource.name, FindingStatus.ERROR, why)


def found(
    resource: Resource,
    reason: str,
    evidence: Mapping[str, Any],
    cost: Cost = NO_COST,
    severity: FindingSeverity | None = None,
) -> Outcome:
    """Something to do about it."""
    return Outcome(
        resource.arn, resource.name, FindingStatus.ALARM, reason, evidence, cost, severity
    )
