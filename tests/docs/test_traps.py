"""docs/guide/alarms.md lists every trap that lint tells, and no other."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "guide" / "alarms.md").read_text(encoding="utf-8")
SOURCES = (ROOT / "alerts" / "lint").glob("*.py")


def test_every_trap_is_listed_and_no_other() -> None:
    table = PAGE.partition("## Traps")[2].partition("\n## ")[0]
    listed = {name for row in re.findall(r"^\| (`.+?) \|", table, re.M) for name in row.split(", ")}
    told = {
        name
        for source in SOURCES
        for name in re.findall(r'Finding\(\s*"([a-z-]+)"', source.read_text(encoding="utf-8"))
    }
    assert {name.strip("`") for name in listed} == told
