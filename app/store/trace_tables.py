"""The two tables of traces.

A row of a span tells its call too: for a segment that another one called,
``caller_*`` is the caller's node and ``call_*`` what the caller measured, so a
service map is one grouping and needs no join.
"""

from __future__ import annotations

import polars as pl

from app.store.tables import UTC_MS, Table

ANNOTATION = pl.Struct(
    {"key": pl.String(), "text": pl.String(), "number": pl.Float64(), "flag": pl.Boolean()}
)
"""An annotation: exactly one of the three values is not null."""

NODE = pl.Struct({"account": pl.String(), "name": pl.String(), "type": pl.String()})
PROBLEM = pl.Struct({"flaw": pl.String(), "span_id": pl.String(), "detail": pl.String()})
VIEW = pl.Struct(
    {
        "account": pl.String(),
        "region": pl.String(),
        "whole": pl.Boolean(),
        "partial": pl.Boolean(),
        "revision": pl.Int64(),
        "weight": pl.Float64(),
        "told": pl.String(),
    }
)
"""What X-Ray of one place says of a trace; ``told`` is the JSON of its summary, null where
the row itself is that."""

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
            "elsewhere": pl.List(pl.String()),
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
:class:`app.model.traces.TraceDocuments`. ``document`` is its own JSON, without subsegments.
``account``, ``region`` and ``source`` are those that the span was collected from, ``elsewhere``
the other places of its trace as ``account/region``, null where there are none."""

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
            "senders": pl.List(pl.String()),
            "account": pl.String(),
            "region": pl.String(),
            "elsewhere": pl.List(pl.String()),
            "source": pl.String(),
            "weight": pl.Float64(),
            "bare": pl.Boolean(),
            "views": pl.List(VIEW),
            "seq": pl.UInt64(),
        }
    ),
    key=("shard", "trace_id"),
    lead="shard",
)
"""One row per trace. ``spans`` counts its rows in the other table: 0 where only the summary
is stored. ``causes`` is the JSON of X-Ray's root causes, null where there are none.
``account`` and ``region`` are where it began, ``elsewhere`` its other places as
``account/region``, null where there are none; ``senders`` belong to ``problems`` one by one.
``bare``: of some place only the summary is stored; null where ``spans`` tells as much."""
