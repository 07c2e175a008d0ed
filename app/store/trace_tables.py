"""The two tables of traces, and rows of them from values and back.

A row of a span tells its call too: for a segment that another one called,
``caller_*`` is the caller's node and ``call_*`` what the caller measured, so a
service map is one grouping and needs no join.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import orjson
import polars as pl

from app.model.trace_nodes import mapping, text
from app.model.trace_summaries import instance_id, zone
from app.model.traces import (
    Annotation,
    Node,
    Segment,
    SpanKind,
    Summary,
    Trace,
    shard_of,
)
from app.store.tables import UTC_MS, Table

ANNOTATION = pl.Struct(
    {"key": pl.String(), "text": pl.String(), "number": pl.Float64(), "flag": pl.Boolean()}
)
"""An annotation: exactly one of the three values is not null."""

NODE = pl.Struct({"account": pl.String(), "name": pl.String(), "type": pl.String()})
PROBLEM = pl.Struct({"flaw": pl.String(), "span_id": pl.String(), "detail": pl.String()})
LINK = pl.Struct({"trace_id": pl.String(), "span_id": pl.String()})

SPANS = Table(
    "trace_spans",
    pl.Schema(
        {
            "shard": pl.UInt32(),
            "trace_id": pl.String(),
            "span_id": pl.String(),
            "at": UTC_MS,
            "start": pl.Int64(),
            "duration": pl.Int64(),
            "parent_id": pl.String(),
            "segment_id": pl.String(),
            "kind": pl.String(),
            "root": pl.Boolean(),
            "entry": pl.Boolean(),
            "name": pl.String(),
            "origin": pl.String(),
            "namespace": pl.String(),
            "node_account": pl.String(),
            "node_name": pl.String(),
            "node_type": pl.String(),
            "in_progress": pl.Boolean(),
            "error": pl.Boolean(),
            "fault": pl.Boolean(),
            "throttle": pl.Boolean(),
            "caller_account": pl.String(),
            "caller_name": pl.String(),
            "caller_type": pl.String(),
            "call_duration": pl.Int64(),
            "call_error": pl.Boolean(),
            "call_fault": pl.Boolean(),
            "call_throttle": pl.Boolean(),
            "method": pl.String(),
            "url": pl.String(),
            "status": pl.Int32(),
            "user_agent": pl.String(),
            "client_ip": pl.String(),
            "operation": pl.String(),
            "resource": pl.String(),
            "request_id": pl.String(),
            "resource_arn": pl.String(),
            "instance_id": pl.String(),
            "zone": pl.String(),
            "user": pl.String(),
            "version": pl.String(),
            "exception": pl.String(),
            "annotations": pl.List(ANNOTATION),
            "links": pl.List(LINK),
            "account": pl.String(),
            "region": pl.String(),
            "source": pl.String(),
            "weight": pl.Float64(),
            "document": pl.String(),
            "seq": pl.UInt64(),
        }
    ),
    key=("shard", "trace_id", "span_id"),
    lead="shard",
    at_once=200_000,
    whole=("shard", "trace_id"),
)
"""One row per segment, subsegment and inferred segment. ``at`` is the start of the *trace* (ms),
so that a window holds whole traces; ``start`` and ``duration`` are the span's own, in µs.
``root``: a real segment without a parent in the trace; ``entry``: the one root that a trace is
judged by. ``weight``: how many traces this one stands for where whole ones are counted, see
:class:`app.model.traces.TraceDocuments`. ``document`` is its own JSON, without subsegments."""

TRACES = Table(
    "traces",
    pl.Schema(
        {
            "shard": pl.UInt32(),
            "trace_id": pl.String(),
            "at": UTC_MS,
            "start": pl.Int64(),
            "duration": pl.Int64(),
            "response_time": pl.Int64(),
            "fault": pl.Boolean(),
            "error": pl.Boolean(),
            "throttle": pl.Boolean(),
            "in_progress": pl.Boolean(),
            "partial": pl.Boolean(),
            "inferred": pl.Boolean(),
            "url": pl.String(),
            "method": pl.String(),
            "status": pl.Int32(),
            "user_agent": pl.String(),
            "client_ip": pl.String(),
            "entry_account": pl.String(),
            "entry_name": pl.String(),
            "entry_type": pl.String(),
            "users": pl.List(pl.String()),
            "services": pl.List(NODE),
            "annotations": pl.List(ANNOTATION),
            "resource_arns": pl.List(pl.String()),
            "instance_ids": pl.List(pl.String()),
            "zones": pl.List(pl.String()),
            "versions": pl.List(pl.String()),
            "cold_start": pl.Boolean(),
            "spans": pl.Int32(),
            "revision": pl.Int64(),
            "causes": pl.String(),
            "problems": pl.List(PROBLEM),
            "account": pl.String(),
            "region": pl.String(),
            "source": pl.String(),
            "weight": pl.Float64(),
            "seq": pl.UInt64(),
        }
    ),
    key=("shard", "trace_id"),
    lead="shard",
)
"""One row per trace. ``spans`` counts its rows in the other table: 0 where only the summary
is stored. ``causes`` is the JSON of X-Ray's root causes, null where there are none."""

