"""Which AWS accounts to read, and with which credentials."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.config.values import Secret


class Model(BaseModel):
    """Base of every model here: no unknown keys, no change after loading."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True
    )


def _as_text(value: object) -> object:
    """YAML reads a row of digits as a number; an account id is text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


AccountId = Annotated[
    str, BeforeValidator(_as_text), StringConstraints(pattern=r"^\d{12}$", strip_whitespace=True)
]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,4}(-[a-z]+)+-\d$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+.*$")]


class AccountSettings(Model):
    """One account: its Regions and how to sign in.

    Without ``profile`` or keys the SDK's own search applies (environment,
    instance or task role). ``role_arn`` is then assumed with what was found.
    ``endpoint`` replaces AWS's own addresses, for the pretend AWS.
    """

    id: AccountId
    name: str = Field(default_factory=lambda data: data.get("id", ""))
    regions: list[Region] = Field(min_length=1)
    profile: str | None = None
    role_arn: (
        Annotated[str, StringConstraints(pattern=r"^arn:aws[\w-]*:iam::\d{12}:role/.+$")] | None
    ) = None
    external_id: Secret | None = None
    access_key_id: str | None = None
    secret_access_key: Secret | None = None
    session_token: Secret | None = None
    endpoint: Url | None = None
