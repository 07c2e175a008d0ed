"""Alarms that stand in files, as definitions that the rest can work with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from app.config import Settings
from app.model.alarms import AlarmDefinition
from app.model.errors import ConfigError
from app.model.ids import Place

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
    put = _read(Path(file))
    if not isinstance(put, dict) or not put.get("AlarmName"):
        raise ConfigError(f"{file}: there is no alarm with an AlarmName in it")
    return AlarmDefinition(_place(settings, place, like), put)


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
