"""The documents of one trace as the language sees them: parts, services, calls.

Documents are what BatchGetTraces gives: inferred segments are among them. Any
field may be missing or of a wrong type; it then counts as missing.

Source: AWS X-Ray Developer Guide, "X-Ray segment documents".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.query.trace_filter.naming import NodeKey, inferred_node, reported_node
from app.query.trace_filter.tree import CLIENT

Raw = Mapping[str, Any]
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
    """A segment or a subsegment. ``owner`` is the segment it belongs to, None when unknown."""

    raw: Raw
    owner: Part | None
    start: int | None = field(init=False)
    end: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.start = microseconds(self.raw.get("start_time"))
        end = microseconds(self.raw.get("end_time"))
        self.end = end if end is None or self.start is None else max(end, self.start)

    @property
    def id(self) -> str | None:
        return _text(self.raw.get("id"))

    @property
    def parent_id(self) -> str | None:
        return _text(self.raw.get("parent_id"))

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

    key: NodeKey
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
        self._segments_and_orphans(list(_documents(trace.get("segments"))))
        self.root = self._root()
        self.nodes = self._nodes()
        self.calls = list(self._calls())

    @property
    def entry(self) -> Call | None:
        """The call of the client, which is a service of its own where a request came in."""
        root = self.root
        if root is None or not ("http" in root.raw or root.parent_id is not None):
            return None
        called = self._node_of[id(root)]
        client = Node(called.key._replace(type=CLIENT), [root])
        return Call(root, client, called)

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

    def _segments_and_orphans(self, documents: list[Raw]) -> None:
        """Segments with what is nested in them; subsegments sent alone go to their segment."""
        alone = [raw for raw in documents if raw.get("type") == "subsegment"]
        segments = [Part(raw, None) for raw in documents if raw.get("type") != "subsegment"]
        self.segments = _without_answered(segments)
        self.parts: list[Part] = []
        self._by_id: dict[str, Part] = {}
        self._heads = list(self.segments)
        for segment in self.segments:
            segment.owner = segment
            self._owned[id(segment)] = []
            self._take(segment)
        self._adopt(alone)

    def _adopt(self, alone: list[Raw]) -> None:
        waiting = alone
        while waiting:
            left = []
            for raw in waiting:
                parent = self._by_id.get(_text(raw.get("parent_id")) or "")
                if parent is None or parent.owner is None:
                    left.append(raw)
                else:
                    self._take(Part(raw, parent.owner))
            if len(left) == len(waiting):
                orphans = [Part(raw, None) for raw in left]
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
            waiting += [Part(raw, part.owner) for raw in raws]

    def _is_lost(self, part: Part) -> bool:
        return part.parent_id is not None and part.parent_id not in self._by_id

    def _is_entry(self, segment: Part) -> bool:
        has_no_parent = segment.parent_id is None or segment.parent_id not in self._by_id
        return has_no_parent and not segment.inferred

    def _root(self) -> Part | None:
        """The earliest reported segment whose parent is not in the trace."""
        entries = [segment for segment in self.segments if self._is_entry(segment)]
        return min(entries, key=_start, default=None)

    def _nodes(self) -> list[Node]:
        nodes: dict[NodeKey, Node] = {}
        self._node_of: dict[int, Node] = {}
        for segment in self.segments:
            key = self._key(segment)
            node = nodes.setdefault(key, Node(key))
            node.segments.append(segment)
            node.root = node.root or self._is_entry(segment)
            self._node_of[id(segment)] = node
        return list(nodes.values())

    def _key(self, segment: Part) -> NodeKey:
        caller = self._by_id.get(segment.parent_id or "")
        if not segment.inferred:
            is_call = caller is not None and caller.owner is not caller
            return reported_node(segment.raw, caller.raw if caller and is_call else {})
        owner = caller.owner if caller else None
        return inferred_node(segment.raw, caller.raw if caller else {}, owner.raw if owner else {})

    def _calls(self) -> Iterator[Call]:
        for segment in self.segments:
            caller = self._by_id.get(segment.parent_id or "")
            if caller is not None and caller.owner is not None and caller is not segment:
                source = self._node_of[id(caller.owner)]
                yield Call(caller, source, self._node_of[id(segment)])


def _start(part: Part) -> float:
    return float("inf") if part.start is None else part.start


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: object) -> Raw:
    return value if isinstance(value, Mapping) else {}


def _documents(segments: object) -> Iterator[Raw]:
    """One document for each id: completed ones win over those in progress, else the last."""
    chosen: dict[str, Raw] = {}
    for position, each in enumerate(segments if isinstance(segments, list | tuple) else ()):
        raw = _parsed(each)
        if raw is None:
            continue
        key = _text(raw.get("id")) or f"#{position}"
        before = chosen.get(key)
        if before is None or "end_time" in raw or "end_time" not in before:
            chosen[key] = raw
    yield from chosen.values()


def _parsed(each: object) -> Raw | None:
    """A document as it is, or as the JSON text that BatchGetTraces wraps it in."""
    if not isinstance(each, Mapping):
        return None
    text = each.get("Document")
    if not isinstance(text, str):
        return each
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None


def _without_answered(segments: list[Part]) -> list[Part]:
    """Without inferred segments whose place a reported one has taken."""
    answered = {s.parent_id for s in segments if s.parent_id and not s.inferred}
    return [s for s in segments if not (s.inferred and s.parent_id in answered)]
