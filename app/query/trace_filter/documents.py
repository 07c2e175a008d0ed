"""The documents of one trace as the language sees them: parts, services, calls.

Documents are what BatchGetTraces gives, or what was sent to X-Ray: a call that nothing
answers has its inferred segment either way. Any field may be missing or of a wrong type;
it then counts as missing.

Source: AWS X-Ray Developer Guide, "X-Ray segment documents".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.model import traces as model
from app.model.trace_nodes import account_of, node_of_inferred, node_of_segment
from app.query.trace_filter.gathered import Raw, answered, documents, inferred, is_named
from app.query.trace_filter.told import summary_of
from app.query.trace_filter.tree import CLIENT

_MICROSECONDS = 1_000_000


def at(raw: object, *path: str) -> Any:
    """The value at a path of keys, None where it ends early."""
    for key in path:
        if not isinstance(raw, Mapping):
            return None
        raw = raw.get(key)
    return raw


def microseconds(seconds: object) -> int | None:
    """Seconds since the epoch in whole microseconds; None for what is no number."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return round(seconds * _MICROSECONDS) if abs(seconds) < 2**40 else None


@dataclass(slots=True, eq=False)
class Part:
    """A segment or a subsegment. ``owner`` is the segment it belongs to, None when unknown.

    ``above`` is what it is nested in; only what is not nested tells its parent itself.
    """

    raw: Raw
    owner: Part | None = None
    above: Part | None = None
    parent_id: str | None = field(init=False)
    start: int | None = field(init=False)
    end: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.start = microseconds(self.raw.get("start_time"))
        end = microseconds(self.raw.get("end_time"))
        self.end = end if end is None or self.start is None else max(end, self.start)
        told = self.above.id if self.above else _text(self.raw.get("parent_id"))
        self.parent_id = None if told == self.id else told

    @property
    def id(self) -> str | None:
        return _text(self.raw.get("id"))

    @property
    def inferred(self) -> bool:
        return self.raw.get("inferred") is True

    @property
    def seconds(self) -> float | None:
        """The duration, missing while in progress."""
        if self.start is None or self.end is None:
            return None
        return (self.end - self.start) / _MICROSECONDS

    @property
    def status(self) -> float | None:
        found = at(self.raw, "http", "response", "status")
        if isinstance(found, str) and found.isdecimal():
            return float(found)
        return None if isinstance(found, bool) or not isinstance(found, int | float) else found

    @property
    def fault(self) -> bool:
        return self.raw.get("fault") is True or 500 <= (self.status or 0) < 600

    @property
    def throttle(self) -> bool:
        return self.raw.get("throttle") is True or self.status == 429

    @property
    def error(self) -> bool:
        marked = self.raw.get("error") is True or 400 <= (self.status or 0) < 500
        return marked and not self.throttle

    @property
    def ok(self) -> bool:
        return not (self.fault or self.throttle or self.error)


