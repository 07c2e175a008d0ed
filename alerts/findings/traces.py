"""What traces cannot show: services without tracing, hops where a trace ends, thin sampling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from alerts.findings.base import Outcome, Rule, fine, found, skipped
from alerts.findings.facts import Facts
from app.model.findings import Check, FindingKind, FindingSeverity, FindingStatus
from app.model.groups import TRACE_SETUP, TRACES
from app.model.ids import Resource
from app.model.service_map import MapNode, ServiceMap
from app.model.time import Window
from app.model.traces import XRAY, Node
from app.read.scope import Scope
from app.read.traces.graph import service_map
from app.read.traces.places import in_places
from app.read.traces.sampling import sampling

LOOKED_AT = timedelta(hours=6)
_PASSES_ON = ("AWS::SQS", "AWS::SNS", "AWS::Events", "AWS::Kinesis")
_FEW = 10
_RARE = 1000
"""One error in so many requests is what sampling should still show."""

_EVEN = 0.5


def _functions(facts: Facts) -> Iterator[Outcome]:
    """A function is traced when it is switched on, or when a traced caller passes it on."""
    # A call names the service alone: the code is there only if the function is traced.
    seen = _seen(facts, "AWS::Lambda::Function") | _reporting(facts, "AWS::Lambda")
    for function in facts.listed("lambda", "function"):
        mode = str((function.configuration.get("TracingConfig") or {}).get("Mode") or "PassThrough")
        if mode == "Active" or function.name in seen:
            yield fine(function)
            continue
        reason = "its requests leave no trace: active tracing is off, and no caller passes one on"
        yield found(function, reason, {"tracing mode": mode})


def _apis(facts: Facts) -> Iterator[Outcome]:
    """Only stages of REST APIs can be traced by X-Ray."""
    seen = _seen(facts, "AWS::ApiGateway")
    for stage in facts.listed("apigateway", "rest-stage"):
        is_on = stage.configuration.get("tracingEnabled") is True
        if is_on or stage.name.replace(" / ", "/") in seen:
            yield fine(stage)
        else:
            reason = "tracing of the stage is off: traces begin behind it, without its own time"
            yield found(stage, reason, {"tracingEnabled": False})
    for kind in ("http-stage", "websocket-stage"):
        for stage in _known(facts, "apigateway", kind):
            yield skipped(stage, "X-Ray cannot trace HTTP and WebSocket APIs; trace their function")


def _cut(facts: Facts) -> Iterator[Outcome]:
    """A queue or topic that many requests reach, and behind which no trace goes on."""
    drawn = _drawn(facts)
    onward, met = {edge.source for edge in drawn.edges}, _met(facts)
    for each in drawn.nodes:
        if not each.node.type.startswith(_PASSES_ON) or each.node not in met:
            continue
        arn, name = _arn(facts, each), _tail(each.node.name)
        count = met[each.node]  # not what they stand for: one whole trace may for a hundred
        if each.node in onward:
            yield Outcome(arn, name, FindingStatus.OK)
        elif count < _FEW:
            yield Outcome(arn, name, FindingStatus.SKIP, f"fewer than {_FEW} traces reach it")
        else:
            reason = (
                f"{count} whole traces of 6 hours end at it: what takes from it is not traced, "
                "or does not link to the sender"
            )
            yield Outcome(
                arn, name, FindingStatus.ALARM, reason, {"type": each.node.type, "traces": count}
            )


def _sampling(facts: Facts) -> Iterator[Outcome]:
    """Of an error in a thousand requests, is there a trace on most days?"""
    facts.require_round("traces", TRACE_SETUP)
    counts = _counts(facts)
    for rule in _known(facts, XRAY, "sampling_rule"):
        requests, sampled = (counts.get((rule.name, n), 0.0) for n in _COUNTED)
        if requests < _RARE:
            yield skipped(rule, f"it met fewer than {_RARE} requests in a day")
            continue
        share, errors = min(1.0, sampled / requests), requests / _RARE
        chance = 1 - (1 - share) ** errors
        if chance >= _EVEN:
            yield fine(rule)
            continue
        reason = (
            f"{share:.2%} of {requests:,.0f} requests of a day were sampled: of an error in "
            f"{_RARE} requests there is a trace on {chance:.0%} of days"
        )
        yield found(rule, reason, {"requests a day": round(requests), "sampled": round(sampled)})


_COUNTED = ("RequestCount", "SampledCount")
_MINUTES_A_DAY = 1_440


def _counts(facts: Facts) -> dict[tuple[str, str], float]:
    """Requests that each rule meets and keeps in a day, after the minutes that are known."""
    window = Window(facts.now - timedelta(days=1), facts.now)
    scope = Scope(window, (facts.place,), facts.now)
    return {
        (one.rule, name): total / one.minutes * _MINUTES_A_DAY
        for one in sampling(facts.books.store, scope)
        for name, total in zip(_COUNTED, (one.requests, one.sampled), strict=True)
    }


def _seen(facts: Facts, kind: str) -> set[str]:
    """The names of services of a kind that took part in any trace."""
    rows = in_places(facts.books.store.traces.traces(_window(facts)), [facts.place])
    node = pl.col("services").struct
    # A trace may have gone on in another account, to a service of the same name.
    is_here = node.field("account").is_in(["", facts.place.account])
    is_one = node.field("type").str.starts_with(kind) & is_here
    names = rows.select("services").explode("services").filter(is_one)
    return set(names.select(node.field("name").unique()).collect(engine="streaming").to_series())


def _reporting(facts: Facts, kind: str) -> set[str]:
    """The names of services of a kind that sent segments: not those that only a caller names."""
    rows = _of_place(facts, facts.books.store.traces.spans(_window(facts)))
    told = rows.filter(pl.col("kind") == "segment", pl.col("node_type").str.starts_with(kind))
    names = told.select(pl.col("node_name").unique()).collect(engine="streaming").to_series()
    return set(names)


def _drawn(facts: Facts) -> ServiceMap:
    spans = in_places(facts.books.store.traces.spans(_window(facts)), [facts.place])
    drawn = service_map(spans)
    if not drawn.nodes:
        facts.require_round("traces", TRACES)
    return drawn


def _met(facts: Facts) -> dict[Node, int]:
    """In how many whole traces a node took part here, not where they went on in another place."""
    rows = _of_place(facts, facts.books.store.traces.spans(_window(facts)))
    columns = ("node_account", "node_name", "node_type")
    counted = rows.group_by(*columns).agg(pl.col("trace_id").n_unique())
    return {Node(*node): count for *node, count in counted.collect(engine="streaming").iter_rows()}


def _of_place(facts: Facts, rows: pl.LazyFrame) -> pl.LazyFrame:
    place = facts.place
    return rows.filter(pl.col("account") == place.account, pl.col("region") == place.region)


def _window(facts: Facts) -> Window:
    return Window(facts.now - LOOKED_AT, facts.now)


def _known(facts: Facts, service: str, kind: str) -> list[Resource]:
    """Resources that are there; none at all is nothing to say."""
    found_ = facts.books.store.resources.find(service=service, kind=kind, places=[facts.place])
    return sorted(found_, key=lambda each: each.name)


def _arn(facts: Facts, each: MapNode) -> str:
    name = each.node.name
    if name.startswith("arn:"):
        return name
    service = (
        "sqs" if each.node.type.startswith("AWS::SQS") else each.node.type.split("::")[1].lower()
    )
    return f"arn:aws:{service}:{facts.place.region}:{facts.place.account}:{_tail(name)}"


def _tail(name: str) -> str:
    """The last part of the address of a queue or of the ARN of a topic."""
    return re.split("[/:]", name.rstrip("/"))[-1]


def _check(id_: str, title: str, severity: str, advice: str, service: str = "") -> Check:
    kind = FindingKind.OBSERVABILITY
    return Check(id_, title, kind, FindingSeverity(severity), advice, service)


RULES = (
    Rule(
        _check(
            "LAM-24",
            "No tracing",
            "info",
            "Set the tracing mode to Active, or call it from something that is traced.",
            "lambda",
        ),
        _functions,
    ),
    Rule(
        _check(
            "XRY-01",
            "API without tracing",
            "info",
            "Switch X-Ray tracing on for the stage.",
            "apigateway",
        ),
        _apis,
    ),
    Rule(
        _check(
            "XRY-02",
            "Traces end at an integration",
            "low",
            "Trace what takes from it; X-Ray then links the trace of the sender.",
        ),
        _cut,
    ),
    Rule(
        _check(
            "XRY-03",
            "Sampling too thin for errors",
            "low",
            "Raise the rate or the reservoir of the rule, or give errors a rule of their own.",
        ),
        _sampling,
    ),
)
