"""The form of an alarm: texts as they were typed, and the parameters that they make.

``parameters`` takes the place of the single fields: any kind of alarm, as JSON or YAML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from alerts.exchange import Unreadable, read_text
from alerts.validation import problems
from app.model.alarm_parameters import parameters
from app.model.alarms import AlarmDefinition, AlarmKind, Severity
from app.model.watching import PLAIN

_FORM = frozenset({
    "AlarmName", "AlarmDescription", "Namespace", "MetricName", "Dimensions", "Statistic",
    "ExtendedStatistic", "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
    "ComparisonOperator", "TreatMissingData",
})  # fmt: skip
"""Parameters that the fields of the form can say."""

_OF_DESCRIBE = "AlarmConfigurationUpdatedTimestamp"


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form: ``place`` is account/region, ``dimensions`` ``Name=value, ...``."""

    place: str = ""
    name: str = ""
    description: str = ""
    namespace: str = ""
    metric: str = ""
    dimensions: str = ""
    statistic: str = "Average"
    period: str = "60"
    periods: str = "3"
    needed: str = ""
    operator: str = "GreaterThanThreshold"
    threshold: str = ""
    missing: str = "missing"
    parameters: str = ""
    severity: str = Severity.CRITICAL.value
    channels: str = ""

    @classmethod
    def of(cls, definition: AlarmDefinition) -> Draft:
        """The form filled in from an alarm."""
        put = {k: v for k, v in definition.put.items() if k != _OF_DESCRIBE}
        given = parameters(put)
        shared = {
            "place": str(definition.place),
            "name": definition.name,
            "severity": definition.severity.value,
            "channels": ", ".join(definition.channels),
        }
        if definition.kind is not AlarmKind.METRIC or not given.keys() <= _FORM:
            text = json.dumps(given, indent=2, ensure_ascii=False)
            return cls(**shared, parameters=text)
        return cls(**shared, **_fields(given))

    @classmethod
    def from_form(cls, values: Mapping[str, Any]) -> Draft:
        """From the values of inputs, which may be numbers or nothing."""
        known = {each.name for each in fields(cls)}
        return cls(**{k: "" if v is None else str(v) for k, v in values.items() if k in known})

    @property
    def told(self) -> tuple[str, ...]:
        """The channels by their names."""
        return tuple(part.strip() for part in self.channels.split(",") if part.strip())


def put_of(draft: Draft) -> tuple[dict[str, Any], list[str]]:
    """The parameters that the form makes, and everything that is wrong with it."""
    if draft.parameters.strip():
        return _written_out(draft)
    put, wrong = _from_fields(draft)
    return put, wrong or problems(put)


def _written_out(draft: Draft) -> tuple[dict[str, Any], list[str]]:
    try:
        found = read_text(draft.parameters, "parameters").alarms
    except Unreadable as error:
        return {}, [str(error)]
    if len(found) != 1:
        return {}, ["Write the parameters of one alarm."]
    put = {**found[0], "AlarmName": draft.name or found[0]["AlarmName"]}
    return put, problems(put)


def _from_fields(draft: Draft) -> tuple[dict[str, Any], list[str]]:
    wrong: list[str] = []
    dimensions = _dimensions(draft.dimensions, wrong)
    put: dict[str, Any] = {
        "AlarmName": draft.name.strip(),
        "AlarmDescription": draft.description.strip(),
        "Namespace": draft.namespace.strip(),
        "MetricName": draft.metric.strip(),
        "Dimensions": dimensions,
        _statistic_key(draft.statistic): draft.statistic.strip(),
        "Period": _number(draft.period, "the period", int, wrong),
        "EvaluationPeriods": _number(draft.periods, "the number of periods", int, wrong),
        "Threshold": _number(draft.threshold, "the threshold", float, wrong),
        "ComparisonOperator": draft.operator,
        "TreatMissingData": draft.missing,
    }
    if draft.needed.strip():
        put["DatapointsToAlarm"] = _number(draft.needed, "the number of points", int, wrong)
    return parameters(put), wrong


def _number(text: str, what: str, kind: type[int] | type[float], wrong: list[str]) -> Any:
    try:
        return kind(text.strip().replace(",", "."))
    except ValueError:
        whole = "a whole number" if kind is int else "a number"
        wrong.append(f"{what} must be {whole}".capitalize() + ".")
        return None


def _dimensions(text: str, wrong: list[str]) -> list[dict[str, str]]:
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not (equals and name.strip() and value.strip()):
            wrong.append(f"“{part}” is no dimension; write Name=value, several with commas.")
        found.append({"Name": name.strip(), "Value": value.strip()})
    return found


def _statistic_key(statistic: str) -> str:
    return "Statistic" if statistic.strip() in PLAIN else "ExtendedStatistic"


def _fields(put: Mapping[str, Any]) -> dict[str, str]:
    pairs = (f"{d['Name']}={d['Value']}" for d in put.get("Dimensions") or ())
    return {
        "description": str(put.get("AlarmDescription") or ""),
        "namespace": str(put.get("Namespace") or ""),
        "metric": str(put.get("MetricName") or ""),
        "dimensions": ", ".join(pairs),
        "statistic": str(put.get("Statistic") or put.get("ExtendedStatistic") or ""),
        "period": str(put.get("Period") or ""),
        "periods": str(put.get("EvaluationPeriods") or ""),
        "needed": str(put.get("DatapointsToAlarm") or ""),
        "operator": str(put.get("ComparisonOperator") or ""),
        "threshold": f"{put['Threshold']:g}" if "Threshold" in put else "",
        "missing": str(put.get("TreatMissingData") or "missing"),
    }
