"""Troubles of a reader as entries of the attention list, each with the way to look further."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.model import written
from app.model.readings import Reading
from app.read import Trouble
from dashboards.pages.asking import alarm_href, resource_href, service_href
from dashboards.parts import Attention, Seen


def entries(troubles: Sequence[Trouble]) -> list[Attention]:
    """One entry a trouble, in the same order."""
    return [_entry(trouble) for trouble in troubles]


def calm_words(resources: int, reading: Reading[Any], seen: Seen) -> str:
    """Good news is said, with what it rests on."""
    if reading.as_of is None:
        return "Nothing needs you, but nothing has been collected yet."
    age = written.ago(seen.now - reading.as_of)
    return f"Nothing needs you. {resources} resources checked, oldest answer {age}."


def _entry(trouble: Trouble) -> Attention:
    link, href = _way(trouble)
    return Attention(trouble.health, trouble.title, trouble.detail, trouble.since, link, href)


def _way(trouble: Trouble) -> tuple[str, str]:
    if trouble.kind in ("collection", "spend"):
        return "Open collection", "/collection"
    if trouble.alarm:
        return "Open alarm", alarm_href(trouble.alarm)
    if trouble.arn:
        return "Open resource", resource_href(trouble.arn)
    return "Open service", service_href(trouble.service)
