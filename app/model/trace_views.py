"""What X-Ray of several places says of a trace, and what its segments tell, as one summary.

X-Ray of one place knows only the segments that were sent there. Where they were not
fetched, its word is all there is of them, so it stays until they are: the trace is the
whole of what is told, and is judged by the root that began it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from app.model.trace_summaries import CAUSES, of_answer
from app.model.traces import Annotation, Origin, Segment, Summary, TraceSource, View

SLACK = 1_000
"""Microseconds by which X-Ray's time of a root may differ from that of its segment."""

_T = TypeVar("_T")


def view_of(trace_id: str, given: Mapping[str, Any], origin: Origin, whole: bool) -> View:
    """What a summary of GetTraceSummaries says; ``whole`` if its segments are here too."""
    partial = given.get("IsPartial")
    return View(
        place=origin.place,
        told=of_answer(trace_id, given),
        whole=whole,
        partial=partial if isinstance(partial, bool) else None,
        weight=origin.weight,
    )


def head_of(own: Summary, root: Segment | None, views: Sequence[View], origin: Origin) -> Origin:
    """Who knows how the trace began."""
    view = _head(own, root, views)
    if view is not None:
        return Origin(view.place, TraceSource.XRAY, view.weight)
    return root.collected if root is not None else origin


def together(
    trace_id: str,
    own: Summary,
    root: Segment | None,
    views: Sequence[View],
    origins: Iterable[Origin],
) -> Summary:
    """The summary of all: judged by the first root, everything else is of every part."""
    origins = list(origins)
    view = _head(own, root, views)
    head = own if view is None else view.told
    began = [view.told for view in _bare(root, views)]
    if root is not None or not began:
        began.append(own)
    # Of what is here the segments tell, even those whose root is not.
    parts = [view.told for view in views if not view.whole]
    if origins or not parts:
        parts.append(own)
    return replace(
        head,
        trace_id=trace_id,
        start=min(part.start for part in began),
        duration=_duration(began),
        partial=_partial(own, view, views, origins),
        inferred=any(part.inferred for part in parts),
        annotations=_annotations(parts),
        users=_union(part.users for part in parts),
        services=_union(part.services for part in parts),
        resource_arns=_union(part.resource_arns for part in parts),
        instance_ids=_union(part.instance_ids for part in parts),
        zones=_union(part.zones for part in parts),
        versions=_union(part.versions for part in parts),
        cold_start=_cold_start(parts),
        causes=_causes(views),
        revision=_revision(views),
    )


def _head(own: Summary, root: Segment | None, views: Sequence[View]) -> View | None:
    """The view whose root began the trace; None if it is a segment that is here."""
    bare = _bare(root, views)
    first = min(bare, key=lambda view: (view.told.partial, view.told.start), default=None)
    if first is None or root is None:
        return first
    is_cut = root.parent_id is not None
    if is_cut != first.told.partial:
        return first if is_cut else None
    return None if own.start < first.told.start - SLACK else first


def _bare(root: Segment | None, views: Sequence[View]) -> list[View]:
    """The views whose segments are not here, or do not tell how it began."""
    return [view for view in views if not view.whole or (root is None and _says(view))]


def _says(view: View) -> bool:
    """Whether X-Ray gave a summary at all: its segments may come without one."""
    return replace(view.told, start=0) != replace(of_answer(view.told.trace_id, {}), start=0)


def _partial(
    own: Summary, view: View | None, views: Sequence[View], origins: Sequence[Origin]
) -> bool:
    """X-Ray's own word where it has all; otherwise whether the start is missing."""
    if len(views) == 1 and views[0].whole and views[0].partial is not None:
        alone = all(o.source is TraceSource.XRAY and o.place == views[0].place for o in origins)
        if alone:
            return views[0].partial
    if view is None or (view.whole and view.partial is None):
        return own.partial
    return view.told.partial


def _duration(parts: Sequence[Summary]) -> int | None:
    """From the first start to the last end; None while anything is open."""
    ends = [part.start + part.duration for part in parts if part.duration is not None]
    return max(ends) - min(part.start for part in parts) if len(ends) == len(parts) else None


def _cold_start(parts: Sequence[Summary]) -> bool | None:
    told = [part.cold_start for part in parts if part.cold_start is not None]
    return any(told) if told else None


def _annotations(parts: Sequence[Summary]) -> dict[str, tuple[Annotation, ...]]:
    found: dict[str, dict[tuple[type, Annotation], None]] = {}
    for part in parts:
        for key, values in part.annotations.items():
            # 1.0 and True are equal, and not the same annotation.
            found.setdefault(key, {}).update({(type(value), value): None for value in values})
    return {key: tuple(value for _, value in values) for key, values in found.items()}


def _causes(views: Sequence[View]) -> dict[str, Any]:
    """The root causes that every place tells."""
    if len(views) == 1:
        return dict(views[0].told.causes)
    told = {key: [c for view in views for c in view.told.causes.get(key, ())] for key in CAUSES}
    return {key: causes for key, causes in told.items() if causes}


def _revision(views: Sequence[View]) -> int:
    return max((view.revision for view in views), default=0)


def _union(parts: Iterable[tuple[_T, ...]]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(one for some in parts for one in some))
