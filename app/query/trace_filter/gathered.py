"""The documents of a trace out of whatever shape they were handed over in.

BatchGetTraces wraps each in ``{"Id": …, "Document": "…"}``; a document may also be
its text, or the object itself. What cannot be read, or has no name, is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Raw = Mapping[str, Any]
_COPIED = (
    "name", "start_time", "end_time", "in_progress", "http", "aws", "error", "fault", "throttle",
)  # fmt: skip
"""What an inferred segment has from the call that it stands for."""


def documents(trace: Raw) -> Iterator[Raw]:
    """One document for each id: completed ones win over those in progress, else the last."""
    given = trace.get("segments", trace.get("Segments"))
    chosen: dict[str, Raw] = {}
    for position, each in enumerate(given if isinstance(given, list | tuple) else ()):
        raw = _parsed(each)
        if raw is None:
            continue
        id_ = raw.get("id")
        key = id_ if isinstance(id_, str) and id_ else f"#{position}"
        before = chosen.get(key)
        if before is None or _is_ended(raw) or not _is_ended(before):
            chosen[key] = raw
    yield from chosen.values()


def inferred(call: Raw) -> Raw:
    """The segment that X-Ray would make for a call that no segment answers."""
    made = {key: call[key] for key in _COPIED if key in call}
    return made | {"parent_id": call.get("id"), "inferred": True}


def answered(segments: Iterable[Raw], *, really: bool = False) -> set[str]:
    """The ids of what segments answer; ``really`` leaves out the inferred ones."""
    return {
        parent
        for segment in segments
        if isinstance(parent := segment.get("parent_id"), str)
        and not (really and segment.get("inferred") is True)
    }


def _is_ended(raw: Raw) -> bool:
    return raw.get("end_time") is not None


def _parsed(each: object) -> Raw | None:
    found = each.get("Document", each) if isinstance(each, Mapping) else each
    if isinstance(found, str | bytes):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return None
    if not isinstance(found, Mapping) or not is_named(found):
        return None
    return found


def is_named(raw: Raw) -> bool:
    """Whether a document has the name that it must have."""
    name = raw.get("name")
    return isinstance(name, str) and name != ""
