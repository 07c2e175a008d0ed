"""An answer that knows how good it is.

Every reader answers with a :class:`Reading`, so a panel can always tell data
from nothing there, from not collected yet, and from could not ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from app.model.rounds import Round

T = TypeVar("T")


class Look(StrEnum):
    """Which of its looks a panel shows (loading is the browser's business)."""

    DATA = "data"
    NOTHING = "nothing"
    NOT_COLLECTED = "not_collected"
    COULD_NOT_ASK = "could_not_ask"


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value, how it should be shown, how old it is, and what went wrong last.

    ``as_of`` is the end of the newest answered window or round. ``problem`` is
    the newest failed round; it may stand beside older data, which is then
    shown paled. ``since`` says when that failing began. ``said`` is what has to be
    told beside the value, or why there is none, in whole sentences.
    """

    value: T
    look: Look
    as_of: datetime | None = None
    problem: Round | None = None
    since: datetime | None = None
    said: str = ""
