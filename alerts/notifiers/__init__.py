"""The kinds of channels, one file each; a new kind is a file and a line in ``KINDS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alerts.channel import Notifier, Publish
from alerts.notifiers import console, slack, sns, webhook
from app.config import NotificationSettings

KINDS: Mapping[str, Callable[[str, Any, Publish], Notifier]] = {
    "console": console.make,
    "slack": slack.make,
    "sns": sns.make,
    "webhook": webhook.make,
}


def build(settings: NotificationSettings, publish: Publish) -> dict[str, Notifier]:
    """A notifier for each configured channel, by its name."""
    return {
        name: KINDS[channel.type](name, channel, publish)
        for name, channel in settings.channels.items()
    }


__all__ = ["KINDS", "Notifier", "Publish", "build"]
