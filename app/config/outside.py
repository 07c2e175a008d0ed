"""Values that do not stand in the file: ``${NAME}``, ``${NAME:-default}`` and ``<key>_file``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.config.mistakes import Location
from app.config.source import Source
from app.config.values import FromOutside

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}$]*))?\}")
_BROKEN = re.compile(r"(?<!\$)\$\{(?![A-Za-z_][A-Za-z0-9_]*(?::-[^}$]*)?\})")
SUFFIX = "_file"


def fill(source: Source, env: Mapping[str, str]) -> None:
    """Put the values of the environment and of secret files in their places."""
    source.value = _Filler(source, env).fill(source.value, ())


class _Filler:
    def __init__(self, source: Source, env: Mapping[str, str]) -> None:
        self.source, self.env = source, env

    def fill(self, value: Any, at: Location) -> Any:
        if isinstance(value, dict):
            return self._mapping(value, at)
        if isinstance(value, list):
            return [self.fill(item, (*at, i)) for i, item in enumerate(value)]
        return self._text(value, at) if isinstance(value, str) and "${" in value else value

    def _mapping(self, value: dict[str, Any], at: Location) -> dict[str, Any]:
        filled: dict[str, Any] = {}
        for key, item in value.items():
            inner = self.fill(item, (*at, key))
            if not key.endswith(SUFFIX):
                filled[key] = inner
                continue
            name = key.removesuffix(SUFFIX)
            if name in value:
                self.source.wrong((*at, key), f"give either `{name}` or `{key}`, not both")
            self.source.lines[(*at, name)] = self.source.line((*at, key))
            filled[name] = self._file(inner, (*at, key), (*at, name))
        return filled

    def _text(self, text: str, at: Location) -> str:
        if _BROKEN.search(text):
            self.source.wrong(at, "`${` must go on as `${NAME}` or `${NAME:-default}`")
            return FromOutside(text)
        found = _REFERENCE.search(text)
        filled = _REFERENCE.sub(lambda match: self._reference(match, at), text)
        return FromOutside(filled) if found and found["name"] else filled

    def _reference(self, match: re.Match[str], at: Location) -> str:
        name, default = match["name"], match["default"]
        if name is None:
            return "${"
        if self.env.get(name):
            return self.env[name]
        if default is None:
            self.source.wrong(at, f"{name} is not set; set it in the environment")
        return default or ""

    def _file(self, named: Any, at: Location, target: Location) -> str:
        path = self.source.path.parent / str(named)
        try:
            return FromOutside(Path(path).read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            self.source.wrong(at, f"{path} cannot be read: {why}")
            self.source.broken.add(target)
            return FromOutside()
