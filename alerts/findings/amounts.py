"""Why a finding has no amount, in words: never a blank that looks like nothing.

What a rule says in its evidence comes first; a rule that always lacks one stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.findings.base import NO_AMOUNT

_NOT_YET = "nothing is billed yet"
_BY_ITSELF = "it saves nothing by itself"

WHY: Mapping[str, str] = {
    "ACC-05": _BY_ITSELF,
    "ACC-06": _BY_ITSELF,
    "ACC-07": _BY_ITSELF,
    "ACC-08": "it is expected, and not charged yet",
    "ACC-10": _NOT_YET,
    "ACC-11": "tags cost nothing",
    "ACC-12": _BY_ITSELF,
    "APG-05": _NOT_YET,
    "APG-09": "the size of the cache is not read",
    "CW-03": "what is logged is charged by size, and levels are counted by event",
    "CW-16": "it holds nothing",
    "DDB-11": "it is no waste if the units are needed",
    "ECS-05": "the size of a task stands in its task definition, which is not read",
    "LAM-12": "the duration of its calls, or a price, is not known",
    "SQS-06": "nobody asked it in vain",
}
"""By the id of the check."""

NO_PRICE = "there is no price of it"


def with_reason(check: str, evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The evidence of a finding without an amount, with the reason for that."""
    if NO_AMOUNT in evidence:
        return evidence
    return {**evidence, NO_AMOUNT: WHY.get(check, NO_PRICE)}
