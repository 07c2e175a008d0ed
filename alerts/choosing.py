"""Which recommended alarms are on, and how they differ from the catalogue.

Three say so, the later one wins: ``alarms.recommended`` with ``recommended_tags``, the list
``alarms.recommended_changes`` from top to bottom, and what somebody chose on a page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from app.catalogue.advice import Advice
from app.config.alarms import AlarmSettings, RecommendedChange
from app.model.alarms import Choice, Severity, Switch
from app.model.ids import Resource


@dataclass(frozen=True, slots=True)
class Chosen:
    """A recommended alarm that is on: its parameters, how loud it is, whom it tells."""

    put: Mapping[str, Any]
    severity: Severity
    channels: tuple[str, ...]


def chooser(
    settings: AlarmSettings, channels: tuple[str, ...], switches: Mapping[str, Switch]
) -> Callable[[Advice], Chosen | None]:
    """What is chosen for an alarm that fits its resource; None where it is off."""

    def choose(each: Advice) -> Chosen | None:
        changes = [c for c in settings.recommended_changes if concerns(c, each)]
        switch = switches.get(each.id)
        if not _is_on(settings, each, changes, switch):
            return None
        return Chosen(
            put=_put(each, changes, switch),
            severity=_last([c.severity for c in changes], each.alarm.severity),
            channels=_last([tuple(c.channels) or None for c in changes], channels),
        )

    return choose


def concerns(change: RecommendedChange, each: Advice) -> bool:
    """Whether the globs of a change fit the alarm and its resource."""
    names = {each.resource.id, each.resource.name, each.resource.arn}
    return (
        fnmatchcase(each.key, change.alarm)
        and any(fnmatchcase(name, change.resource) for name in names)
        and _tagged(each.resource, change.tags)
    )


def _is_on(
    settings: AlarmSettings,
    each: Advice,
    changes: Sequence[RecommendedChange],
    switch: Switch | None,
) -> bool:
    if switch is not None and switch.choice is not Choice.CONFIGURED:
        return switch.choice is Choice.ON
    named = settings.recommended == "all" or each.service.id in settings.recommended
    asked = named and _tagged(each.resource, settings.recommended_tags)
    return bool(_last([change.enabled for change in changes], asked))


def _put(
    each: Advice, changes: Sequence[RecommendedChange], switch: Switch | None
) -> Mapping[str, Any]:
    """The parameters with what was changed; a band has no threshold to change."""
    asked = [c.threshold for c in changes] + ([switch.threshold] if switch else [])
    periods = _last([c.evaluation_periods for c in changes], each.alarm.evaluation_periods)
    needed = _last([c.datapoints_to_alarm for c in changes], each.alarm.datapoints_to_alarm)
    changed: dict[str, Any] = {
        "EvaluationPeriods": periods,
        "DatapointsToAlarm": min(needed, periods),
        "TreatMissingData": _last([c.missing_data for c in changes], each.alarm.treat_missing_data),
    }
    if "Threshold" in each.put:
        changed["Threshold"] = _last(asked, each.put["Threshold"])
    return {**each.put, **changed}


def _tagged(resource: Resource, wanted: Mapping[str, str]) -> bool:
    return all(
        name in resource.tags and fnmatchcase(resource.tags[name], glob)
        for name, glob in wanted.items()
    )


def _last(said: Sequence[Any], otherwise: Any) -> Any:
    return next((each for each in reversed(said) if each is not None), otherwise)
