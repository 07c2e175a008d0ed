"""One run of every check in every place; a rule that fails never stops another."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase

from alerts.findings.amounts import with_reason
from alerts.findings.base import Outcome, Rule, Scope
from alerts.findings.facts import Facts
from app.model.errors import CouldNotLook
from app.model.findings import CheckRun, Finding, FindingKind, FindingStatus
from app.model.ids import Place
from app.store import Store

_LOG = logging.getLogger(__name__)
_KEPT = (FindingStatus.ALARM, FindingStatus.ERROR)


def chosen(
    rules: Sequence[Rule], off: Sequence[str], services: Collection[str] | None = None
) -> list[Rule]:
    """Without checks that ``off`` names by glob, and without those of other services.

    ``services`` are those that are collected (None: all); nothing is known of the others.
    """
    return [
        rule
        for rule in rules
        if not any(fnmatchcase(rule.check.id, glob) for glob in off)
        and (services is None or rule.check.service in ("", *services))
    ]


def run_checks(
    known: Facts, rules: Sequence[Rule], places: Sequence[Place]
) -> tuple[list[CheckRun], list[Finding]]:
    """What every rule found in every place that it is asked in; facts are those of each place."""
    runs: list[CheckRun] = []
    findings: list[Finding] = []
    for place in places:
        facts = replace(known, place=place)
        for rule in rules:
            if place in asked_in(rule.scope, places):
                run, some = look(rule, facts)
                runs.append(run)
                findings += some
    return runs, findings


def asked_in(scope: Scope, places: Sequence[Place]) -> Sequence[Place]:
    """The places in which a rule is asked: all, the first of each account, or the very first."""
    if scope is Scope.PLACE:
        return places
    if scope is Scope.BILL:
        return places[:1]
    return list({place.account: place for place in reversed(places)}.values())


def keep(store: Store, runs: Sequence[CheckRun], found: Sequence[Finding], now: datetime) -> None:
    """Put a run on record; what it no longer finds is gone."""
    store.findings.replace(runs, found, now)


def look(rule: Rule, facts: Facts) -> tuple[CheckRun, list[Finding]]:
    """One rule in one place."""
    check, place, now = rule.check, facts.place, facts.now
    try:
        outcomes = list(rule.look(facts))
    except CouldNotLook as why:
        return CheckRun(check, place, now, message=str(why)), []
    except Exception as failure:  # recorded as this check's outcome; the others go on
        _LOG.exception("a check failed", extra={"check": check.id, "place": str(place)})
        kind = type(failure).__name__
        return CheckRun(check, place, now, message=f"the check itself failed ({kind})"), []
    counts = Counter(each.status for each in outcomes)
    run = CheckRun(
        check,
        place,
        now,
        ok=counts[FindingStatus.OK],
        alarm=counts[FindingStatus.ALARM],
        skip=counts[FindingStatus.SKIP],
        error=counts[FindingStatus.ERROR],
    )
    return run, [_finding(rule, each, facts) for each in outcomes if each.status in _KEPT]


def _finding(rule: Rule, outcome: Outcome, facts: Facts) -> Finding:
    evidence, check = outcome.evidence, rule.check
    is_found = outcome.status is FindingStatus.ALARM
    if is_found and check.kind is FindingKind.COST and outcome.cost.usd is None:
        evidence = with_reason(check.id, evidence)
    return Finding(
        check=check.id,
        place=facts.place,
        resource=outcome.resource,
        name=outcome.name,
        reason=outcome.reason,
        severity=outcome.severity or check.severity,
        status=outcome.status,
        evidence=evidence,
        usd=outcome.cost.usd,
        prices=outcome.cost.prices,
    )