Row = dict[str, Any]


def trace_row(trace: Trace, at: datetime) -> Row:
    """The row of a trace, without ``seq``."""
    summary = trace.summary
    return {
        **_same(trace, at),
        **{name: getattr(summary, name) for name in _PLAIN},
        **{name: list(getattr(summary, name)) for name in _LISTS},
        "status": _status(summary.status),
        **_node("entry", summary.entry),
        "services": [
            {"account": n.account, "name": n.name, "type": n.type} for n in summary.services
        ],
        "annotations": _annotations(summary.annotations),
        "spans": sum(1 for _ in trace.walk()),
        "causes": orjson.dumps(summary.causes).decode() if summary.causes else None,
        "problems": [
            {"flaw": str(p.flaw), "span_id": p.span_id, "detail": p.detail} for p in trace.problems
        ],
    }


def summary_of_row(row: Mapping[str, Any]) -> Summary:
    """The summary that a row of the table of traces holds."""
    fields: Row = {name: tuple(row[name]) for name in _LISTS}
    fields |= {name: row[name] for name in _PLAIN}
    told: defaultdict[str, list[Annotation]] = defaultdict(list)
    for one in row["annotations"]:
        values = (one["text"], one["number"], one["flag"])
        told[one["key"]] += [value for value in values if value is not None]
    entry = None
    if row["entry_name"] is not None:
        entry = Node(row["entry_account"], row["entry_name"], row["entry_type"])
    return Summary(
        trace_id=row["trace_id"],
        entry=entry,
        annotations={key: tuple(values) for key, values in told.items()},
        services=tuple(Node(**node) for node in row["services"]),
        causes=orjson.loads(row["causes"]) if row["causes"] else {},
        **fields,
    )


def span_rows(trace: Trace, at: datetime) -> list[Row]:
    """The rows of a trace's spans, without ``seq``."""
    same, by_id = _same(trace, at), {span.id: span for span in trace.walk()}
    return [same | _span_row(span, trace, by_id) for span in by_id.values()]


def frame(table: Table, rows: list[Row], seq: int) -> pl.DataFrame:
    """Rows with their sequence as a frame of ``table``."""
    columns = [
        _series(name, kind, [row[name] for row in rows])
        for name, kind in table.schema.items()
        if name != "seq"
    ]
    return pl.DataFrame(columns).with_columns(seq=pl.lit(seq, dtype=pl.UInt64))


def _series(name: str, kind: pl.DataType, values: list[Any]) -> pl.Series:
    inner = kind.inner if isinstance(kind, pl.List) else None
    if isinstance(inner, pl.Struct):
        return _lists_of_objects(name, inner, values)
    return pl.Series(name, values, dtype=kind)


def _lists_of_objects(name: str, inner: pl.Struct, values: list[list[Row]]) -> pl.Series:
    """The same as a series of lists of objects, in a sixth of the time: field by field."""
    sizes = np.fromiter(map(len, values), dtype=np.int64, count=len(values))
    flat = [one for some in values for one in some]
    fields = [pl.Series(f.name, [one[f.name] for one in flat], dtype=f.dtype) for f in inner.fields]
    numbers = pl.Series("row", np.repeat(np.arange(len(values)), sizes), dtype=pl.Int64)
    objects = pl.DataFrame([numbers, pl.DataFrame(fields).to_struct(name)])
    grouped = objects.group_by("row", maintain_order=True).agg(name)
    every = pl.DataFrame({"row": np.arange(len(values))})
    joined = every.join(grouped, on="row", how="left", maintain_order="left")
    nothing = pl.lit(pl.Series([[]], dtype=pl.List(inner)))
    return joined.select(pl.col(name).fill_null(nothing))[name]


_LISTS = ("users", "resource_arns", "instance_ids", "zones", "versions")
_PLAIN = (
    "start", "duration", "response_time", "fault", "error", "throttle", "in_progress",
    "partial", "inferred", "url", "method", "status", "user_agent", "client_ip",
    "cold_start", "revision",
)  # fmt: skip