@dataclass(slots=True, eq=False)
class Node:
    """A service of the trace: every segment of one account, name and type."""

    key: model.Node
    segments: list[Part] = field(default_factory=list)
    root: bool = False

    @property
    def inferred(self) -> bool:
        return all(segment.inferred for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Call:
    """One service calling another; ``caller`` is the part that waited for the answer."""

    caller: Part
    source: Node
    destination: Node


class Documents:
    """A trace taken apart once, for any number of conditions."""

    def __init__(self, trace: Raw) -> None:
        self.summary: Raw = _mapping(trace.get("summary"))
        self.groups: Raw = _mapping(trace.get("groups"))
        self._owned: dict[int, list[Part]] = {}
        self._segments_and_orphans(list(documents(trace)))
        self._cut_circles()
        self._infer()
        self.root = self._root()
        self.nodes = self._nodes()
        self.calls = list(self._calls())

    @property
    def entry(self) -> Call | None:
        """The call of the client, unless the root is known to work on another trace's message."""
        root = self.root
        if root is None or (root.raw.get("links") and not _is_request(root)):
            return None
        called = self._node_of[id(root)]
        client = Node(replace(called.key, type=CLIENT), [root])
        return Call(root, client, called)

    @property
    def told(self) -> model.Summary:
        """What the summary says, for where documents do not."""
        return summary_of(self.summary)

    @property
    def partial(self) -> bool:
        """IsPartial of the summary, else whether a parent is not there."""
        said = self.summary.get("IsPartial")
        return said if isinstance(said, bool) else any(self._is_lost(part) for part in self._heads)

    @property
    def seconds(self) -> float | None:
        """From the first start to the last end, missing while anything is open."""
        starts = [part.start for part in self.parts if part.start is not None]
        ends = [part.end for part in self.parts if part.end is not None]
        is_open = any(part.end is None and part.raw.get("in_progress") for part in self.parts)
        if not starts or not ends or is_open or self.root is None or self.root.end is None:
            return None
        return (max(ends) - min(starts)) / _MICROSECONDS

    def of(self, node: Node) -> Iterator[Part]:
        """Segments of a node with their subsegments."""
        for segment in node.segments:
            yield from self._owned[id(segment)]

    def _segments_and_orphans(self, given: list[Raw]) -> None:
        """Segments with what is nested in them; subsegments sent alone go to their segment."""
        alone = [raw for raw in given if raw.get("type") == "subsegment"]
        segments = [raw for raw in given if raw.get("type") != "subsegment"]
        really = answered(segments, really=True)
        self.segments: list[Part] = []
        self.parts: list[Part] = []
        self._by_id: dict[str, Part] = {}
        for raw in segments:
            if raw.get("inferred") is not True or raw.get("parent_id") not in really:
                self._add(raw)
        self._heads = list(self.segments)
        self._adopt(alone)

    def _add(self, raw: Raw) -> None:
        segment = Part(raw)
        segment.owner = segment
        self.segments.append(segment)
        self._owned[id(segment)] = []
        self._take(segment)

    def _infer(self) -> None:
        """Add a segment for every call that none answers."""
        known = answered(segment.raw for segment in self.segments)
        for part in list(self.parts):
            is_call = part.owner is not part and _text(part.raw.get("namespace")) is not None
            if is_call and is_named(part.raw) and part.id is not None and part.id not in known:
                self._add(inferred(part.raw))

    def _cut_circles(self) -> None:
        """Where segments call each other in a circle, the earliest of them has no caller."""
        done: set[int] = set()
        for head in self._heads:
            path: dict[int, Part] = {}
            here: Part | None = head
            while here is not None and id(here) not in done:
                if id(here) in path:
                    circle = list(path.values())[list(path).index(id(here)) :]
                    heads = [part for part in circle if part.above is None]
                    min(heads, key=_order).parent_id = None
                    break
                path[id(here)] = here
                here = here.above or self._by_id.get(here.parent_id or "")
            done.update(path)

    def _adopt(self, alone: list[Raw]) -> None:
        waiting = alone
        while waiting:
            left = []
            for raw in waiting:
                parent = self._by_id.get(_text(raw.get("parent_id")) or "")
                if parent is None or parent.owner is None:
                    left.append(raw)
                else:
                    self._take(Part(raw, parent.owner, parent))
            if len(left) == len(waiting):
                orphans = [Part(raw) for raw in left]
                self._heads += orphans
                for orphan in orphans:
                    self._take(orphan)
                return
            waiting = left

    def _take(self, head: Part) -> None:
        """A part and all that is nested in it, parents first."""
        waiting = [head]
        while waiting:
            part = waiting.pop()
            self.parts.append(part)
            if part.owner is not None:
                self._owned[id(part.owner)].append(part)
            if part.id is not None:
                self._by_id.setdefault(part.id, part)
            inner = part.raw.get("subsegments")
            nested = inner if isinstance(inner, list) else []
            raws = [raw for raw in reversed(nested) if isinstance(raw, Mapping)]
            waiting += [Part(raw, part.owner, part) for raw in raws]

    def _is_lost(self, part: Part) -> bool:
        return part.parent_id is not None and part.parent_id not in self._by_id

    def _is_entry(self, segment: Part) -> bool:
        has_no_parent = segment.parent_id is None or segment.parent_id not in self._by_id
        return has_no_parent and not segment.inferred

    def _root(self) -> Part | None:
        """The earliest reported segment whose parent is not in the trace."""
        entries = [segment for segment in self.segments if self._is_entry(segment)]
        return min(entries, key=_order, default=None)

    def _nodes(self) -> list[Node]:
        nodes: dict[model.Node, Node] = {}
        self._node_of: dict[int, Node] = {}
        for segment in self.segments:
            key = self._key(segment)
            node = nodes.setdefault(key, Node(key))
            node.segments.append(segment)
            node.root = node.root or self._is_entry(segment)
            self._node_of[id(segment)] = node
        return list(nodes.values())

    def _key(self, segment: Part) -> model.Node:
        raw = segment.raw
        if not segment.inferred:
            return node_of_segment(raw, "")
        caller = self._by_id.get(segment.parent_id or "")
        owner = caller.owner if caller else None
        return node_of_inferred(
            raw, caller.raw if caller else None, account_of(owner.raw) if owner else ""
        )

    def _calls(self) -> Iterator[Call]:
        for segment in self.segments:
            caller = self._by_id.get(segment.parent_id or "")
            if caller is not None and caller.owner is not None and caller is not segment:
                source = self._node_of[id(caller.owner)]
                yield Call(caller, source, self._node_of[id(segment)])


def _order(part: Part) -> tuple[float, str]:
    return float("inf") if part.start is None else part.start, part.id or ""


def _is_request(part: Part) -> bool:
    """Whether a document tells of a request over HTTP."""
    asked = at(part.raw, "http", "request")
    keys = ("method", "url", "user_agent", "client_ip")
    return part.status is not None or any(_text(at(asked, key)) for key in keys)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: object) -> Raw:
    return value if isinstance(value, Mapping) else {}
