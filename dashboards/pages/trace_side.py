"""One span in full: exceptions with their stacks, HTTP, SQL, AWS, annotations, its document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.states import Health
from app.model.time import EPOCH, epoch_ms
from app.model.traces import Annotation, Outcome, Segment, Trace, TraceSource
from app.read import Reads, Scope, TraceLine, annotation_filter, annotation_value
from dashboards.pages.asking import alarm_href, resource_href, trace_href, traces_href
from dashboards.parts import Seen, code, definitions, outcome_badge

MOST_FRAMES = 40
AROUND, NEAR = timedelta(minutes=30), timedelta(minutes=2)


def span(reads: Reads, trace: Trace, span_id: str, scope: Scope, seen: Seen) -> Component | None:
    """What opens beside the waterfall; None when there is no such span."""
    one = next((each for each in trace.walk() if each.id == span_id), None)
    if one is None:
        return None
    called = [each for each in trace.segments if each.parent_id == span_id]
    parts: list[Any] = [
        html.H2(one.name),
        html.P(" · ".join(_kinds(one)), className="muted"),
        _outcome(one),
        _ways(reads, one, scope),
        definitions({**_overview(trace, one, seen), **_collected(one, reads)}),
        *_exceptions(one),
        *_section("HTTP", _http(one)),
        *_section("SQL", dict(one.sql)),
        *_section("AWS", _plain(one.aws)),
        *_annotations(one.annotations),
        *_answers(called),
        *_links(one.links),
        *_folded("Metadata", one.metadata),
        *_folded("Document", one.document),
    ]
    return html.Div([part for part in parts if part is not None], className="beside span-side")


def line(trace: Trace, one: TraceLine, seen: Seen) -> Component:
    """A log line in full, with the way to what was logged around it."""
    first = min((each.start for each in trace.walk()), default=0)
    offset = written.value((epoch_ms(one.at) * 1000 - first) / 1000, "milliseconds")
    span_ = f"{one.at - NEAR:%Y-%m-%dT%H:%M:%S}Z..{one.at + NEAR:%Y-%m-%dT%H:%M:%S}Z"
    owner = next((each for each in trace.walk() if each.id == one.span), None)
    facts = {
        "Logged": f"{written.exact(one.at, seen.zone)}, +{offset}",
        "Group": one.group,
        "Level": one.level,
        "During": owner.name if owner is not None else "",
    }
    href = f"/logs?{urlencode({'group': one.group, 'range': span_})}"
    return html.Div(
        [
            html.H2("Log line"),
            html.P([dcc.Link("What was logged around it", href=href)], className="ways"),
            definitions({name: value for name, value in facts.items() if value}),
            html.H3("Message"),
            html.Pre(_pretty(one.message), className="message"),
        ],
        className="beside span-side",
    )


def _pretty(message: str) -> str:
    """JSON on lines of its own, anything else as it is."""
    try:
        found = json.loads(message)
    except ValueError:
        return message.strip()
    return json.dumps(found, indent=2, ensure_ascii=False)


def _ways(reads: Reads, one: Segment, scope: Scope) -> Component | None:
    """To metrics, logs and alarms of where it ran, at that time."""
    about = reads.trace_page.around(one.node.name, scope, one.node.account)
    began = EPOCH + timedelta(microseconds=one.start)
    span_ = f"{began - AROUND:%Y-%m-%dT%H:%M:%S}Z..{began + AROUND:%Y-%m-%dT%H:%M:%S}Z"
    ways: list[Any] = []
    if about.arn:
        href = f"{resource_href(about.arn)}?{urlencode({'range': span_})}"
        ways.append(dcc.Link(f"Metrics of {one.node.name}", href=href))
    ways += [
        dcc.Link(f"Logs in {group}", href=f"/logs?{urlencode({'group': group, 'range': span_})}")
        for group in about.log_groups
    ]
    firing = [each for each in about.alarms if each.health in (Health.CRITICAL, Health.WARNING)]
    ways += [dcc.Link(f"Alarm {each.title}", href=alarm_href(each.id)) for each in firing]
    return html.P(ways, className="ways") if ways else None


def _kinds(one: Segment) -> list[str]:
    said = [one.kind.value, one.node.type or one.origin or "", one.namespace or ""]
    return list(dict.fromkeys(each for each in said if each))


def _outcome(one: Segment) -> Component | None:
    if one.outcome is Outcome.OK:
        return None
    return html.P(outcome_badge(one.outcome))


def _overview(trace: Trace, one: Segment, seen: Seen) -> dict[str, Any]:
    first = min((each.start for each in trace.walk()), default=one.start)
    began = EPOCH + timedelta(microseconds=one.start)
    took = None if one.duration is None else written.value(one.duration / 1000, "milliseconds")
    found: dict[str, Any] = {
        "Began": f"{written.exact(began, seen.zone)}, "
        f"+{written.value((one.start - first) / 1000, 'milliseconds')}",
        "Took": took or "not over yet",
        "In": one.node.name,
        "Operation": one.aws.get("operation"),
        "User": one.user,
        "Resource": one.resource_arn,
        "Version": one.service.get("version"),
        "Span id": one.id,
    }
    return {name: value for name, value in found.items() if value}


_SOURCES = {
    TraceSource.XRAY: "X-Ray",
    TraceSource.OTLP: "the application",
    TraceSource.AWS_SPANS: "Transaction Search",
}


def _collected(one: Segment, reads: Reads) -> dict[str, Any]:
    """From whom it came, and the account and Region that it was collected in."""
    place = one.collected.place
    where = f", {reads.place_words(place)}" if place else ""
    return {"Collected from": f"{_SOURCES[one.collected.source]}{where}"}


def _exceptions(one: Segment) -> list[Component]:
    found = one.exceptions
    if not found and isinstance(one.cause, str):
        return [html.H3("Exception"), html.P(["Recorded as ", code(one.cause), " elsewhere."])]
    return [part for each in found for part in _exception(each)]


def _exception(each: Mapping[str, Any]) -> list[Component]:
    remote = " (came from downstream)" if each.get("remote") else ""
    given = each.get("stack")
    frames = given if isinstance(given, list) else []
    stack = [frame for frame in frames if isinstance(frame, Mapping)]
    lines = [_frame(frame) for frame in stack[:MOST_FRAMES]]
    truncated = each.get("truncated")
    left_out = truncated if isinstance(truncated, int) and truncated > 0 else 0
    left_out += max(0, len(stack) - MOST_FRAMES)
    if left_out:
        lines.append(f"… {left_out} more frames")
    return [
        html.H3(f"{each.get('type') or 'Exception'}{remote}"),
        html.Pre(str(each.get("message") or "no message"), className="message failed"),
        *([html.Pre("\n".join(lines), className="message stack")] if lines else []),
    ]


def _frame(frame: Mapping[str, Any]) -> str:
    place = f"{frame.get('path') or '?'}:{frame.get('line') or '?'}"
    return f"{frame['label']} ({place})" if frame.get("label") else place


def _http(one: Segment) -> dict[str, Any]:
    names = {
        "Method": one.request.get("method"),
        "URL": one.request.get("url"),
        "Status": one.response.get("status"),
        "Length": _bytes(one.response.get("content_length")),
        "User agent": one.request.get("user_agent"),
        "Client": one.request.get("client_ip"),
    }
    return {name: value for name, value in names.items() if value is not None}


def _bytes(count: Any) -> str | None:
    return written.value(count, "bytes") if isinstance(count, int | float) else None


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Keys in words; what is nested stays as it is and is folded."""
    return {name.replace("_", " "): value for name, value in values.items()}


