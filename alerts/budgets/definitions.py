"""An alarm for each threshold of each budget.

The series has a point every few minutes, and a bill that is not read says nothing: missing
points leave the state as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from alerts.budgets.crossing import settled
from alerts.verdict import Verdict
from app.model.alarms import AlarmDefinition, AlarmStatus, Origin
from app.model.budgets import NAMESPACE, Budget, Of, Period, Threshold
from app.model.ids import Place, SeriesKey

PERIOD_S = 300


@dataclass(frozen=True, slots=True)
class BudgetAlarms:
    """The alarms of the budgets of the moment; ``version`` changes when they may have.

    ``values`` tells what each series stands at, as it is written into points.
    """

    budgets: Callable[[], Sequence[Budget]]
    version: Callable[[], Hashable]
    place: Place
    values: Callable[[datetime], Mapping[SeriesKey, float]]

    def alarms(self) -> list[AlarmDefinition]:
        """One for each threshold."""
        return definitions(self.budgets(), self.place)

    def settled(
        self,
        stands: Iterable[tuple[AlarmDefinition, AlarmStatus | None]],
        verdicts: Mapping[str, Verdict],
        now: datetime,
    ) -> dict[str, Verdict | None]:
        """What changes of each alarm that ``stands``, by its id; None where it stays."""
        values, periods = self.values(now), self._periods()
        found: dict[str, Verdict | None] = {}
        for alarm, before in stands:
            dimensions = {each["Name"]: each["Value"] for each in alarm.put["Dimensions"]}
            key = SeriesKey.of(self.place, NAMESPACE, alarm.put["MetricName"], dimensions)
            began = _began(periods.get(frozenset(dimensions.items()), Period.CUSTOM), now)
            percent, verdict = float(alarm.put["Threshold"]), verdicts.get(alarm.id)
            found[alarm.id] = settled(before, verdict, percent, values.get(key), began)
        return found

    def _periods(self) -> dict[frozenset[tuple[str, str]], Period]:
        return {frozenset(each.dimensions.items()): each.period for each in self.budgets()}


def _began(period: Period, now: datetime) -> datetime | None:
    """When the period that runs began; a budget with days of its own does not begin anew."""
    if period is Period.CUSTOM:
        return None
    return datetime.combine(period.start(now.date()), time(), UTC)


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
