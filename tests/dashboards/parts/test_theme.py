"""One file names the colours, and what is readable stays readable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboards.theme import ASSETS, palettes, resolved

ROOT = Path(__file__).parents[3] / "dashboards"
HEX = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3}(?:[0-9a-fA-F]{2})?)?\b(?!-)")
ROLE = re.compile(r"[\"'(](--[a-z][a-z0-9-]+)[\"'),]")


def sources():
    python = [p for p in ROOT.rglob("*.py") if p.name != "theme.py"]
    styles = [p for p in ASSETS.glob("*.css") if p.name != "10-theme.css"]
    scripts = [p for p in ASSETS.glob("*.js") if "plotly" not in p.name]
    return sorted([*python, *styles, *scripts])


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.name)
def test_no_other_file_names_a_colour(path):
    assert HEX.findall(path.read_text(encoding="utf-8")) == []


def test_every_role_that_is_used_has_a_colour_in_both_themes():
    own = set(re.findall(r"(--[a-z0-9-]+)\s*:", (ASSETS / "12-base.css").read_text()))
    used = {
        role
        for path in sources()
        if path.suffix == ".py" or path.name.startswith(("4", "5", "6"))
        for role in ROLE.findall(path.read_text(encoding="utf-8"))
    }
    assert used - own - set(palettes()["light"]) == set()
    assert set(palettes()["light"]) == set(palettes()["dark"])


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *((role, "--surface", 4.5) for role in ("--text", "--text-2", "--muted", "--accent")),
        *((role, "--canvas", 4.5) for role in ("--text", "--text-2", "--muted", "--accent")),
        ("--on-accent", "--accent", 4.5),
        ("--critical-text", "--critical-fill", 4.5),
        ("--warning-text", "--warning-fill", 4.5),
        ("--silenced-text", "--silenced-fill", 4.5),
        ("--ok", "--surface", 4.5),
        ("--line-strong", "--surface", 3.0),
        *((f"--series-{n}", "--surface", 3.0) for n in range(1, 9)),
    ],
)
def test_contrast_is_enough(theme, front, back, least):
    palette = palettes()[theme]
    assert contrast(palette[front], palette[back]) >= least


def test_a_figure_is_resolved_without_touching_the_rest():
    figure = {"line": {"color": "--accent"}, "name": "--not-a-role", "y": [1, None]}
    assert resolved(figure, "dark") == {
        "line": {"color": "#78AEFF"},
        "name": "--not-a-role",
        "y": [1, None],
    }
