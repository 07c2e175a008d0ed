"""The paying account: budgets that are missing, mute or broken, and free tiers running out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from alerts.findings.base import Outcome, Rule, Scope, cost_check
from alerts.findings.facts import Cost, Facts
from app.model.budgets import (
    ACTUAL_PERCENT,
    FORECAST_PERCENT,
    Budget,
    BudgetStanding,
    Of,
    Source,
)
from app.model.errors import CouldNotLook
from app.model.findings import Check, FindingStatus
from app.model.readings import Look
from app.model.spend import FactKind, SpendFact
from app.read.budgets import imported

_NEARLY = 0.8
_FORTNIGHT = timedelta(days=14)
_DIGEST = "/digest/"
_NO_FORECAST = "it has no forecast in dollars"


def _none(facts: Facts) -> Iterator[Outcome]:
    """No budget in AWS and none here: nobody is told before the month ends."""
    account = facts.place.account
    budgets = _facts(facts, FactKind.BUDGET)
    if budgets or _own_budgets(facts):
        yield Outcome(account, account, FindingStatus.OK)
    else:
        yield Outcome(account, account, FindingStatus.ALARM, "there is no budget", {"budgets": 0})


def _mute(facts: Facts) -> Iterator[Outcome]:
    """A budget without a threshold is a number that nobody looks at."""
    for budget, content in _budgets(facts):
        told = content.get("notifications")
        if told is None:
            yield _outcome(budget, FindingStatus.SKIP, "its notifications could not be read")
        elif told:
            yield _outcome(budget, FindingStatus.OK)
        else:
            yield _outcome(budget, FindingStatus.ALARM, "it has no threshold that tells anybody")


def _no_forecast(facts: Facts) -> Iterator[Outcome]:
    """Actual thresholds tell when the money is gone; a forecast tells before."""
    for budget, content in _budgets(facts):
        kinds = {str(each.get("type")) for each in content.get("notifications") or ()}
        if kinds and "FORECASTED" not in kinds:
            reason = "it warns of what was spent, and not of what will be"
            yield _outcome(budget, FindingStatus.ALARM, reason, {"thresholds": sorted(kinds)})
        else:
            yield _outcome(budget, FindingStatus.OK)


def _broken(facts: Facts) -> Iterator[Outcome]:
    """More is expected than the limit, or than the lowest threshold on what is expected."""
    own = [_own_broken(each, facts) for each in _own_standings(facts)]
    yield from own
    try:
        for budget, content in _budgets(facts):
            yield _broken_in_aws(budget, content)
    except CouldNotLook as why:
        if not own:
            raise
        account = facts.place.account
        yield Outcome(account, "budgets of AWS", FindingStatus.ERROR, str(why))


def _own_broken(standing: BudgetStanding, facts: Facts) -> Outcome:
    budget = standing.budget
    resource = f"{facts.place.account}/{FactKind.BUDGET.value}/{budget.id}"
    status, reason, evidence = _against(budget, standing.forecast)
    return Outcome(resource, budget.name, status, reason, evidence)


def _broken_in_aws(fact: SpendFact, content: Mapping[str, Any]) -> Outcome:
    expected, budget = content.get("forecast"), imported(fact)
    if content.get("type") != "COST" or budget is None or not expected:
        return _outcome(fact, FindingStatus.SKIP, _NO_FORECAST)
    return _outcome(fact, *_against(budget, Decimal(str(expected))))


def _against(budget: Budget, expected: Decimal | None) -> tuple[FindingStatus, str, dict[str, str]]:
    """Status, reason and evidence of what is expected of a budget."""
    if expected is None:
        return FindingStatus.SKIP, _NO_FORECAST, {}
    set_ = [budget.amount(each) for each in budget.thresholds if each.of is Of.FORECAST]
    most = min([budget.limit, *set_])
    if expected <= most:
        return FindingStatus.OK, "", {}
    reason = f"{expected:.2f} USD are expected against {budget.limit:.2f}"
    if most < budget.limit:
        reason += f", and the threshold is {most:.2f}"
    evidence = {"limit (USD)": str(budget.limit), "forecast (USD)": str(expected)}
    return FindingStatus.ALARM, reason, evidence | {"lowest threshold (USD)": str(most)}


def _free_tier(facts: Facts) -> Iterator[Outcome]:
    """Four fifths of an allowance are used, or will be."""
    for fact in _facts(facts, FactKind.FREE_TIER):
        content = fact.content
        limit, used = float(content.get("limit") or 0), float(content.get("actual") or 0)
        if limit <= 0:
            yield _outcome(fact, FindingStatus.SKIP, "it has no limit")
        elif used >= _NEARLY * limit:
            unit = content.get("unit") or ""
            share = "all" if used >= limit else f"{used / limit:.0%}"
            reason = f"{share} of {limit:,.10g} {unit}".rstrip() + f" a month: {used:,.0f} used"
            evidence = {
                "used": used,
                "limit": limit,
                "unit": unit,
                "forecast": content.get("forecast"),
            }
            yield _outcome(fact, FindingStatus.ALARM, reason, evidence)
        else:
            yield _outcome(fact, FindingStatus.OK)


def _nobody_looked(facts: Facts) -> Iterator[Outcome]:
    """No digest of spend has been delivered for a fortnight."""
    account = facts.place.account
    sent = facts.books.store.ledger.last_sent(_DIGEST)
    if sent is not None and facts.now - sent < _FORTNIGHT:
        yield Outcome(account, account, FindingStatus.OK)
        return
    last = sent.date().isoformat() if sent else "never"
    reason = "no digest of spend was delivered for 14 days"
    yield Outcome(account, account, FindingStatus.ALARM, reason, {"last digest": last})


def _own_standings(facts: Facts) -> list[BudgetStanding]:
    if facts.budgets is None:
        return []
    known = facts.budgets.standing(facts.now).value
    return [each for each in known if each.budget.source is Source.OWN]


def _own_budgets(facts: Facts) -> bool:
    marks = (ACTUAL_PERCENT, FORECAST_PERCENT)
    return any(
        each.put.get("Namespace") == "Watchdeck/Spend" and each.put.get("MetricName") in marks
        for each in facts.books.store.ledger.definitions()
    )


def _budgets(facts: Facts) -> Iterator[tuple[SpendFact, Mapping[str, Any]]]:
    for fact in _facts(facts, FactKind.BUDGET):
        yield fact, fact.content


def _facts(facts: Facts, kind: FactKind) -> tuple[SpendFact, ...]:
    reading = facts.spend.facts(kind)
    if reading.look in (Look.NOT_COLLECTED, Look.COULD_NOT_ASK):
        why = reading.problem.message if reading.problem else "switch on collection.spend"
        raise CouldNotLook(f"{kind.value.replace('_', ' ')} has not been read: {why}")
    return reading.value


def _outcome(
    fact: SpendFact,
    status: FindingStatus,
    reason: str = "",
    evidence: Mapping[str, Any] | None = None,
    cost: Cost | None = None,
) -> Outcome:
    name = str(fact.content.get("name") or fact.content.get("description") or fact.key)
    resource = f"{fact.payer}/{fact.kind.value}/{fact.key}"
    return Outcome(resource, name, status, reason, evidence or {}, cost or Cost())


def _rule(check: Check, look: Any) -> Rule:
    return Rule(check, look, Scope.BILL)


RULES = (
    _rule(
        cost_check(
            "ACC-05",
            "No budget",
            "high",
            "Write one under `budgets`; 80 % of a forecast is a start.",
        ),
        _none,
    ),
    _rule(
        cost_check(
            "ACC-06", "Budget tells nobody", "medium", "Give it a threshold and somebody to tell."
        ),
        _mute,
    ),
    _rule(
        cost_check(
            "ACC-07", "Budget without a forecast", "low", "Add a threshold on the forecasted cost."
        ),
        _no_forecast,
    ),
    _rule(
        cost_check(
            "ACC-08",
            "Forecast breaks a budget",
            "high",
            "Look at what grew; nothing here or in AWS stops the spending by itself.",
        ),
        _broken,
    ),
    _rule(
        cost_check(
            "ACC-10", "Free tier nearly used", "medium", "What comes on top is billed; expect it."
        ),
        _free_tier,
    ),
    _rule(
        cost_check(
            "ACC-12", "Nobody looked", "low", "Send a digest each week: `digest` in config.yaml."
        ),
        _nobody_looked,
    ),
)
