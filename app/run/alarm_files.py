"""Alarms that stand in files, as definitions that the rest can work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from app.config import Settings
from app.model.alarms import AlarmDefinition
from app.model.errors import ConfigError
from app.model.ids import Place

_OURS = frozenset({"account", "region", "severity", "channels"})
CHANGEABLE = (
    "Threshold",
    "ComparisonOperator",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Period",
    "Statistic",
    "ExtendedStatistic",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
)
"""Fields of PutMetricAlarm that the command line changes for a try."""


def alarm_of(
    settings: Settings, file: str, place: str | None, like: Sequence[AlarmDefinition]
) -> AlarmDefinition:
    """The one alarm of a file, in ``place``, else where the alarm is that it is held against."""
    found = alarms_in(Path(file))
    if len(found) != 1:
        names = ", ".join(str(each["AlarmName"]) for each in found)
        raise ConfigError(f"{file} holds several alarms, where one is wanted: {names}")
    return AlarmDefinition(_place(settings, place, like), found[0])


def alarms_in(path: Path) -> list[Mapping[str, Any]]:
    """Every alarm of a file: one, a list of them, or the own alarms of a settings file."""
    found = _read(path)
    if isinstance(found, dict) and isinstance(found.get("alarms"), dict):
        found = [
            {name: value for name, value in each.items() if name not in _OURS}
            for each in found["alarms"].get("metric") or ()
        ]
    several = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) and each.get("AlarmName") for each in several):
        raise ConfigError(f"{path}: there is no alarm with an AlarmName in it")
    return several


def _place(settings: Settings, text: str | None, like: Sequence[AlarmDefinition]) -> Place:
    """``account/region``, the account by id or name; the only one where nothing is said."""
    if text is None and like:
        return like[0].place
    known = {
        f"{name}/{region}": Place(account.id, region)
        for account in settings.accounts
        for region in account.regions
        for name in (account.id, account.name)
    }
    if text is None and len(set(known.values())) == 1:
        return next(iter(known.values()))
    if text not in known:
        names = ", ".join(name for name in known if not name[0].isdigit())
        raise ConfigError(f"say with --place where the alarm belongs; known are {names}")
    return known[text]


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is neither JSON nor YAML: {error}") from error
