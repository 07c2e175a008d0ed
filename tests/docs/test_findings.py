"""docs/guide/findings.md has a row for each check, with its words, and no other."""

from __future__ import annotations

import re

from alerts.findings import RULES
from tests.docs.pages import ROOT

TEXT = (ROOT / "docs" / "guide" / "findings.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `([A-Z0-9]+-\d+)` \| (.+) \| (\w+) \| (.+) \|$", re.M)


def test_every_check_is_described_in_its_own_words() -> None:
    checks = (rule.check for rule in RULES)
    said = [(each.id, each.title, each.severity.value, each.advice) for each in checks]
    assert _ROW.findall(TEXT) == said