def _same(trace: Trace, at: datetime) -> Row:
    place = trace.place
    return {
        "shard": shard_of(trace.trace_id),
        "trace_id": trace.trace_id,
        "at": at,
        "account": place.account if place else "",
        "region": place.region if place else "",
        "source": trace.source.value,
        "weight": trace.weight,
    }


def _span_row(span: Segment, trace: Trace, by_id: Mapping[str, Segment]) -> Row:
    caller = by_id.get(span.parent_id or "")
    is_root = span.kind is SpanKind.SEGMENT and caller is None
    return {
        **{name: getattr(span, name) for name in _OWN},
        **_node("node", span.node),
        **_call(span, caller),
        "span_id": span.id,
        "kind": span.kind.value,
        "root": is_root,
        "entry": trace.root is not None and span.id == trace.root.id,
        "method": text(span.request.get("method")) or None,
        "url": text(span.request.get("url")) or None,
        "status": _status(span.status),
        "user_agent": text(span.request.get("user_agent")) or None,
        "client_ip": text(span.request.get("client_ip")) or None,
        "operation": text(span.aws.get("operation")) or None,
        "resource": _resource(span.aws),
        "request_id": text(span.aws.get("request_id")) or None,
        "instance_id": instance_id(span) or None,
        "zone": zone(span) or None,
        "version": text(span.service.get("version")) or None,
        "exception": _exception(span),
        "annotations": _annotations({k: (v,) for k, v in span.annotations.items()}),
        "links": [
            {"trace_id": text(o.get("trace_id")), "span_id": text(o.get("id"))} for o in span.links
        ],
        "document": _document(span),
    }


_OWN = (
    "start", "duration", "parent_id", "segment_id", "name", "origin", "namespace", "in_progress",
    "error", "fault", "throttle", "resource_arn", "user",
)  # fmt: skip


def _call(span: Segment, caller: Segment | None) -> Row:
    """Who called a segment, and what the caller measured; nulls for a subsegment."""
    called = caller if span.kind is not SpanKind.SUBSEGMENT else None
    # A segment that another segment called without a subsegment is measured by itself.
    measured = span if called is None or called.kind is not SpanKind.SUBSEGMENT else called
    return _node("caller", called.node if called else None) | {
        "call_duration": measured.duration if called else None,
        "call_error": measured.error if called else None,
        "call_fault": measured.fault if called else None,
        "call_throttle": measured.throttle if called else None,
    }


def _node(prefix: str, node: Node | None) -> Row:
    parts = (node.account, node.name, node.type) if node else (None, None, None)
    return dict(zip((f"{prefix}_account", f"{prefix}_name", f"{prefix}_type"), parts, strict=True))


def _annotations(given: Mapping[str, tuple[Annotation, ...]]) -> list[Row]:
    return [
        {
            "key": key,
            "text": value if isinstance(value, str) else None,
            "number": value if isinstance(value, float) else None,
            "flag": value if isinstance(value, bool) else None,
        }
        for key, values in given.items()
        for value in values
    ]


def _status(status: int | None) -> int | None:
    return status if status is not None and 0 <= status < 2**31 else None


def _resource(aws: Mapping[str, Any]) -> str | None:
    """What a call went to: table, bucket, queue, topic or function."""
    for key in ("table_name", "bucket_name", "queue_url", "topic_arn", "function_name"):
        if text(aws.get(key)):
            return text(aws.get(key))
    for key in ("resource_names", "table_names"):
        names = aws.get(key)
        if isinstance(names, list) and names and text(names[0]):
            return text(names[0])
    return None


def _exception(span: Segment) -> str | None:
    """Type and message of the exception that a span recorded first."""
    for one in span.exceptions:
        parts = [text(one.get("type")), text(one.get("message"))]
        return ": ".join(part for part in parts if part) or None
    return None


def _document(span: Segment) -> str:
    own = {**span.document, "trace_id": span.trace_id}
    if span.parent_id is not None:
        own["parent_id"] = span.parent_id
    if span.kind is SpanKind.SUBSEGMENT:
        own["type"] = "subsegment"
    try:
        return orjson.dumps(own).decode()
    except orjson.JSONEncodeError:  # deeper than it can write
        flat = {key: value for key, value in own.items() if not isinstance(value, Mapping | list)}
        return orjson.dumps(flat | {"http": mapping(flat.get("http"))}).decode()
