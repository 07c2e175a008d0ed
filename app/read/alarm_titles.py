"""What people call an alarm, with the resource that it watches."""

from __future__ import annotations

from app.model.ids import Resource
from app.read.alarm_book import AlarmNow


def full_title(alarm: AlarmNow, resource: Resource | None) -> str:
    """The catalogue's title says nothing of the resource; a name from config.yaml says it all."""
    if resource is not None and alarm.title != alarm.definition.name:
        return f"{alarm.title} · {resource.name or resource.id}"
    return alarm.title
