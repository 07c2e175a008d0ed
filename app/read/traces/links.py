"""Hops between traces, and the names that callers call a service by."""

from __future__ import annotations

import polars as pl

_PARTS = ("account", "name", "type")
_NODE = [f"node_{part}" for part in _PARTS]
_CALLER = [f"caller_{part}" for part in _PARTS]


def links(spans: pl.LazyFrame) -> pl.DataFrame:
    """Segments that received an event from another trace, by both nodes, outcome and times.

    The sender is the queue that the linked span called, else the node of the span itself. The
    event is as old as from the end of the linked span to the start of the receiver.
    """
    received = (
        spans.filter(pl.col("links").list.len() > 0)
        .select(
            *_NODE,
            "start",
            "duration",
            "error",
            "fault",
            "throttle",
            "root",
            "at",
            "kind",
            "weight",
            "links",
        )
        .explode("links")
        .unnest("links")
        .filter(pl.col("trace_id") != "")
        .collect(engine="streaming")
    )
    hops = (
        _sent(received.lazy(), spans)
        if received.height
        else received.lazy().with_columns(pl.lit(None).alias(name) for name in (*_CALLER, "sent"))
    )
    return _grouped(hops).collect(engine="streaming")


def _sent(received: pl.LazyFrame, spans: pl.LazyFrame) -> pl.LazyFrame:
    """What was received with its sender, and when that had sent it."""
    wanted = received.select("trace_id", "span_id").unique()
    sent = spans.select("trace_id", "span_id", *_NODE, "start", "duration").join(
        wanted, on=["trace_id", "span_id"], how="semi"
    )
    answers = (
        spans.filter(pl.col("kind") == "inferred")
        .select("trace_id", pl.col("parent_id").alias("span_id"), "start", *_NODE)
        .join(wanted, on=["trace_id", "span_id"], how="semi")
    )
    # What answered the call itself took the message too: it is no sender, a queue is one.
    answered = (
        answers.sort("start", *_NODE)
        .unique(["trace_id", "span_id"], keep="first", maintain_order=True)
        .drop("start")
    )
    senders = sent.join(answered, on=["trace_id", "span_id"], how="left", suffix="_of_answer")
    sender = {
        f"caller_{part}": pl.coalesce(f"node_{part}_of_answer", f"node_{part}") for part in _PARTS
    }
    ended = (pl.col("start") + pl.col("duration").fill_null(0)).alias("sent")
    named = senders.select("trace_id", "span_id", ended, **sender)
    return received.join(named, on=["trace_id", "span_id"])


def _grouped(hops: pl.LazyFrame) -> pl.LazyFrame:
    age = pl.max_horizontal(pl.lit(0), pl.col("start") - pl.col("sent"))
    known = hops.with_columns(
        outcome=outcome(),
        ms=(pl.col("duration") + 500) // 1000,
        age_ms=(age + 500) // 1000,
    )
    return known.group_by(*_CALLER, *_NODE, "outcome", "ms", "age_ms").agg(
        count=pl.col("weight").fill_null(1.0).sum(),
        took=(pl.col("duration") * pl.col("weight").fill_null(1.0)).sum(),
    )


def outcome(prefix: str = "") -> pl.Expr:
    """What a span, or with a prefix its call, counts as: throttle before fault before error."""
    throttled = pl.when(f"{prefix}throttle").then(pl.lit("throttle"))
    failed = throttled.when(f"{prefix}fault").then(pl.lit("fault"))
    return failed.when(f"{prefix}error").then(pl.lit("error")).otherwise(pl.lit("ok"))


def aliases(spans: pl.LazyFrame) -> pl.LazyFrame:
    """Names of calls that a service answered itself under another name."""
    answers = spans.filter(
        (pl.col("kind") == "segment") & pl.col("caller_name").is_not_null()
    ).select("trace_id", pl.col("parent_id").alias("span_id"), *_CALLER, *_NODE)
    calls = spans.filter(pl.col("namespace").is_not_null() & (pl.col("kind") == "subsegment"))
    named = calls.select("trace_id", "span_id", alias="name")
    both = answers.join(named, on=["trace_id", "span_id"])
    return (
        both.filter(pl.col("alias") != pl.col("node_name"))
        .select(*_CALLER, *_NODE, "alias")
        .unique()
    )
