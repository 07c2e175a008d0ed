"""One part of two with the same id: whoever sends a span twice, it is one span.

A completed one wins over one in progress. Of two that X-Ray of one place gave only the
later one counts. Otherwise X-Ray and an exporter each tell of a span what they know, so
what the other one tells is added; where both tell a thing X-Ray's word counts, because it
may revise it, then the fuller document's, then what was told first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.model.ids import Place
from app.model.trace_checks import Checked, Part
from app.model.trace_nodes import account_of
from app.model.traces import Flaw, Origin, Problem, TraceSource

MOST_PARTS = 20_000
"""Segments and subsegments of one trace that are kept, twice as many as X-Ray takes."""


_SAME_TIME = 1_000
"""Microseconds by which two senders may tell the start of a span differently."""


def unique(found: Checked) -> dict[str, Part]:
    """One part an id, at most :data:`MOST_PARTS`, the earliest; what is odd is flagged."""
    parts: dict[str, Part] = {}
    for part in found.parts:
        known = parts.get(part.id)
        if known is not None and _is_odd(known, part):
            found.flag(Flaw.SAME_ID, part.id, of=part.origin)
        parts[part.id] = part if known is None else merged(known, part)
    if len(parts) <= MOST_PARTS:
        return parts
    kept = sorted(parts.values(), key=lambda p: (p.start, p.id))
    found.flag(Flaw.TOO_MANY, detail=f"{len(kept) - MOST_PARTS} of them are left out")
    return {part.id: part for part in kept[:MOST_PARTS]}


def merged(known: Part, later: Part) -> Part:
    """What is kept of two parts with one id, whichever of them came first."""
    kept = later if _is_kept(later, known) else known
    if _is_x_rays(known, later):
        return kept
    other = known if kept is later else later
    return replace(
        kept,
        origin=_origin(known, later),
        parent_id=kept.parent_id or other.parent_id,
        document=_both(kept, other),
    )


def _is_kept(later: Part, known: Part) -> bool:
    """Whether the later one's word counts where both tell a thing."""
    if known.in_progress != later.in_progress:
        return known.in_progress
    if _is_x_rays(known, later):
        return True
    is_told = later.origin.source is TraceSource.XRAY
    if is_told != (known.origin.source is TraceSource.XRAY):
        return is_told
    return _members(later) > _members(known)


def _both(kept: Part, other: Part) -> dict[str, Any]:
    """The document of ``kept`` and what only the other one tells, one level down as well."""
    more = {key: value for key, value in other.document.items() if key not in _SHAPE}
    if not kept.nested:
        more.pop("namespace", None)
    together = {**more, **kept.document}
    for key in _JOINED & more.keys() & kept.document.keys():
        own, added = kept.document[key], more[key]
        if isinstance(own, Mapping) and isinstance(added, Mapping):
            together[key] = {**added, **own}
    return together


_SHAPE = frozenset({"end_time", "in_progress", "inferred", "parent_id", "type"})
"""Members that say what a document is and how far it got: each tells that of itself."""

_JOINED = frozenset({"annotations", "aws", "http", "metadata"})


def _origin(known: Part, later: Part) -> Origin:
    """Whose a part of two senders is, and where.

    It is not X-Ray's alone, so that reading X-Ray again does not take it away.
    """
    both = (known.origin, later.origin)
    others = [origin for origin in both if origin.source is not TraceSource.XRAY]
    sender = min(others, key=lambda origin: origin.source, default=known.origin)
    return replace(sender, place=_place(known, later))


def _place(known: Part, later: Part) -> Place | None:
    """The place that is told: that of an application is assumed unless its document tells it.

    Where neither tells, what is known was told by someone whose part it holds.
    """
    told = [o for o in (known.origin, later.origin) if o.source is not TraceSource.OTLP and o.place]
    if told:
        return min(told, key=lambda origin: origin.sender).place
    place, account = later.origin.place, account_of(later.document)
    if place is not None and account == place.account and not account_of(known.document):
        return place
    return known.origin.place or place


def with_earlier(earlier: Iterable[Problem], now: Iterable[Problem]) -> list[Problem]:
    """Problems that were told before and those found now, each of them once."""
    found = list(now)
    again = set(found)
    return [*(p for p in earlier if p not in again), *found]


def adds(part: Part, known: Part | None) -> bool:
    """Whether a part tells more than what is stored of it."""
    if known is None:
        return True
    kept = merged(known, part)
    if (kept.end, kept.nested, kept.parent_id) != (known.end, known.nested, known.parent_id):
        return True
    return kept.origin.sender != known.origin.sender or _plain(kept) != _plain(known)


def _is_from_one_sender(one: Part, other: Part) -> bool:
    return one.origin.sender == other.origin.sender


def _is_x_rays(one: Part, other: Part) -> bool:
    return one.origin.source is TraceSource.XRAY and _is_from_one_sender(one, other)


def _is_odd(known: Part, part: Part) -> bool:
    """Whether one sender used an id for two things that are both open, or both over."""
    if known.in_progress != part.in_progress or not _is_from_one_sender(known, part):
        return False
    if _is_x_rays(known, part):
        return replace(part, origin=known.origin) != known
    # What is known may be of several senders, and differs from what one of them repeats.
    names = (one.document.get("name") for one in (known, part))
    return len(set(names)) > 1 or abs(known.start - part.start) > _SAME_TIME


def _members(part: Part) -> int:
    """How much a document tells."""
    return sum(
        1 + (len(value) if isinstance(value, Mapping | list) else 0)
        for value in part.document.values()
    )


_ADDED = frozenset({"trace_id", "type", "parent_id"})
"""Members that stored documents have in any case."""


def _plain(part: Part) -> dict[str, Any]:
    return {key: value for key, value in part.document.items() if key not in _ADDED}
