"""What a summary tells of a trace whose documents do not: none are there, or no root is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.model.trace_summaries import of_answer
from app.model.traces import Summary

_SECOND = 1_000_000
_OUTCOMES = ("ok", "error", "throttle", "fault")
_ONE: Mapping[str, Callable[[Summary], Any]] = {
    "error": lambda told: told.error,
    "throttle": lambda told: told.throttle,
    "fault": lambda told: told.fault,
    "ok": lambda told: not (told.error or told.throttle or told.fault),
    "responsetime": lambda told: _seconds(told.response_time),
    "duration": lambda told: _seconds(told.duration),
    "http.status": lambda told: told.status,
    "http.url": lambda told: told.url,
    "http.method": lambda told: told.method,
    "http.useragent": lambda told: told.user_agent,
    "http.clientip": lambda told: told.client_ip,
    "partial": lambda told: told.partial,
    "inferred": lambda told: told.inferred,
    "name": lambda told: (told.entry and told.entry.name) or None,
    "type": lambda told: (told.entry and told.entry.type) or None,
}
_MANY: Mapping[str, Callable[[Summary], Iterable[str]]] = {
    "user": lambda told: told.users,
    "availabilityzone": lambda told: told.zones,
    "instance.id": lambda told: told.instance_ids,
    "resource.arn": lambda told: told.resource_arns,
}


def summary_of(given: Mapping[str, Any]) -> Summary:
    """A part of a GetTraceSummaries answer as a value."""
    return of_answer("", given, start=1)


def values(told: Summary, keyword: str) -> list[Any]:
    """The values of a keyword; an outcome is missing where nothing is told of a request."""
    if keyword in _MANY:
        return list(_MANY[keyword](told))
    if keyword in _OUTCOMES and not _tells_outcome(told):
        return []
    found = _ONE[keyword](told)
    return [] if found is None else [found]


def _tells_outcome(told: Summary) -> bool:
    known = (told.entry, told.response_time, told.status)
    failed = told.fault or told.error or told.throttle
    return failed or told.revision > 0 or any(each is not None for each in known)


def _seconds(micros: int | None) -> float | None:
    return None if micros is None else micros / _SECOND
