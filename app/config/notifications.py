"""Channels that carry messages to people, told apart by ``type``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.config.accounts import AccountName, Model, matching
from app.config.values import Secret


class SlackSettings(Model):
    """An incoming webhook of Slack."""

    type: Literal["slack"]
    webhook_url: Secret


class SnsSettings(Model):
    """A topic to publish to, with the credentials of ``account`` (id or name)."""

    type: Literal["sns"]
    topic_arn: Annotated[
        str,
        matching(
            r"arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?",
            "the ARN of a topic, as in arn:aws:sns:eu-central-1:123456789012:alerts",
        ),
    ]
    account: AccountName


class WebhookSettings(Model):
    """Any address that takes a JSON POST; headers may carry a token.

    ``secret`` signs each message: ``X-Watchdeck-Signature: sha256=<HMAC of the body>``.
    """

    type: Literal["webhook"]
    url: Secret
    headers: dict[str, Secret] = Field(default_factory=dict)
    secret: Secret | None = None


class ConsoleSettings(Model):
    """The log of the work process."""

    type: Literal["console"]


ChannelSettings = Annotated[
    SlackSettings | SnsSettings | WebhookSettings | ConsoleSettings, Field(discriminator="type")
]


class NotificationSettings(Model):
    """The channels by name, and which of them hear of alarms that name none."""

    channels: dict[str, ChannelSettings] = Field(default_factory=dict)
    default: list[str] = Field(default_factory=list)
