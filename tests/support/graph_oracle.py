"""The service graph of documents in plain Python, in the words of the rule. No product code.

Times are kept in whole microseconds; a trace is a list of documents as they were sent or as
BatchGetTraces gives them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]
Key = tuple[str, str, str]
"""Account, name and type; empty where there is none."""

_RESOURCE = {
    "DynamoDB": ("table_name", "AWS::DynamoDB::Table"),
    "S3": ("bucket_name", "AWS::S3::Bucket"),
    "SQS": ("queue_url", "AWS::SQS::Queue"),
    "SNS": ("topic_arn", "AWS::SNS"),
    "Lambda": ("function_name", "AWS::Lambda"),
}


@dataclass
class Entry:
    """A segment or a subsegment; ``owner`` is the id of the segment around it."""

    document: Document
    owner: str
    parent: str | None
    segment: bool

    @property
    def inferred(self) -> bool:
        return bool(self.document.get("inferred"))

    @property
    def took(self) -> int | None:
        if "end_time" not in self.document:
            return None
        return micros(self.document["end_time"]) - micros(self.document["start_time"])


@dataclass
class Counted:
    """What a node or an edge counts."""

    outcomes: Counter[str] = field(default_factory=Counter)
    took: int = 0
    histogram: Counter[float] = field(default_factory=Counter)
    reported: bool = False
    root: bool = False
    seconds: set[int] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    ages: Counter[float] = field(default_factory=Counter)

    def add(self, took: int | None, document: Document) -> None:
        if took is None:
            return  # in progress: not counted
        self.outcomes[outcome(document)] += 1
        self.took += took
        self.histogram[(took + 500) // 1000 / 1000] += 1


@dataclass
class Graph:
    nodes: dict[Key, Counted] = field(default_factory=dict)
    edges: dict[tuple[Key, Key, bool], Counted] = field(default_factory=dict)

    def node(self, key: Key) -> Counted:
        return self.nodes.setdefault(key, Counted())

    def edge(self, source: Key, target: Key, link: bool = False) -> Counted:
        return self.edges.setdefault((source, target, link), Counted())


def micros(seconds: float) -> int:
    return round(seconds * 1_000_000)


def graph(traces: Iterable[list[Document]], account: str) -> Graph:
    """The graph of traces that were collected in one account."""
    told = [entries(documents) for documents in traces]
    spans = {(id_, e.document["trace_id"]) for trace in told for id_, e in trace.items()}
    found = Graph()
    for trace in told:
        _add(found, trace, account)
    for trace in told:
        for entry in trace.values():
            for link in entry.document.get("links", ()):
                if (link["id"], link["trace_id"]) in spans:
                    _link(found, entry, trace, link, told, account)
    return found


def entries(documents: list[Document]) -> dict[str, Entry]:
    """Every segment and subsegment by id, and a segment for each call that none answers."""
    trace_id = documents[0]["trace_id"]
    best: dict[str, Document] = {}
    for document in documents:
        known = best.get(document["id"])
        if known is None or "end_time" in document or "end_time" not in known:
            best[document["id"]] = document
    found: dict[str, Entry] = {}
    for document in best.values():
        alone = document.get("type") == "subsegment"
        owner = "" if alone else document["id"]
        found[document["id"]] = Entry(document, owner, document.get("parent_id"), not alone)
        found |= {e.document["id"]: e for e in _inside(document, owner, trace_id)}
    real = {e.parent for e in found.values() if e.segment and not e.inferred}
    for id_, entry in list(found.items()):
        if entry.inferred and entry.parent in real:
            del found[id_]
    for id_ in found:
        _own(found, id_)
    answered = {e.parent for e in found.values() if e.segment}
    for id_, entry in list(found.items()):
        if not entry.segment and entry.document.get("namespace") and id_ not in answered:
            made = {k: v for k, v in entry.document.items() if k not in ("subsegments", "id")}
            made |= {"id": f"for {id_}", "inferred": True, "annotations": {}, "trace_id": trace_id}
            found[made["id"]] = Entry(made, made["id"], id_, True)
    return found


def _inside(document: Document, owner: str, trace_id: str) -> Iterator[Entry]:
    for inner in document.get("subsegments", ()):
        yield Entry({**inner, "trace_id": trace_id}, owner, document["id"], False)
        yield from _inside(inner, owner, trace_id)


def _own(found: dict[str, Entry], id_: str) -> str:
    """A subsegment that was sent alone belongs to the segment above it."""
    entry = found[id_]
    if not entry.owner and entry.parent in found:
        entry.owner = _own(found, str(entry.parent))
    return entry.owner


def _add(found: Graph, trace: dict[str, Entry], account: str) -> None:
    start = min(micros(e.document["start_time"]) for e in trace.values()) // 1_000_000
    for entry in trace.values():
        if not entry.segment:
            continue
        key = key_of(entry, trace, account)
        node = found.node(key)
        node.add(entry.took, entry.document)
        node.reported |= not entry.inferred
        node.seconds.add(start)
        above = trace.get(entry.parent or "")
        if above is None and not entry.inferred:
            node.root = True
            if entry.document.get("http") or not entry.document.get("links"):
                client = (key[0], key[1], "client")
                found.node(client).seconds.add(start)
                found.edge(client, key).add(entry.took, entry.document)
        if above is not None and above.owner:
            source = key_of(trace[above.owner], trace, account)
            edge = found.edge(source, key)
            measured = entry if above.segment else above
            edge.add(measured.took, measured.document)
            name = above.document["name"]
            if not entry.inferred and above.document.get("namespace") and name != key[1]:
                edge.aliases.add(name)


def _link(
    found: Graph,
    entry: Entry,
    trace: dict[str, Entry],
    link: Document,
    told: list[dict[str, Entry]],
    account: str,
) -> None:
    sender = next(t for t in told if any(_is(e, id_, link) for id_, e in t.items()))
    sent = sender[link["id"]]
    answers = [e for e in sender.values() if e.inferred and e.parent == link["id"]]
    first = min(
        ((e.document["start_time"], key_of(e, sender, account)) for e in answers), default=None
    )
    source = first[1] if first else key_of(sender[sent.owner], sender, account)
    edge = found.edge(source, key_of(trace[entry.owner], trace, account), link=True)
    edge.add(entry.took, entry.document)
    end = micros(sent.document["start_time"]) + (sent.took or 0)
    age = max(0, micros(entry.document["start_time"]) - end)
    edge.ages[(age + 500) // 1000 / 1000] += 1


def _is(entry: Entry, id_: str, link: Document) -> bool:
    return (id_, entry.document["trace_id"]) == (link["id"], link["trace_id"])


def key_of(entry: Entry, trace: dict[str, Entry], account: str) -> Key:
    """The node of a segment: its own names, or what the call that it stands for tells."""
    document = entry.document
    own = document.get("aws", {}).get("account_id")
    if not entry.inferred:
        return (own or account, document["name"], document.get("origin", ""))
    call = trace[entry.parent].document if entry.parent in trace else {}
    owner = trace.get(trace[entry.parent].owner) if entry.parent in trace else None
    above = (owner.document if owner else {}).get("aws", {}).get("account_id")
    name, aws = document["name"], {**call.get("aws", {}), **document.get("aws", {})}
    if call.get("namespace") == "aws":
        field_, kind = _RESOURCE.get(name, ("", f"AWS::{name}"))
        told = aws.get(field_) if aws.get("operation") else None
        type_ = document.get("origin") or (kind if told else f"AWS::{name}")
        return (aws.get("account_id") or above or account, told or name, type_)
    if "sql" in call:
        engine = call["sql"].get("database_type", "SQL")
        return ("", name, document.get("origin") or f"Database::{engine}")
    return ("", name, document.get("origin") or "remote")


def outcome(document: Document) -> str:
    """Throttle before fault before error."""
    status = document.get("http", {}).get("response", {}).get("status", 0)
    if document.get("throttle") or status == 429:
        return "throttle"
    if document.get("fault") or 500 <= status < 600:
        return "fault"
    return "error" if document.get("error") or 400 <= status < 500 else "ok"
