"""The colours, read from the one file that names them: ``assets/10-theme.css``.

Figures and parts speak of roles (``--series-1``); the browser looks a role up
when it draws, so switching the theme needs no answer from the server. What is
drawn without a style sheet (an exported picture, a test) is resolved here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

ASSETS = Path(__file__).parent / "assets"
Theme = Literal["light", "dark"]
Palette = Mapping[str, str]

_RULE = re.compile(r"(?P<selector>[^{}]+)\{(?P<body>[^}]*)\}")
_VARIABLE = re.compile(r"(--[a-z0-9-]+):\s*([^;]+);")


@cache
def palettes() -> Mapping[Theme, Palette]:
    """Role to colour, for the light and the dark theme."""
    text = (ASSETS / "10-theme.css").read_text(encoding="utf-8")
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for rule in _RULE.finditer(text):
        found = dark if "dark" in rule["selector"] else light
        found.update(_VARIABLE.findall(rule["body"]))
    return {"light": light, "dark": light | dark}


def resolved(figure: object, theme: Theme) -> object:
    """The same figure with colours in place of roles."""
    palette = palettes()[theme]
    if isinstance(figure, str):
        return palette.get(figure, figure)
    if isinstance(figure, Mapping):
        return {key: resolved(value, theme) for key, value in figure.items()}
    if isinstance(figure, list | tuple):
        return [resolved(value, theme) for value in figure]
    return figure
