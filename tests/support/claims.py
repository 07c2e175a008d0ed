"""Sentences that could be read as if spending were stopped, capped or limited by anybody.

Neither Watchdeck nor a budget of AWS stops a charge, and nobody must be led to count on it.
A sentence that speaks of both a stop and of money passes where it says no, or where it is
among those that somebody read and found to be about something else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_STOPS = re.compile(
    r"\b(stop(s|ped|ping)?|halt\w*|block(s|ed|ing)?|cap(s|ped|ping)?|prevent\w*|suspend\w*"
    r"|freez\w*|frozen|(cut|shut|switch|turn)(s|ting|ned|ed|ting)? off|shut(s|ting)? down"
    r"|(will|can|to|you|it|budgets?|watchdeck) limits?|throttl\w*"
    r"|limit(s|ed|ing)? (your|the|what|spend\w*|how)"
    r"|never (pay|spend|exceed)|cannot exceed|no more (is |than |charges?))\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"\b(spend|spending|spent|costs?|charg(e|es|ed|ing)|bill(s|ed|ing)?|pay|money|dollars?"
    r"|budgets?|usd)\b|\$",
    re.IGNORECASE,
)
_DENIES = re.compile(r"\b(cannot(?! exceed)|nothing|nobody|neither|does not|do not)\b", re.I)
_ENDS = re.compile(r"(?<=[.!?;:])\s+|\n\s*\n|\n\s*[-*|#]\s*")

READ = (
    "the monthly cap on Watchdeck's own",
    "so that the bill keeps to its cap",
    "The monthly cap is compared with money really spent and never stops calls for alarms",
    "with a cap in USD a month",
    "Whether the cap is used up, so that only alarms",
    "USD of the monthly cap of",
    "USD of this month so far, projected to its end, and the cap",
    "once it comes near the cap",
    "stop it first, or name the place in collection.spend.bills",
    "A stopped instance costs nothing itself",
    "attached volume(s) are billed on",
    "counts what its own calls cost, and keeps to a monthly cap",
    "A cap, in US dollars, on what Watchdeck's own calls to AWS may cost",
    "what is held back to keep to the cap",
    "(no permission, expired credentials, throttled, unreachable, over budget)",
    "over budget | The monthly cap is used up",
    "Once it is spent, ordinary reading and history stop until the month ends",
)
"""Read and found harmless: a cap on Watchdeck's own calls, and what stops that is no charge."""


def claims(text: str) -> list[str]:
    """The sentences that say, or could be read as saying, that spending stops."""
    return [
        sentence
        for sentence in (" ".join(part.split()) for part in _ENDS.split(text))
        if _STOPS.search(sentence)
        and _MONEY.search(sentence)
        and not _DENIES.search(sentence)
        and not any(known in sentence for known in READ)
    ]


@cache
def texts_of(file: Path) -> tuple[str, ...]:
    """What a file says to people: of a module its texts, with … where a value is put in."""
    written = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return (written,)
    # Most modules speak of no stop at all, and taking them apart is what takes time.
    return tuple(_texts(written)) if _STOPS.search(written) else ()


def _texts(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(module)):
        if isinstance(node, ast.JoinedStr):
            parts = (str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
            yield "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