def _section(title: str, facts: Mapping[str, Any]) -> list[Component]:
    return [html.H3(title), definitions(facts)] if facts else []


def _annotations(found: Mapping[str, Annotation]) -> list[Component]:
    if not found:
        return []
    rows = [
        html.Div(
            [
                html.Code(key),
                html.Span(annotation_value(value), className="value"),
                dcc.Link(
                    "Traces with it",
                    href=traces_href(annotation_filter(key, value)),
                    className="step",
                ),
            ]
        )
        for key, value in sorted(found.items())
    ]
    return [html.H3("Annotations"), html.Div(rows, className="event-fields")]


def _answers(called: Sequence[Segment]) -> list[Component]:
    """The segments that answered this call."""
    if not called:
        return []
    rows = [html.Li(f"{each.name} · {each.node.type or each.kind.value}") for each in called]
    return [html.H3("Answered by"), html.Ul(rows, className="listed")]


def _links(links: Iterable[Mapping[str, Any]]) -> list[Component]:
    ids = [str(each["trace_id"]) for each in links if each.get("trace_id")]
    if not ids:
        return []
    rows = [html.Li(dcc.Link(id_, href=trace_href(id_))) for id_ in dict.fromkeys(ids)]
    return [html.H3("Linked traces"), html.Ul(rows, className="listed")]


def _folded(title: str, found: Mapping[str, Any]) -> list[Component]:
    if not found:
        return []
    text = json.dumps(found, indent=2, ensure_ascii=False, default=str)
    return [
        html.Details([html.Summary(title), html.Pre(text, className="message")], className="folded")
    ]
