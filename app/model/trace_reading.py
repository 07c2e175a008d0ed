"""Putting a trace together from its documents, in whatever order and state they came.

Start with :func:`trace_of`. Of two documents with one id a completed one wins over
one in progress, otherwise the later one. A callee that sent no segment of its own
gets an inferred one, as X-Ray makes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.model.ids import Place
from app.model.trace_checks import Checked, Part, checked
from app.model.trace_merging import unique
from app.model.trace_nodes import (
    account_of,
    inferred_document,
    inferred_id,
    node_of_inferred,
    node_of_segment,
)
from app.model.trace_segments import segment_of
from app.model.trace_summaries import summary_of
from app.model.trace_views import head_of, together, view_of
from app.model.traces import (
    NOWHERE,
    Flaw,
    Node,
    Origin,
    Problem,
    Segment,
    SpanKind,
    Trace,
    View,
)

SKEW = 1_000
"""Microseconds by which a callee may seem to start before its caller."""


def trace_of(
    trace_id: str,
    documents: Sequence[str | bytes | Mapping[str, Any]],
    summary: Mapping[str, Any] | None = None,
    origin: Origin = NOWHERE,
) -> Trace:
    """The trace that ``documents`` make up: JSON texts, or the objects themselves.

    ``summary`` is what GetTraceSummaries says of the trace, as far as it is known.
    """
    found = checked(trace_id, documents, origin=origin)
    views = [] if summary is None else [view_of(trace_id, summary, origin, bool(found.parts))]
    return put_together(found, views, origin)


def put_together(found: Checked, views: Sequence[View] = (), origin: Origin = NOWHERE) -> Trace:
    """A trace of parts that were checked; ``origin`` is where one without any comes from."""
    tree = _Tree(found)
    tree.infer()
    tree.flag_order()
    segments = tree.built()
    root = root_of(segments, set(tree.parts))
    own = summary_of(found.trace_id, segments, root)
    head = head_of(own, root, views, origin)
    return Trace(
        trace_id=found.trace_id,
        segments=segments,
        root=root,
        summary=together(found.trace_id, own, root, views, tree.origins()),
        problems=tuple(found.problems),
        place=head.place,
        source=head.source,
        weight=_weight(views, origin, head),
        places=_places(head, views, tree.origins()),
        views=tuple(views),
    )


def _weight(views: Sequence[View], origin: Origin, head: Origin) -> float:
    """A trace that one place gave for what it is stands for itself, whatever others drew."""
    whole = [view.weight for view in views if view.whole]
    return min(whole, default=head.weight if views else origin.weight)


def _places(head: Origin, views: Sequence[View], origins: Iterable[Origin]) -> tuple[Place, ...]:
    found = [head.place, *(v.place for v in views), *(o.place for o in origins)]
    return tuple(dict.fromkeys(place for place in found if place is not None))


def root_of(segments: Iterable[Segment], known: set[str]) -> Segment | None:
    """The earliest real segment whose parent is not in the trace, else the earliest."""
    real = [s for s in segments if s.kind is SpanKind.SEGMENT]
    return next((s for s in real if s.parent_id not in known), real[0] if real else None)


class _Tree:
    """The parts by id, and what hangs below what."""

    def __init__(self, found: Checked) -> None:
        self.found = found
        self.parts = unique(found)
        self._drop_answered()
        self._cut_loops()
        self.below = self._children()

    def origins(self) -> tuple[Origin, ...]:
        """Who sent the parts."""
        return tuple(dict.fromkeys(part.origin for part in self.parts.values()))

    def infer(self) -> None:
        """Add a segment for every call that none answers."""
        answered = {p.parent_id for p in self.parts.values() if not p.nested}
        for call in list(self.parts.values()):
            if not call.nested or call.id in answered or not call.document.get("namespace"):
                continue
            id_ = inferred_id(call.id)
            if id_ in self.parts:
                continue
            made = inferred_document(call.document, id_, call.origin.account)
            document = {**made, "parent_id": call.id, "trace_id": self.found.trace_id}
            part = Part(id_, call.id, call.start, call.end, False, True, document, call.origin)
            self.parts[id_] = part

    def flag_order(self) -> None:
        """What is out of order between a part and the one above it."""
        for part in self.parts.values():
            above = self.parts.get(part.parent_id or "")
            if part.parent_id is not None and above is None:
                self.found.flag(Flaw.NO_PARENT, part.id, part.parent_id, part.origin)
            elif above is not None and part.start < above.start - SKEW:
                early = (above.start - part.start) / 1000
                self.found.flag(Flaw.CLOCK_SKEW, part.id, f"{early:.1f} ms", part.origin)

    def built(self) -> tuple[Segment, ...]:
        """The segments by start; subsegments whose parent is not there stand among them."""
        tops = [p for p in self.parts.values() if not p.nested or p.parent_id not in self.parts]
        segments = [self._segment(top) for top in tops]
        return tuple(sorted(segments, key=lambda s: (s.start, s.id)))

    def _segment(self, top: Part) -> Segment:
        """Innermost first, so that no depth is too deep."""
        order, waiting = [], [top]
        while waiting:
            part = waiting.pop()
            order.append(part)
            waiting.extend(self.below.get(part.id, ()))
        node, made = self._node(top), dict[str, Segment]()
        for part in reversed(order):
            inner = tuple(made.pop(sub.id) for sub in self.below.get(part.id, ()))
            made[part.id] = segment_of(part, top.id, node, inner, self.found)
        return made[top.id]

    def _node(self, top: Part) -> Node:
        account = top.origin.account
        if not top.inferred:
            return node_of_segment(top.document, account)
        call = self.parts.get(top.parent_id or "")
        calling = call.document if call is not None and call.nested else None
        return node_of_inferred(top.document, calling, self._account_above(top) or account)

    def _account_above(self, part: Part) -> str:
        """The account of the segment that called; no loops are left."""
        above = self.parts.get(part.parent_id or "")
        while above is not None and above.nested:
            above = self.parts.get(above.parent_id or "")
        return account_of(above.document) if above is not None else ""

    def _drop_answered(self) -> None:
        """Take out inferred segments whose callee has sent one of its own."""
        real = {p.parent_id for p in self.parts.values() if not p.nested and not p.inferred}
        for part in list(self.parts.values()):
            if part.inferred and part.parent_id is not None and part.parent_id in real:
                del self.parts[part.id]

    def _cut_loops(self) -> None:
        """Where a part is its own ancestor, the earliest one of the circle has no parent."""
        done: set[str] = set()
        for start in self.parts:
            path: dict[str, None] = {}
            here: str | None = start
            while here is not None and here in self.parts and here not in done:
                if here in path:
                    self._cut([*path][[*path].index(here) :])
                    break
                path[here] = None
                here = self.parts[here].parent_id
            done.update(path)

    def _cut(self, circle: Sequence[str]) -> None:
        first = min((self.parts[id_] for id_ in circle), key=lambda p: (p.start, p.id))
        self.found.flag(Flaw.LOOP, first.id, of=first.origin)
        self.parts[first.id] = replace(first, parent_id=None)

    def _children(self) -> Mapping[str, list[Part]]:
        below: defaultdict[str, list[Part]] = defaultdict(list)
        for part in sorted(self.parts.values(), key=lambda p: (p.start, p.id)):
            if part.nested and part.parent_id in self.parts:
                below[part.parent_id].append(part)
        return below


def problems_of_age(trace: Trace, oldest: int) -> tuple[Problem, ...]:
    """Segments that are still in progress and started before ``oldest`` (microseconds)."""
    return tuple(
        Problem(Flaw.NEVER_FINISHED, one.id, sender=one.collected.sender)
        for one in trace.walk()
        if one.end is None and one.start < oldest
    )
