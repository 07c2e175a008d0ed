"""Facts of creation that chance must not decide: when a resource was made, its id, its tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import ModuleType

from app.demo.world.noise import stream_of

_FIRST = datetime(2025, 2, 3, 9, 0, tzinfo=UTC)
_DAYS = 240


def creation_time(name: str) -> datetime:
    """When a resource was made: some working hour of 2025, the same in every process."""
    number = stream_of(name)
    return _FIRST + timedelta(days=number % _DAYS, minutes=number // _DAYS % 480)


def tag_list(
    tags: Mapping[str, str], key: str = "Key", value: str = "Value"
) -> list[dict[str, str]]:
    """Tags as a list of pairs."""
    return [{key: name, value: text} for name, text in tags.items()]


@contextmanager
def replaced(module: ModuleType, **functions: object) -> Iterator[None]:
    """Let a module of moto use other functions for a moment, to fix the ids it would draw."""
    plain = {name: getattr(module, name) for name in functions}
    try:
        for name, function in functions.items():
            setattr(module, name, function)
        yield
    finally:
        for name, function in plain.items():
            setattr(module, name, function)
