"""Traps in the definition itself: period, statistic, unit, threshold, whom it tells."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.lint.case import Case, Finding, Weight
from alerts.lint.data import ENOUGH_DAYS, SPARSE
from alerts.validation import problems
from alerts.verdict.rule import Operator, Treatment
from app.model.watching import PLAIN

NOISY = 14.0
"""Pages a week from which an alarm is worth a look: two a day."""

_RISING = (Operator.ABOVE, Operator.AT_LEAST)


def refused(case: Case) -> Iterator[Finding]:
    """What AWS would not even take."""
    if case.put.get("AlarmRule") is not None or "QueryResultsToEvaluate" in case.put:
        return
    for problem in problems(case.put):
        yield Finding("refused", Weight.ERROR, f"AWS would refuse it: {problem}", "Correct it.")


def short_period(case: Case) -> Iterator[Finding]:
    """Shorter than the metric's own period: most slots are empty by design."""
    rule, own = case.rule, case.facts.own_period if case.facts else None
    if rule is None or own is None or rule.period >= own:
        return
    yield Finding(
        "short-period", Weight.ERROR,
        f"AWS publishes the metric every {own} s; of the alarm's slots of {rule.period} s most "
        "are missing by design.",
        f"Use a period of {own} s or a multiple of it.",
        {"Period": own},
    )  # fmt: skip


def odd_statistic(case: Case) -> Iterator[Finding]:
    """The average of a counter does not grow with the number of failures."""
    rule, facts = case.rule, case.facts
    if rule is None or facts is None or not facts.statistics or rule.statistic not in PLAIN:
        return
    if rule.statistic == "Average" and "Average" not in facts.statistics:
        better = "Sum" if "Sum" in facts.statistics else facts.statistics[0]
        yield Finding(
            "average-of-counter", Weight.WARNING,
            "The average of this metric says how much one sample counts, not how many there were.",
            f"Use {better}.",
            {"Statistic": better},
        )  # fmt: skip


def wrong_unit(case: Case) -> Iterator[Finding]:
    """A unit that the metric is not published in finds no data at all."""
    unit, own = str(case.put.get("Unit") or ""), case.facts.unit if case.facts else ""
    if unit and own and unit != own:
        yield Finding(
            "wrong-unit", Weight.ERROR,
            f"The metric is published in {own}; with the unit {unit} CloudWatch finds no data.",
            "Leave the unit out.",
            {"Unit": None},
        )  # fmt: skip


def threshold(case: Case) -> Iterator[Finding]:
    """A threshold that can never be crossed, or always is."""
    rule, facts = case.rule, case.facts
    if rule is None or rule.operator.is_band or "Threshold" not in case.put:
        return
    limit, rising = rule.threshold, rule.operator in _RISING
    unit = str(case.put.get("Unit") or (facts.unit if facts else ""))
    top = 100.0 if unit == "Percent" else float("inf")
    out_of_reach = (
        limit > top or (limit == top and rule.operator is Operator.ABOVE)
        if rising
        else limit < 0 or (limit == 0 and rule.operator is Operator.BELOW)
    )
    never_negative = unit in ("Percent", "Count") or rule.statistic == "SampleCount"
    if out_of_reach and (never_negative or limit > top):
        yield Finding(
            "unreachable", Weight.ERROR,
            f"No value of {unit or rule.statistic} can be {_words(rule.operator)} {limit:g}.",
            "Correct the threshold or the comparison.",
        )  # fmt: skip
        return
    if facts is None or facts.days < ENOUGH_DAYS or facts.highest is None or facts.lowest is None:
        return
    if facts.share < SPARSE:
        return  # what is published only when it happens breaches whenever it is there
    always = _always(rule.operator, limit, facts.lowest, facts.highest)
    if always:
        yield Finding(
            "always-breaching", Weight.WARNING,
            f"Every value of the last days ({facts.lowest:g} to {facts.highest:g}) is "
            f"{_words(rule.operator)} {limit:g}.",
            "Put the threshold outside what is usual; a backtest shows what it would do.",
        )  # fmt: skip


def untold(case: Case) -> Iterator[Finding]:
    """Nobody hears of it."""
    if case.parents:
        return
    if case.put.get("ActionsEnabled") is False:
        yield Finding(
            "actions-off", Weight.WARNING,
            "Its actions are switched off, so nobody hears of it.",
            "Set ActionsEnabled, or give it an end by a silence instead.",
            {"ActionsEnabled": True},
        )  # fmt: skip
    elif not case.told:
        yield Finding(
            "no-action", Weight.WARNING,
            "It tells nobody, and no composite alarm looks at it.",
            "Name a channel, or put it under a composite alarm that has one.",
        )  # fmt: skip


def noisy(case: Case) -> Iterator[Finding]:
    """So often that people stop reading it."""
    rate, rule = case.pages_per_week, case.rule
    if rule is None or rate is None or rate < NOISY:
        return
    wider = {"EvaluationPeriods": rule.n + 2, "DatapointsToAlarm": rule.m + 1}
    yield Finding(
        "noisy", Weight.WARNING,
        f"Over the stored history it would have been raised {rate:.0f} times a week.",
        "Ask for more points (M of N) or a threshold further out; try both with a backtest.",
        wider if rule.time_zone is None else {},
    )  # fmt: skip


def dynamodb(case: Case) -> Iterator[Finding]:
    """The one namespace with another default."""
    if case.rule is None or case.put.get("TreatMissingData"):
        return
    if case.rule.treatment is Treatment.IGNORE:
        yield Finding(
            "dynamodb-default", Weight.HINT,
            "TreatMissingData is not written, and for AWS/DynamoDB that means ignore: the state "
            "stays while nothing happens.",
            "Write down which treatment is meant; notBreaching suits errors and throttles.",
            {"TreatMissingData": "notBreaching"},
        )  # fmt: skip


def seldom(case: Case) -> Iterator[Finding]:
    """Alarms over more than a day are judged once an hour."""
    if case.rule is not None and case.rule.is_multi_day:
        yield Finding(
            "hourly", Weight.HINT,
            "EvaluationPeriods x Period is more than a day, so it is judged once an hour only.",
            "Keep it within a day if an hour is too late.",
        )  # fmt: skip


def _always(operator: Operator, limit: float, lowest: float, highest: float) -> bool:
    return {
        Operator.ABOVE: lowest > limit,
        Operator.AT_LEAST: lowest >= limit,
        Operator.BELOW: highest < limit,
        Operator.AT_MOST: highest <= limit,
    }.get(operator, False)


def _words(operator: Operator) -> str:
    return {
        Operator.ABOVE: "above",
        Operator.AT_LEAST: "at or above",
        Operator.BELOW: "below",
        Operator.AT_MOST: "at or below",
    }[operator]


TRAPS = (
    refused, short_period, odd_statistic, wrong_unit, threshold, untold, noisy, dynamodb, seldom,
)  # fmt: skip
