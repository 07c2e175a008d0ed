"""Alarms that stand in files, as definitions that the rest can work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alerts.exchange import Found, Unreadable, read_text
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
    found = alarms_in(Path(file))
    if len(found) != 1:
        names = ", ".join(str(each["AlarmName"]) for each in found)
        raise ConfigError(f"{file} holds several alarms, where one is wanted: {names}")
    where = like[0].place if place is None and like else place_of(settings, place)
    return AlarmDefinition(where, found[0])


def alarms_in(path: Path) -> list[Mapping[str, Any]]:
    """Every alarm of a file, in whichever form it is written."""
    return found_in(path).alarms


def found_in(path: Path, place: Place | None = None) -> Found:
    """The same, with notes on what could not be made out of it."""
    try:
        return read_text(path.read_text(encoding="utf-8"), str(path), place)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except Unreadable as error:
        raise ConfigError(str(error)) from error


def place_of(settings: Settings, text: str | None) -> Place:
    """``account/region``, the account by id or name; the only one where nothing is said."""
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
