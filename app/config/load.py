"""From the path of a file to settings, or to all of its mistakes at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.config.explain import location_of, message_of
from app.config.mistakes import ConfigMistakes, Location
from app.config.models import Settings
from app.config.outside import fill
from app.config.rules import broken_rules
from app.config.source import Source, read

Checked = TypeVar("Checked", bound=BaseModel)
Check = Callable[[Mapping[str, Any]], Iterable[tuple[Location, str]]]
"""A further check of the file's values, by a part that this one must not know."""


def load(path: Path, env: Mapping[str, str], checks: Iterable[Check] = ()) -> Settings:
    """The settings in ``path``; raises ConfigMistakes (a ConfigError) with everything wrong.

    ``env`` gives the values of ``${NAME}``; ``checks`` are asked as well, so
    that their findings come with the others.
    """
    source = read(path)
    fill(source, env)
    settings = validated(source, Settings)
    for check in (broken_rules, *checks):
        for location, message in check(source.value):
            source.wrong(location, message)
    if source.mistakes or settings is None:
        raise ConfigMistakes(source.mistakes)
    return settings


def validated(source: Source, model: type[Checked]) -> Checked | None:
    """The file's values as a model; None, and its mistakes in ``source``, where they are none."""
    context = {"file": True, "folder": source.path.parent}
    try:
        return model.model_validate(source.value, context=context)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["type"] == "default_factory_not_called":
                continue
            location = location_of(detail, source.value)
            source.wrong(location, message_of(detail, model, location, source.value))
        return None
