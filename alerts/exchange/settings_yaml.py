"""Own alarms as they stand under ``alarms`` in config.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from alerts.exchange.found import Found
from app.model.alarm_parameters import Kind, kind_of, parameters
from app.model.ids import Place

_OURS = frozenset({"account", "region", "severity", "channels"})
_NOT_OURS = frozenset(
    {"AlarmActions", "OKActions", "InsufficientDataActions", "Tags", "ActionConfiguration"}
)
"""What says whom AWS tells and how it is tagged there; ours are told by channels."""


def written(alarms: Sequence[Mapping[str, Any]], place: Place) -> str:
    """A section for config.yaml: ``metric`` holds alarms on one metric, ``others`` the rest."""
    where = {"account": place.account, "region": place.region}
    simple: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for alarm in alarms:
        put = {k: v for k, v in parameters(alarm).items() if k not in _NOT_OURS}
        if kind_of(alarm) is Kind.METRIC and "MetricName" in put and not _LATER & put.keys():
            simple.append({**where, **put})
        else:
            others.append({**where, "put": put})
    section = {"metric": simple, "others": others}
    kept = {name: found for name, found in section.items() if found}
    return yaml.safe_dump({"alarms": kept}, sort_keys=False, allow_unicode=True, width=100)


def fits(value: Any) -> bool:
    """Whether a file is ours."""
    return isinstance(value, Mapping) and isinstance(value.get("alarms"), Mapping)


def read(value: Mapping[str, Any]) -> Found:
    """The own alarms of a settings file."""
    section = value["alarms"]
    simple = [
        {name: each for name, each in alarm.items() if name not in _OURS}
        for alarm in section.get("metric") or ()
    ]
    others = [alarm["put"] for alarm in section.get("others") or () if "put" in alarm]
    return Found([parameters(alarm) for alarm in (*simple, *others)])


_LATER = frozenset({"EvaluationWindow", "WarmUpConfiguration"})
"""Fields that only ``others`` may hold."""
