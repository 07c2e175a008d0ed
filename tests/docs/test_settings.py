"""docs/guide/configuration.md describes every setting, with its default, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from app.config import Settings, load
from app.config.models import RETENTION
from app.config.values import write_duration
from tests.docs.pages import ROOT, Example, examples

PAGE = ROOT / "docs" / "guide" / "configuration.md"
_ROW = re.compile(r"^\| `(?P<key>[^`]+)` \| (?P<default>[^|]+) \| (?P<says>.+) \|$", re.M)


def settings_of(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting as the page names it, with its default."""
    for name, field in model.model_fields.items():
        path = f"{before}{name}"
        inner = list(_models(field.annotation))
        if path in SPECIAL:
            yield from SPECIAL[path](path, inner)
        elif inner and get_origin(field.annotation) is list:
            yield path, _default(field)
            yield from settings_of(inner[0], f"{path}[].")
        elif inner:
            yield from settings_of(inner[0], f"{path}.")
        else:
            yield path, _default(field)


def _accounts(path: str, inner: list[type[BaseModel]]) -> Iterator[tuple[str, Any]]:
    yield from settings_of(inner[0], f"{path}[].")


def _retention(path: str, inner: list[type[BaseModel]]) -> Iterator[tuple[str, Any]]:
    yield from ((f"{path}.{table}", kept) for table, kept in RETENTION.items())


def _channels(path: str, inner: list[type[BaseModel]]) -> Iterator[tuple[str, Any]]:
    yield path, {}
    yield f"{path}.<name>.type", PydanticUndefined
    for channel in inner:
        kind = get_args(channel.model_fields["type"].annotation)[0]
        keys = settings_of(channel, f"{path}.<{kind}>.")
        yield from ((key, value) for key, value in keys if not key.endswith(".type"))


def _sign_in(path: str, inner: list[type[BaseModel]]) -> Iterator[tuple[str, Any]]:
    yield path, "none"
    yield from settings_of(inner[0], f"{path}.")


SPECIAL = {
    "accounts": _accounts,
    "store.retention": _retention,
    "notifications.channels": _channels,
    "web.sign_in": _sign_in,
}
"""Settings whose keys are not simply those of one model."""


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (list, dict, tuple, Annotated, Union, UnionType):
        for argument in get_args(annotation):
            yield from _models(argument)


def _default(field: Any) -> Any:
    if field.default is PydanticUndefined and field.default_factory in (list, dict):
        return field.default_factory()
    return field.default


def written(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, timedelta):
        return f"`{write_duration(value)}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def documented() -> dict[str, str]:
    text = PAGE.read_text(encoding="utf-8")
    return {m["key"]: m["default"].strip() for m in _ROW.finditer(text)}


def test_every_setting_is_described_and_no_other() -> None:
    assert set(documented()) == {key for key, _ in settings_of(Settings)}


def test_every_default_is_the_one_that_holds() -> None:
    told = documented()
    wrong = {
        key: (told[key], written(value))
        for key, value in settings_of(Settings)
        if value is not None and key in told and told[key] != written(value)
    }
    assert wrong == {
        "accounts[].name": ("the id", "required"),
    }


def test_the_shipped_config_is_in_order_and_watches_all_services() -> None:
    settings = load(ROOT / "config.yaml", {})
    assert [account.name for account in settings.accounts] == ["blog-prod", "blog-staging"]
    assert len(settings.alarms.recommended) == 11
    assert settings.notifications.default == ["team", "log"]


def test_yaml_examples_hold_nothing_but_settings() -> None:
    wrong = [message for example in examples("yaml") for message in _mistakes(example)]
    assert wrong == []


def _mistakes(example: Example) -> list[str]:
    value = yaml.safe_load(example.text)
    if not isinstance(value, dict) or next(iter(value)) not in Settings.model_fields:
        return []
    unknown = set(value) - set(Settings.model_fields)
    return [f"{example}: unknown {sorted(unknown)}"] if unknown else []
