"""The verdict on one alarm: windows, decision and reason exactly as CloudWatch has them.

``evaluate`` is the whole of it, pure. The parts are used alone by the vectorised pass
(``alerts.grid``), which is held equal to it by a property test.
"""

from __future__ import annotations

from alerts.verdict.contributors import contributor_id
from alerts.verdict.judge import IN_WARM_UP, WARMING, Verdict, evaluate
from alerts.verdict.reason import INITIAL
from alerts.verdict.rule import Rule
from alerts.verdict.slots import every, slots

__all__ = [
    "INITIAL",
    "IN_WARM_UP",
    "WARMING",
    "Rule",
    "Verdict",
    "contributor_id",
    "evaluate",
    "every",
    "slots",
]
