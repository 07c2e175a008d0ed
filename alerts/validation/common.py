"""What all kinds of alarms are held to: names, actions, tags, choices, warm-up."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeGuard

from alerts.verdict.rule import Treatment

Alarm = Mapping[str, Any]
ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LARGEST = 120 * 1024


def common(alarm: Alarm) -> Iterator[str]:
    """Name, description, actions, tags and size of an alarm of any kind."""
    yield from _name(alarm)
    if len(alarm.get("AlarmDescription") or "") > 1024:
        yield "AlarmDescription must have a length of at most 1024."
    if not isinstance(alarm.get("ActionsEnabled", True), bool | None):
        yield "ActionsEnabled must be true or false."
    yield from _actions(alarm)
    if len(alarm.get("Tags") or ()) > 50:
        yield "Tags must hold at most 50 tags."
    yield from _propagation(alarm.get("ActionConfiguration"))
    long = "Metrics" in alarm or "ScheduledQueryConfiguration" in alarm
    if long and len(json.dumps(alarm, default=str).encode()) > _LARGEST:
        yield "The request must not be larger than 120 KB."


def _name(alarm: Alarm) -> Iterator[str]:
    name = alarm.get("AlarmName")
    if not isinstance(name, str) or not 1 <= len(name) <= 255:
        yield "AlarmName must have a length between 1 and 255."
    elif _CONTROL.search(name):
        yield "AlarmName must not contain ASCII Control characters"


def _actions(alarm: Alarm) -> Iterator[str]:
    for name in ACTIONS:
        actions = alarm.get(name) or ()
        if len(actions) > 5:
            yield f"{name} must hold at most 5 actions."
        if any(not 1 <= len(str(action)) <= 1024 for action in actions):
            yield f"{name}: an action must have a length between 1 and 1024."


def services_of_actions(alarm: Alarm, *lists: str) -> set[str]:
    """The services that the actions of some lists name: ``sns``, ``ec2``, ``autoscaling``, ..."""
    texts = [str(action) for name in lists or ACTIONS for action in alarm.get(name) or ()]
    services = {text.split(":")[2] for text in texts if text.count(":") >= 3}
    automated = any(":automate:" in text or ":swf:" in text for text in texts)
    return services | ({"ec2"} if automated else set())


def _propagation(written: Mapping[str, Any] | None) -> Iterator[str]:
    propagation = (written or {}).get("AlarmTagsPropagation")
    if propagation is None:
        return
    if not isinstance(propagation.get("Enabled"), bool):
        yield "AlarmTagsPropagation: Enabled must be true or false."
    keys = [propagation[k] for k in ("IncludedTagKeys", "ExcludedTagKeys") if k in propagation]
    if len(keys) > 1:
        yield "AlarmTagsPropagation must not hold both IncludedTagKeys and ExcludedTagKeys."
    if any(not 1 <= len(each) <= 50 for each in keys):
        yield "AlarmTagsPropagation must name 1 to 50 tag keys."


def treatment(alarm: Alarm) -> Iterator[str]:
    written = alarm.get("TreatMissingData")
    if written is not None and written not in tuple(Treatment):
        yield (
            f"Value '{written}' at 'treatMissingData': Supported values for TreatMissingData are "
            "breaching, notBreaching, ignore, and missing."
        )


def one_of(choices: type[StrEnum]) -> str:
    return f"[{', '.join(choices)}]"


def m_of_n(alarm: Alarm, n_name: str, m_name: str, most: int | None = None) -> Iterator[str]:
    """The two counts of M out of N."""
    n, m = alarm.get(n_name), alarm.get(m_name)
    if not is_whole(n) or n < 1 or (most is not None and n > most):
        yield f"{n_name} must be a number of at least 1" + (
            f" and at most {most}." if most else "."
        )
    elif m is not None and (not is_whole(m) or m < 1):
        yield f"{m_name} must be a number of at least 1."
    elif m is not None and m > n:
        yield f"{m_name} must be less than or equal to {n_name}."


def warm_up(alarm: Alarm) -> Iterator[str]:
    written = alarm.get("WarmUpConfiguration")
    if written is None:
        return
    minutes = written.get("WarmUpPeriodDurationInMinutes")
    if not is_whole(minutes) or not 1 <= minutes <= 2880:
        yield "WarmUpPeriodDurationInMinutes must be between 1 and 2880."
    only = written.get("OnlyStartEvaluatingAfterWarmUpPeriodEnds", False)
    if not isinstance(only, bool):
        yield "OnlyStartEvaluatingAfterWarmUpPeriodEnds must be true or false."


def threshold(alarm: Alarm) -> Iterator[str]:
    """A static threshold is a finite number."""
    value = alarm.get("Threshold")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        yield "Threshold must not be null for a static threshold."


def dimensions(written: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(written) > 30:
        yield "Dimensions must hold at most 30 dimensions."
    for dimension in written:
        name, value = str(dimension.get("Name") or ""), str(dimension.get("Value") or "")
        if not 1 <= len(name) <= 255 or name.startswith(":") or not name.isascii():
            yield f"Dimension name {name!r} must be 1 to 255 ASCII characters, not led by a colon."
        if not 1 <= len(value) <= 1024 or not value.isascii():
            yield f"Dimension value of {name!r} must be 1 to 1024 ASCII characters."


def is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
