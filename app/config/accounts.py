"""Which AWS accounts to read, and with which credentials."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from app.config.values import Secret


class Model(BaseModel):
    """Base of every model here: no unknown keys, no change after loading."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, value: Any) -> Any:
        """A key with nothing behind it means the default, as if it were not there."""
        if not isinstance(value, dict):
            return value
        written = {k: v for k, v in value.items() if v is not None or k not in cls.model_fields}
        sections = (n for n, f in cls.model_fields.items() if _is_section(f.annotation))
        return {name: {} for name in sections} | written


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Model)


def matching(pattern: str, says: str) -> AfterValidator:
    """A check of a text against a pattern, failing with words instead of the pattern."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"`{value}` is not {says}")
        return value

    return AfterValidator(check)


def _as_text(value: object) -> object:
    """YAML reads a row of digits as a number; an account id is text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


AccountId = Annotated[
    str, BeforeValidator(_as_text), matching(r"\d{12}", "an account id; it has 12 digits")
]
AccountName = Annotated[str, BeforeValidator(_as_text)]
"""The id or the name of an account, where another setting refers to it."""

Region = Annotated[
    str, matching(r"[a-z]{2,4}(-[a-z]+)+-\d", "a Region; write its code, as in eu-central-1")
]
Url = Annotated[str, matching(r"https?://[^\s/]+\S*", "an address; it starts with https://")]
RoleArn = Annotated[
    str,
    matching(
        r"arn:aws[\w-]*:iam::\d{12}:role/.+",
        "the ARN of a role, as in arn:aws:iam::123456789012:role/watchdeck",
    ),
]


class AccountSettings(Model):
    """One account: its Regions and how to sign in.

    Without ``profile`` or keys the SDK's own search applies (environment,
    instance or task role). ``role_arn`` is then assumed with what was found.
    ``endpoint`` replaces AWS's own addresses, for the pretend AWS.
    """

    id: AccountId
    name: AccountName = Field(default_factory=lambda data: data.get("id", ""))
    regions: list[Region] = Field(min_length=1)
    profile: str | None = None
    role_arn: RoleArn | None = None
    external_id: Secret | None = None
    access_key_id: str | None = None
    secret_access_key: Secret | None = None
    session_token: Secret | None = None
    endpoint: Url | None = None
