"""The service map of rows of spans.

A span of a called segment names its caller's node and what the caller measured, so
the map is two groupings: of segments by their node, of calls by both ends. The rule
is that of GetServiceGraph; in-progress documents make nodes and are not counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from app.model.service_map import (
    CLIENT,
    REMOTE,
    Counts,
    Histogram,
    MapEdge,
    MapNode,
    NodeState,
    ServiceMap,
)
from app.model.traces import Node
from app.query.trace_filter.calls import has_client
from app.read.traces.links import aliases, links, outcome

MOST_VALUES = 1_000
"""A histogram of more different values than this is told to three digits."""

_PARTS = ("account", "name", "type")
_NODE, _CALLER = ([f"{side}_{part}" for part in _PARTS] for side in ("node", "caller"))
_OUTCOMES = ("ok", "error", "throttle", "fault")
_HOST = r"^(?:\w+://)?([^/?#]+).*$"


def service_map(spans: pl.LazyFrame, *, by_host: bool = False) -> ServiceMap:
    """The map of all traces in ``spans``; ``by_host`` puts the addresses of one host together."""
    rows = _with_hosts(spans) if by_host else spans
    segments = rows.filter(pl.col("kind") != "subsegment")
    # One after the other: together they would hold every column of every span in memory.
    nodes = _counted(segments, _NODE, "").collect(engine="streaming")
    calls = _counted(_calls(segments), [*_CALLER, *_NODE], "call_").collect(engine="streaming")
    count = segments.select(pl.col("trace_id").n_unique()).collect(engine="streaming")
    names, hops = aliases(rows).collect(engine="streaming"), links(rows)
    edges = _edges(_by_key(calls, 2), names) + _links(hops)
    there = list(_nodes(_by_key(nodes, 1)).values())
    return ServiceMap.of(there + _clients(calls), edges, count.item())


def _with_hosts(spans: pl.LazyFrame) -> pl.LazyFrame:
    def host(side: str) -> pl.Expr:
        name, is_remote = pl.col(f"{side}_name"), pl.col(f"{side}_type") == REMOTE
        return pl.when(is_remote).then(name.str.replace(_HOST, "$1")).otherwise(name)

    return spans.with_columns(node_name=host("node"), caller_name=host("caller"))


def _calls(segments: pl.LazyFrame) -> pl.LazyFrame:
    """What callers measured; the client of an entry is one, and measures what the root did."""
    called = segments.filter(pl.col("caller_name").is_not_null())
    own = {f"call_{name}": pl.col(name) for name in ("duration", "error", "fault", "throttle")}
    entered = segments.filter(pl.col("root") & has_client()).with_columns(
        caller_account="node_account",
        caller_name="node_name",
        caller_type=pl.lit(CLIENT),
        **own,
    )
    return pl.concat([called, entered])


def _counted(rows: pl.LazyFrame, key: list[str], prefix: str) -> pl.LazyFrame:
    """Requests of each key by outcome and milliseconds, with what else the key's rows tell."""
    duration = pl.col(f"{prefix}duration")
    # Of traces without a failure only a share is whole; each of them stands for several.
    weight = pl.col("weight").fill_null(1.0)
    known = rows.with_columns(
        outcome=outcome(prefix), ms=(duration + 500) // 1000, took=duration * weight, weight=weight
    )
    return known.group_by(*key, "outcome", "ms").agg(
        count=pl.col("weight").sum(),
        took=pl.col("took").sum(),
        root=pl.col("root").any(),
        reported=(pl.col("kind") == "segment").any(),
        start=pl.col("at").min(),
        end=pl.col("at").max(),
    )


Key = tuple[Node, ...]
Rows = Mapping[Key, list[dict[str, Any]]]


def _by_key(counted: pl.DataFrame, ends: int) -> Rows:
    """The rows of each node (one end) or edge (two ends)."""
    found: defaultdict[Key, list[dict[str, Any]]] = defaultdict(list)
    sides = ("caller", "node")[-ends:]
    for row in counted.iter_rows(named=True):
        found[tuple(_node(row, side) for side in sides)].append(row)
    return found


def _node(row: Mapping[str, Any], side: str) -> Node:
    return Node(*(row[f"{side}_{part}"] or "" for part in _PARTS))


def _nodes(rows: Rows) -> dict[Node, MapNode]:
    return {node: _map_node(node, own) for (node,), own in rows.items()}


def _map_node(node: Node, rows: list[dict[str, Any]]) -> MapNode:
    unseen = NodeState.PASSIVE if node.type == REMOTE else NodeState.UNKNOWN
    state = NodeState.ACTIVE if any(row["reported"] for row in rows) else unseen
    root = any(row["root"] for row in rows)
    return MapNode(node, state, root, _counts(rows), *_bounds(rows))


def _clients(calls: pl.DataFrame) -> list[MapNode]:
    """One for each name and account of a root, whatever types the roots have."""
    entered: defaultdict[Node, list[dict[str, Any]]] = defaultdict(list)
    for (client, _), rows in _by_key(calls.filter(pl.col("caller_type") == CLIENT), 2).items():
        entered[client] += rows
    return [
        MapNode(client, NodeState.UNKNOWN, False, Counts(), *_bounds(rows))
        for client, rows in entered.items()
    ]


def _edges(rows: Rows, names: pl.DataFrame) -> list[MapEdge]:
    called: defaultdict[Key, set[str]] = defaultdict(set)
    for row in names.iter_rows(named=True):
        called[_node(row, "caller"), _node(row, "node")].add(row["alias"])
    return [
        MapEdge(source, target, _counts(own), aliases=tuple(sorted(called[source, target])))
        for (source, target), own in rows.items()
    ]


def _links(hops: pl.DataFrame) -> list[MapEdge]:
    """Hops through linked traces, with the ages of the events at their receipt."""
    found = _by_key(hops, 2)
    return [
        MapEdge(source, target, _counts(rows), link=True, ages=_ages(rows))
        for (source, target), rows in found.items()
    ]


def _ages(rows: Iterable[Mapping[str, Any]]) -> Histogram:
    counts: defaultdict[float, float] = defaultdict(float)
    for row in rows:
        if row["age_ms"] is not None:
            counts[row["age_ms"] / 1000] += row["count"]
    return _whole(counts)


def _counts(rows: list[dict[str, Any]]) -> Counts:
    done = [row for row in rows if row["ms"] is not None]
    by_outcome = dict.fromkeys(_OUTCOMES, 0.0)
    for row in done:
        by_outcome[row["outcome"]] += row["count"]
    seconds = round(sum(row["took"] for row in done) / 1e6, 3)
    whole = {name: round(count) for name, count in by_outcome.items()}
    return Counts(**whole, seconds=seconds, histogram=_histogram(done))


def _histogram(done: list[dict[str, Any]]) -> Histogram:
    many = len({row["ms"] for row in done}) > MOST_VALUES
    counts: defaultdict[float, float] = defaultdict(float)
    for row in done:
        seconds = row["ms"] / 1000
        counts[float(f"{seconds:.3g}") if many else seconds] += row["count"]
    return _whole(counts)


def _whole(counts: Mapping[float, float]) -> Histogram:
    return tuple((value, round(count)) for value, count in sorted(counts.items()))


def _bounds(rows: list[dict[str, Any]]) -> tuple[datetime, datetime]:
    """The whole seconds in which the traces started."""
    start = min(row["start"] for row in rows).astimezone(UTC)
    end = max(row["end"] for row in rows).astimezone(UTC)
    return start.replace(microsecond=0), end.replace(microsecond=0) + timedelta(seconds=1)
