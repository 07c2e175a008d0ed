"""An alarm for each threshold of each budget.

The series has a point every few minutes, and a bill that is not read says nothing: missing
points leave the state as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from app.model.alarms import AlarmDefinition, Origin
from app.model.budgets import NAMESPACE, Budget, Of, Period, Threshold
from app.model.ids import Place

PERIOD_S = 300


@dataclass(frozen=True, slots=True)
class BudgetAlarms:
    """The alarms of the budgets of the moment; ``version`` changes when they may have."""

    budgets: Callable[[], Sequence[Budget]]
    version: Callable[[], Hashable]
    place: Place

    def alarms(self) -> list[AlarmDefinition]:
        """One for each threshold."""
        return definitions(self.budgets(), self.place)

    def period_of(self, alarm: AlarmDefinition) -> Period:
        """The period of the budget that an alarm belongs to; a month if it is there no more."""
        names = {d["Name"]: d["Value"] for d in alarm.put["Dimensions"]}
        found = (each for each in self.budgets() if each.dimensions == names)
        return next((each.period for each in found), Period.MONTH)


def definitions(budgets: Iterable[Budget], place: Place) -> list[AlarmDefinition]:
    """One alarm a threshold; of two of the same name the first."""
    found: dict[str, AlarmDefinition] = {}
    for budget in budgets:
        for threshold in budget.thresholds:
            alarm = _alarm(budget, threshold, place)
            found.setdefault(alarm.id, alarm)
    return list(found.values())


def _alarm(budget: Budget, threshold: Threshold, place: Place) -> AlarmDefinition:
    dimensions = [{"Name": name, "Value": value} for name, value in budget.dimensions.items()]
    put = {
        "AlarmName": budget.alarm_name(threshold),
        "AlarmDescription": _description(budget, threshold),
        "Namespace": NAMESPACE,
        "MetricName": threshold.of.metric,
        "Dimensions": dimensions,
        "Statistic": "Maximum",
        "Period": PERIOD_S,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": threshold.percent,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "ignore",
    }
    return AlarmDefinition(
        place, put, budget.severity, Origin.BUDGET, channels=tuple(budget.channels)
    )


def _description(budget: Budget, threshold: Threshold) -> str:
    what = "What was spent" if threshold.of is Of.ACTUAL else "What is expected"
    amount = f"{budget.amount(threshold):,.2f} {budget.unit}"
    return (
        f"{what} in this {budget.period} on {budget.scope} is above {amount}, "
        f"{threshold.percent:g} % of the budget. Nothing stops spending by itself."
    )[:1024]
