"""Why a question about spend cannot be answered, and what would have to be collected for it."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.spend import Dimension, SpendDimension, Tag, tells
from app.model.time import Window
from app.read.spend.question import SpendQuestion
from app.store import Statement

_WORDS = {
    SpendDimension.SERVICE: "service",
    SpendDimension.USAGE_TYPE: "usage type",
    SpendDimension.REGION: "Region",
    SpendDimension.LINKED_ACCOUNT: "account",
    SpendDimension.RECORD_TYPE: "record type",
    SpendDimension.OPERATION: "operation",
    SpendDimension.RESOURCE: "resource",
}
BILL = "import a Cost and Usage Report or FOCUS export, which tells everything"


def why_not(question: SpendQuestion, every: Sequence[Statement], window: Window) -> str:
    """One sentence of what is missing and one of what to do."""
    then = question.as_of
    known = [s for s in every if then is None or s.read_at <= then]
    if not known:
        if question.as_of is not None:
            return f"no spend had been collected by {question.as_of:%Y-%m-%d %H:%M} UTC"
        return f"no spend is collected yet; switch on collection.spend for Cost Explorer, or {BILL}"
    asked = list(dict.fromkeys(question.dimensions))
    telling = [s for s in known if all(tells(s.cut, d) for d in asked)]
    if not telling:
        return _untold(asked, known)
    if not any(question.metric in s.tells for s in telling):
        words = question.metric.value.replace("_", " ")
        return f"what is collected by {_listed(asked)} does not tell {words} amounts; {BILL}"
    first = min(s.window.start for s in telling)
    last = max(s.window.end for s in telling)
    return (
        f"nothing was collected between {window.start:%Y-%m-%d} and {window.end:%Y-%m-%d}; "
        f"there is spend from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    )


def sentence(words: str) -> str:
    """Words as a sentence; none where there are none."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _untold(asked: Sequence[Dimension], known: Sequence[Statement]) -> str:
    alone = [d for d in asked if not any(tells(s.cut, d) for s in known)]
    tags = [d.key for d in alone if isinstance(d, Tag)]
    if tags:
        keys = " and ".join(f"`{key}`" for key in tags)
        return (
            f"spend by tag {keys} is not collected; name the key in collection.spend "
            f"once it is a cost allocation tag, or {BILL}"
        )
    together = " together" if not alone and len(asked) > 1 else ""
    return (
        f"spend by {_listed(alone or asked)}{together} is not collected: Cost Explorer gives "
        f"two dimensions at a time; {BILL}"
    )


def _listed(dimensions: Sequence[Dimension]) -> str:
    words = [f"tag `{d.key}`" if isinstance(d, Tag) else _WORDS[d] for d in dimensions]
    return " and ".join(words) or "nothing"
