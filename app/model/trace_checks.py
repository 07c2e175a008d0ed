"""Checking documents of segments one by one, before they are put together.

What is rejected is only that document; what was put right is flagged and kept.
Every subsegment becomes a part of its own, so nothing here or later recurses:
a document may nest as deep as it likes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from app.model.traces import NOWHERE, Flaw, Origin, Problem, is_span_id, is_trace_id

LONGEST = 64 * 1024
"""Bytes of a document that X-Ray takes at most. It holds for each as it was sent: what X-Ray
gives back is put together of several, so there each segment and subsegment is measured alone."""

LONGEST_TOGETHER = 16 * 1024 * 1024
"""Bytes of a document that is put together; a longer one is not read at all."""

EVERYTHING = 2**31
"""The limit for documents that were measured before."""

NAME, ID, TRACE_ID, START, END = "name", "id", "trace_id", "start_time", "end_time"
LATEST_S = 4_102_444_800
"""The year 2100; what is later is no time: the last that can be reckoned with are close to 9999."""

_OBJECTS = ("http", "aws", "sql", "annotations", "metadata", "service")


@dataclass(frozen=True, slots=True)
class Part:
    """A segment or subsegment on its own. ``document`` leaves its subsegments out."""

    id: str
    parent_id: str | None
    start: int
    end: int | None
    nested: bool
    inferred: bool
    document: Mapping[str, Any]
    origin: Origin = NOWHERE

    @property
    def in_progress(self) -> bool:
        return self.end is None


@dataclass(slots=True)
class Checked:
    """The parts of a trace that can be used, and what was wrong with the others."""

    trace_id: str
    parts: list[Part]
    problems: list[Problem]
    origin: Origin = NOWHERE

    def flag(
        self, flaw: Flaw, span_id: object = "", detail: str = "", of: Origin | None = None
    ) -> None:
        known = span_id if is_span_id(span_id) else ""
        self.problems.append(Problem(flaw, str(known), detail, (of or self.origin).sender))


def checked(
    trace_id: str,
    documents: Sequence[str | bytes | Mapping[str, Any]],
    longest: int = LONGEST,
    origin: Origin = NOWHERE,
) -> Checked:
    """Every document taken apart; ``longest`` is in bytes and holds for texts."""
    found = Checked(trace_id, [], [], origin)
    for document in documents:
        parsed = _parsed(document, longest, found)
        if parsed is not None and _is_of_trace(parsed, found):
            _take(parsed, found, longest if _is_longer(document, longest) else 0)
    return found


def _is_longer(document: str | bytes | Mapping[str, Any], longest: int) -> bool:
    """Whether it is a text of more bytes; most are not, and need not be encoded for it."""
    if isinstance(document, Mapping) or len(document) * 4 <= longest:
        return False
    raw = document.encode("utf-8", "replace") if isinstance(document, str) else document
    return len(raw) > longest


def _parsed(
    document: str | bytes | Mapping[str, Any], longest: int, found: Checked
) -> Mapping[str, Any] | None:
    if isinstance(document, Mapping):
        return document
    raw = document.encode("utf-8", "replace") if isinstance(document, str) else document
    if len(raw) > max(longest, LONGEST_TOGETHER):
        found.flag(_too_long(longest), detail=f"{len(raw)} bytes")
        return None
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        found.flag(Flaw.NOT_JSON, detail=str(error))
        return None
    if not isinstance(parsed, dict):
        found.flag(Flaw.NOT_JSON, detail="not an object")
        return None
    if len(raw) > longest and not parsed.get("subsegments"):
        found.flag(_too_long(longest), parsed.get(ID), f"{len(raw)} bytes")
        return None
    return parsed


def _too_long(longest: int) -> Flaw:
    return Flaw.TOO_LONG if longest <= LONGEST else Flaw.OVER_LIMIT


def _is_of_trace(document: Mapping[str, Any], found: Checked) -> bool:
    own = document.get(TRACE_ID)
    if own is None:
        found.flag(Flaw.MISSING_FIELD, document.get(ID), TRACE_ID)
    elif not is_trace_id(own):
        found.flag(Flaw.BAD_TRACE_ID, document.get(ID), _short(own))
    elif own != found.trace_id:
        found.flag(Flaw.OTHER_TRACE, document.get(ID), own)
    else:
        return True
    return False


def _take(document: Mapping[str, Any], found: Checked, longest: int) -> None:
    """The document and its subsegments; those below a rejected one go to what held it.

    Unless ``longest`` is 0, each of them is measured, and cut where it is longer.
    """
    parent = document.get("parent_id")
    if parent is not None and not is_span_id(parent):
        found.flag(Flaw.BAD_FIELD, document.get(ID), "parent_id")
        parent = None
    alone = document.get("type") == "subsegment"
    waiting: list[tuple[Mapping[str, Any], str | None, bool]] = [(document, parent, alone)]
    while waiting:
        own, above, nested = waiting.pop()
        part = _part(own, above, nested, found)
        if part is not None:
            found.parts.append(_cut(part, longest, found) if longest else part)
        elif own is document:
            return
        inner = above if part is None else part.id
        waiting += [(sub, inner, True) for sub in reversed(_subsegments(own, found))]


def _subsegments(document: Mapping[str, Any], found: Checked) -> list[Mapping[str, Any]]:
    given = document.get("subsegments")
    if given is None:
        return []
    if not isinstance(given, list):
        found.flag(Flaw.BAD_FIELD, document.get(ID), "subsegments")
        return []
    objects = [one for one in given if isinstance(one, Mapping)]
    for _ in range(len(given) - len(objects)):
        found.flag(Flaw.BAD_FIELD, document.get(ID), "subsegments")
    return objects


def _part(
    document: Mapping[str, Any], parent: str | None, nested: bool, found: Checked
) -> Part | None:
    lacking = next(_lacking(document), None)
    if lacking is not None:
        found.flag(Flaw.MISSING_FIELD, document.get(ID), lacking)
        return None
    id_ = document[ID]
    if not is_span_id(id_):
        found.flag(Flaw.BAD_ID, detail=_short(id_))
        return None
    start, end = micros(document[START]), micros(document.get(END))
    wrong = _wrong(document, start, end)
    if wrong or start is None:
        found.flag(Flaw.BAD_FIELD, id_, wrong)
        return None
    if end is not None and document.get("in_progress") is True:
        found.flag(Flaw.OPEN_AND_ENDED, id_)
    if end is not None and end < start:
        found.flag(Flaw.ENDS_BEFORE_START, id_)
        end = start
    if parent == id_:
        found.flag(Flaw.LOOP, id_)
        parent = None
    inferred = document.get("inferred") is True and not nested
    own = _own(document, found)
    return Part(id_, parent, start, end, nested, inferred, own, found.origin)


def _cut(part: Part, longest: int, found: Checked) -> Part:
    """A part without what makes it too long: its metadata, then all that is not needed."""
    size = _size(part.document)
    if size <= longest:
        return part
    kept = {key: value for key, value in part.document.items() if key != "metadata"}
    left_out = "its metadata is left out"
    if _size(kept) > longest:
        kept = {key: value for key, value in kept.items() if key in _NEEDED}
        left_out = "only times and outcome are kept"
    found.flag(_too_long(longest), part.id, f"{size} bytes, {left_out}")
    return replace(part, document=kept)


_NEEDED = frozenset(
    (NAME, ID, TRACE_ID, START, END, "in_progress", "parent_id", "type", "origin", "namespace",
     "error", "fault", "throttle", "inferred")
)  # fmt: skip


def _size(document: Mapping[str, Any]) -> int:
    try:
        return len(orjson.dumps(document))
    except orjson.JSONEncodeError:  # deeper than it can write
        return EVERYTHING


def _lacking(document: Mapping[str, Any]) -> Iterator[str]:
    for name in (NAME, ID, START):
        if document.get(name) in (None, ""):
            yield name
    if document.get(END) is None and document.get("in_progress") is not True:
        yield END


def _wrong(document: Mapping[str, Any], start: int | None, end: int | None) -> str:
    """The first field whose value cannot be used."""
    if not isinstance(document[NAME], str):
        return NAME
    if start is None:
        return START
    return END if end is None and document.get(END) is not None else ""


def _own(document: Mapping[str, Any], found: Checked) -> dict[str, Any]:
    """The document without its subsegments, and without objects that are none."""
    own = {key: value for key, value in document.items() if key != "subsegments"}
    for key in _OBJECTS:
        if not isinstance(own.get(key, {}), Mapping) and own.pop(key) is not None:
            found.flag(Flaw.BAD_FIELD, document.get(ID), key)
    return own


def micros(seconds: object) -> int | None:
    """Whole microseconds of float seconds; None if it is no time."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    if not math.isfinite(seconds) or not 0 <= seconds < LATEST_S:
        return None
    return round(seconds * 1_000_000)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
