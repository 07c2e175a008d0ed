"""What cannot be on the service map, and why: said, so that absence is not taken for health."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.model.ids import Resource
from app.model.service_map import NodeState, ServiceMap

_ASYNCHRONOUS = frozenset(
    {"AWS::SQS::Queue", "AWS::SQS", "AWS::SNS", "AWS::SNS::Topic", "AWS::Events", "AWS::Kinesis"}
)
_NAMED = 4


def unseen(graph: ServiceMap, resources: Iterable[Resource]) -> tuple[str, ...]:
    """Sentences, each about one kind of blindness."""
    known = sorted(resources, key=lambda each: each.name or each.id)
    said = [
        _told("Functions without active tracing: {}.", _untraced_functions(known)),
        _told("REST stages without tracing: {}.", _untraced_stages(known)),
        _told(
            "X-Ray cannot trace HTTP and WebSocket APIs: requests to {} begin at what they call.",
            [each.name for each in known if each.kind in ("http-stage", "websocket-stage")],
        ),
        _told(
            "What takes from {}: a trace ends there unless its consumer is traced and linked.",
            _dead_ends(graph),
        ),
        _told(
            "What happens inside {}: only their callers tell of them.",
            [each.node.name for each in graph.nodes if each.state is NodeState.PASSIVE],
        ),
        "Requests that no sampling rule chose.",
    ]
    return tuple(words for words in said if words)


def _untraced_functions(known: Sequence[Resource]) -> list[str]:
    return [
        each.name or each.id
        for each in known
        if each.service == "lambda"
        and isinstance(tracing := each.configuration.get("TracingConfig"), dict)
        and tracing.get("Mode") != "Active"
    ]


def _untraced_stages(known: Sequence[Resource]) -> list[str]:
    return [
        each.name or each.id
        for each in known
        if each.service == "apigateway"
        and each.configuration.get("Protocol") == "REST"
        and each.configuration.get("tracingEnabled") is not True
    ]


def _dead_ends(graph: ServiceMap) -> list[str]:
    """Queues and topics on the map that lead nowhere."""
    after = {edge.source for edge in graph.edges}
    return [
        each.node.name
        for each in graph.nodes
        if each.node.type in _ASYNCHRONOUS and each.node not in after
    ]


def _told(words: str, names: Sequence[str]) -> str:
    tails = list(dict.fromkeys(_tail(name) for name in names))
    if not tails:
        return ""
    shown = ", ".join(tails[:_NAMED])
    more = len(tails) - _NAMED
    return words.format(f"{shown} and {more} more" if more > 0 else shown)


def _tail(name: str) -> str:
    """Of a URL or an ARN what tells it apart."""
    if "://" in name:
        return name.rstrip("/").rpartition("/")[2]
    return name.rpartition(":")[2] if name.startswith("arn:") else name
