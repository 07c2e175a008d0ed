"""All traps, and what an alarm stands in."""

from __future__ import annotations

from alerts.lint import composite, data, math, shape
from alerts.lint.case import Case, Finding, Weight

TRAPS = (*shape.TRAPS, *data.TRAPS, *math.TRAPS, *composite.TRAPS)
_ORDER = list(Weight)


def findings(case: Case) -> list[Finding]:
    """Everything that may go wrong with an alarm, the worst first."""
    found = [finding for trap in TRAPS for finding in trap(case)]
    return sorted(found, key=lambda each: _ORDER.index(each.weight))
