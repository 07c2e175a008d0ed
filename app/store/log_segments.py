"""Segments of log events, and what the catalog knows of each without opening it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.model.logs import FieldInfo, LogGroupKey
from app.store.segments import Level

At = tuple[int, int]
"""First and last time of events in milliseconds, both inside."""


@dataclass(frozen=True, slots=True)
class GroupRows:
    """The events of one group in a segment; ``id`` stands for it in the column ``group``."""

    id: int
    rows: int
    at: At


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """A field of a segment. ``low`` and ``high`` bound its values, None where not known.

    Only numbers and short texts are bounded. Events without the field are
    ``rows`` of the segment less ``info.count``.
    """

    info: FieldInfo
    low: float | str | None = None
    high: float | str | None = None


@dataclass(frozen=True, slots=True)
class LogSegment:
    """One listed file of events. ``raw_bytes`` are the bytes of its messages as text.

    ``more_fields``: there are names beyond those in ``fields``, so a field that
    is not listed may still be in a message.
    """

    id: int
    path: str
    level: Level
    rows: int
    bytes: int
    raw_bytes: int
    at: At
    groups: Mapping[LogGroupKey, GroupRows]
    fields: Mapping[str, FieldColumn]
    more_fields: bool
