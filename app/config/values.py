"""The small values of config.yaml: secrets, durations, and where they come from.

A secret prints as ``***`` everywhere; only :meth:`Secret.reveal` gives the
text. In a file it is written ``${NAME}`` or beside a ``_file`` key, never as
plain text: the loader marks what came from outside as :class:`FromOutside`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:\d+[smhdw])+")
_PART = re.compile(r"(\d+)([smhdw])")
_PASSWORD_IN_URL = re.compile(r"://[^/@:]*:[^/@]+@")


class FromOutside(str):
    """Text that came from the environment or from a file, not from config.yaml itself."""

    __slots__ = ()


class Secret:
    """A text that must not be shown. Its repr, str and dump are ``***``."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; call it as late as possible and never log what it gives."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            _secret,
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )


def _secret(value: object, info: ValidationInfo) -> Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise ValueError("must be text")
    if not value:
        raise ValueError("is empty")
    if from_file(info) and not isinstance(value, FromOutside):
        raise ValueError(f"a secret must not stand in the file; {_remedy(info)}")
    return Secret(value)


def from_file(info: ValidationInfo) -> bool:
    """Whether the value being checked was read from a file that a person wrote."""
    return bool(info.context and info.context.get("file"))


def _remedy(info: ValidationInfo) -> str:
    name = info.field_name or "the key"
    return f"write `${{NAME}}` and set NAME in the environment, or use `{name}_file`"


def _url_with_secret(value: object) -> object:
    if isinstance(value, str) and not _PASSWORD_IN_URL.search(value):
        return Secret(value)
    return value


SecretUrl = Annotated[Secret, BeforeValidator(_url_with_secret)]
"""An address that may hold a password; only then must it come from outside the file."""


def parse_duration(text: str) -> timedelta:
    """``5m``, ``1h30m``, ``15d`` as a timedelta; ValueError for anything else."""
    if not _DURATION.fullmatch(text):
        raise ValueError(
            f"`{text}` is not a duration; write a number and a unit, as in 30s, 5m, 1h30m, 15d"
        )
    return timedelta(seconds=sum(int(n) * SECONDS[unit] for n, unit in _PART.findall(text)))


def write_duration(duration: timedelta) -> str:
    """The shortest text that :func:`parse_duration` reads as ``duration``."""
    left, parts = int(duration.total_seconds()), []
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, SECONDS[unit])
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a duration such as 30s, 5m, 1h30m, 15d")
    if not isinstance(value, str):
        raise ValueError(f"has no unit; write `{value}s`, `{value}m`, `{value}h` or `{value}d`")
    return parse_duration(value)


def _positive(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1):
        raise ValueError("must be at least 1s")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""A length of time, written ``5m`` in the file."""

Every = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_positive)]
"""How often something happens; never 0."""
