"""Log groups that are kept for ever, that suddenly take in more, or that hold nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import numpy as np

from alerts.findings.base import Outcome, Rule, cost_check
from alerts.findings.facts import NO_COST, Cost, Facts
from app.model.findings import FindingStatus
from app.model.logs import LogGroup, LogGroupKey
from app.model.sizes import BYTES_A_GB, billed_gb
from app.model.time import epoch_ms

_A_DAY, _SURGE, _LEAST = BYTES_A_GB, 3.0, 50e6
_MONTH = timedelta(days=30)
_DAY_MS = 86_400_000
_BEFORE = 7
_LOGS = "AmazonCloudWatch"
_EDGE = "/aws/lambda/us-east-1."


def _for_ever(facts: Facts) -> Iterator[Outcome]:
    """Without a retention CloudWatch keeps, and bills, every event for ever."""
    for group in facts.log_groups():
        if group.retention_days is not None:
            yield outcome(group, FindingStatus.OK)
            continue
        stored = group.stored_bytes
        evidence = {"retention": "never expires", "stored bytes": stored, "class": group.log_class}
        reason = f"its events never expire; {billed_gb(stored):.2f} GB are stored"
        cost = facts.cost("TimedStorage-ByteHrs", billed_gb(stored), "GB-month of logs", _LOGS)
        yield outcome(group, FindingStatus.ALARM, reason, evidence, cost)


def _edge(facts: Facts) -> Iterator[Outcome]:
    """Lambda@Edge writes to the Region nearest to each reader, so its groups are everywhere."""
    for group in facts.log_groups():
        if not group.key.name.startswith(_EDGE) or group.retention_days is not None:
            yield outcome(group, FindingStatus.OK)
            continue
        stored = group.stored_bytes
        evidence = {"retention": "never expires", "stored bytes": stored}
        function = group.key.name.removeprefix(_EDGE)
        reason = f"the edge function {function} logs here, and its events never expire"
        cost = facts.cost("TimedStorage-ByteHrs", billed_gb(stored), "GB-month of logs", _LOGS)
        yield outcome(group, FindingStatus.ALARM, reason, evidence, cost)


def _surge(facts: Facts) -> Iterator[Outcome]:
    """More than a gigabyte a day, or three times what came before; only collected groups."""
    bytes_of = _bytes_a_day(facts)
    for group in facts.log_groups():
        days = bytes_of.get(group.key)
        if days is None:
            yield outcome(group, FindingStatus.SKIP, "its events are not collected here")
            continue
        newest, usual = float(days[-1]), float(np.median(days[:-1]))
        surges = newest >= _LEAST and usual > 0 and newest >= _SURGE * usual
        if newest < _A_DAY and not surges:
            yield outcome(group, FindingStatus.OK)
            continue
        more = f", {newest / usual:.1f} times the usual" if usual else ""
        reason = f"took in {billed_gb(newest):.2f} GB in a day{more}"
        evidence = {"bytes of the last day": round(newest), "usual bytes a day": round(usual)}
        a_month = billed_gb(newest) * 30
        cost = facts.cost("DataProcessing-Bytes", a_month, "GB of logs taken in", _LOGS)
        yield outcome(group, FindingStatus.ALARM, reason, evidence, cost)


def _empty(facts: Facts) -> Iterator[Outcome]:
    """A month old and without a byte: what wrote it is gone, or may not write."""
    for group in facts.log_groups():
        if group.created is None or facts.now - group.created < _MONTH:
            yield outcome(group, FindingStatus.SKIP, "it is younger than 30 days")
        elif group.stored_bytes == 0:
            evidence = {"stored bytes": 0, "created": group.created.date().isoformat()}
            reason = "holds nothing, and is older than 30 days"
            yield outcome(group, FindingStatus.ALARM, reason, evidence)
        else:
            yield outcome(group, FindingStatus.OK)


def _bytes_a_day(facts: Facts) -> dict[LogGroupKey, np.ndarray]:
    """About how many bytes came to each group in each of the last days, the newest last.

    From what the catalog knows of segments: events of a segment count as spread over the
    time between the first and the last one, and as long as the others in it.
    """
    end = epoch_ms(facts.now)
    edges = end - _DAY_MS * np.arange(_BEFORE + 1, -1, -1)
    names = {id_: key for key, id_ in facts.books.store.logs.ids().items()}
    days: dict[int, np.ndarray] = {}
    for one in facts.books.store.logs.segments(int(edges[0]), end):
        groups = one.facts.groups
        size = groups["rows"] * (one.facts.raw_bytes / max(1, one.segment.rows))
        spread = size[:, None] * _spread(groups["first"], groups["last"], edges)
        for id_, row in zip(groups["group"].tolist(), spread, strict=True):
            days[id_] = days[id_] + row if id_ in days else row
    there = ((names[id_], row) for id_, row in days.items() if id_ in names)
    return {key: row for key, row in there if key.place == facts.place}


def _spread(first: np.ndarray, last: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The share of each stretch of time that lies in each day: stretches x days."""
    start = np.asarray(first, dtype=np.int64)[:, None]
    length = np.maximum(1, np.asarray(last, dtype=np.int64)[:, None] - start + 1)
    inside = np.minimum(edges[1:], start + length) - np.maximum(edges[:-1], start)
    return np.asarray(np.clip(inside, 0, None) / length)


def outcome(
    group: LogGroup,
    status: FindingStatus,
    reason: str = "",
    evidence: Mapping[str, object] | None = None,
    cost: Cost = NO_COST,
) -> Outcome:
    """How a log group came out."""
    name = group.key.name
    place = group.key.place
    arn = (
        group.arn.removesuffix(":*")
        or f"arn:aws:logs:{place.region}:{place.account}:log-group:{name}"
    )
    return Outcome(arn, name, status, reason, evidence or {}, cost)


RULES = (
    Rule(
        cost_check(
            "CFR-08",
            "Log group of an edge function never expires",
            "medium",
            "Set a retention in every Region that has such a group.",
        ),
        _edge,
    ),
    Rule(
        cost_check(
            "CW-01",
            "Log group never expires",
            "medium",
            "Set a retention; ask how old a log line may be and still help somebody.",
        ),
        _for_ever,
    ),
    Rule(
        cost_check(
            "CW-02",
            "Log group takes in a lot",
            "high",
            "Log less: no whole request bodies, no DEBUG in production, a sample of what repeats.",
        ),
        _surge,
    ),
    Rule(
        cost_check(
            "CW-16",
            "Empty log group",
            "low",
            "Delete it, or see whether what should write to it is allowed to.",
        ),
        _empty,
    ),
)
