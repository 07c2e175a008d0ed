"""The head of a trace, its log lines and its kinds of work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.states import Health
from app.model.time import EPOCH, epoch_ms
from app.model.traces import Outcome, Problem, Trace, w3c_id
from app.read import Reads, Scope, TraceLine
from app.read.waterfall import Operation, Waterfall, operations
from dashboards.pages.asking import traces_href
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    breadcrumbs,
    code,
    outcome_badge,
    outside,
    state_badge,
    tile,
    tiles,
)
from dashboards.parts.attributes import data

WORK = (
    Column("label", "Work", flex=3, phone=True),
    Column("service", "In", flex=2, wide=True),
    Column("count", "×", Cell.NUMBER, unit="count", width=56),
    Column("own", "Self", Cell.NUMBER, unit="milliseconds", width=84, phone=True),
    Column("share", "Of path", Cell.NUMBER, unit="percent", width=82),
    Column("longest", "Longest", Cell.NUMBER, unit="milliseconds", width=88, wide=True),
)
AROUND, NEAR = timedelta(minutes=5), timedelta(hours=6)
_MOST_PROBLEMS, _OPEN = 8, 3


def head(trace: Trace, shown: Waterfall, reads: Reads, scope: Scope, seen: Seen) -> list[Component]:
    """Which request this was, how it ended, and where else it is seen."""
    summary = trace.summary
    began = EPOCH + timedelta(microseconds=summary.start)
    request = " ".join(part for part in (summary.method, summary.url) if part)
    entry = summary.entry.name if summary.entry else ""
    facts = [
        entry if request else "",
        str(summary.status or ""),
        f"user {', '.join(summary.users[:3])}" if summary.users else "",
        ", ".join(map(reads.place_words, trace.places)),
        "cold start" if summary.cold_start else "",
        "in progress" if summary.in_progress else "",
    ]
    line = [
        outcome_badge(_outcome(trace)),
        html.Strong(request or entry or trace.trace_id, className="trace-request"),
        html.Span(" · ".join(fact for fact in facts if fact), className="muted"),
        html.Time(written.exact(began, seen.zone), className="muted"),
    ]
    return [
        breadcrumbs(("Traces", "/traces"), (trace.trace_id, "")),
        html.Div(line, className="resource-line"),
        _ways(trace, began, reads.trace_page.kind(trace, scope)),
        *_only_told(trace, reads),
        *_problems(trace.problems),
        _tiles(trace, shown),
    ]


def _outcome(trace: Trace) -> Outcome:
    summary = trace.summary
    if summary.throttle:
        return Outcome.THROTTLE
    if summary.fault:
        return Outcome.FAULT
    return Outcome.ERROR if summary.error else Outcome.OK


def _ways(trace: Trace, began: datetime, kind: str) -> Component:
    """To its logs, its kind on the map and among traces, and to X-Ray."""
    span = f"{_iso(began - AROUND)}..{_iso(began + AROUND)}"
    text = (
        "fields @timestamp, @log, @message\n"
        f'| filter @message like "{trace.trace_id}" or @message like "{w3c_id(trace.trace_id)}"\n'
        "| sort @timestamp asc"
    )
    links: list[Any] = [
        dcc.Link("Lines that name it", href=f"/logs?{urlencode({'q': text, 'range': span})}")
    ]
    if kind:
        near = f"{_iso(began - NEAR)}..{_iso(began + NEAR)}"
        links.append(dcc.Link("Others of its kind", href=traces_href(kind, span=near)))
        links.append(dcc.Link("Their map", href=traces_href(kind, span=near, page="/map")))
    if trace.place:
        region = trace.place.region
        links.append(
            outside(
                "Open in X-Ray",
                f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
                f"#xray:traces/{quote(trace.trace_id)}",
            )
        )
    return html.Div([html.P(links, className="ways"), code(trace.trace_id)], className="trace-ways")


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def _only_told(trace: Trace, reads: Reads) -> list[Component]:
    """Parts that are not drawn, because X-Ray gave a summary of them and no segments."""
    where = [reads.place_words(v.place) for v in trace.views if v.place and not v.whole]
    if not where or not trace.segments:
        return []
    words = f"Of its part in {', '.join(where)} only X-Ray's summary is stored: it is not drawn."
    return [html.P(words, className="muted")]


def _problems(problems: Sequence[Problem]) -> list[Component]:
    """What is malformed, said once at the top: what is drawn is the best that can be made of it."""
    if not problems:
        return []
    first = [html.Li(str(problem)) for problem in problems[:_MOST_PROBLEMS]]
    rest = len(problems) - len(first)
    if rest > 0:
        first.append(html.Li(f"and {rest} more"))
    count = "1 thing is" if len(problems) == 1 else f"{len(problems)} things are"
    kinds = Counter(problem.flaw.value for problem in problems).most_common()
    told = "; ".join(f"{number} × {flaw}" for flaw, number in kinds)
    words = f"{count} wrong with the documents of this trace: {told}"
    summary = html.Summary([state_badge(Health.WARNING, why=words), html.Span(f" {words}.")])
    listed = html.Ul(first, className="listed")
    return [html.Details([summary, listed], open=len(problems) <= _OPEN, className="malformed")]


def _tiles(trace: Trace, shown: Waterfall) -> Component:
    summary = trace.summary
    spans = [row for row in shown.rows if row.count == 1]
    failed = sum(row.span.outcome is not Outcome.OK for row in spans)
    waiting = max(operations(shown.rows), key=lambda one: one.path, default=None)
    gap = max((gap.end - gap.start for gap in shown.gaps), default=0)
    nodes = len(summary.services)
    return tiles(
        tile("Response time", _ms(summary.response_time), "milliseconds", note="of the root"),
        tile("Whole trace", _ms(summary.duration), "milliseconds", note=_gap_words(gap)),
        tile("Spans", len(spans), "count", note=f"in {nodes} node{'' if nodes == 1 else 's'}"),
        tile(
            "Failed spans",
            failed,
            "count",
            note="faults, errors, throttles",
            health=Health.WARNING if failed else None,
        ),
        _longest(waiting, shown),
    )


def _longest(found: Operation | None, shown: Waterfall) -> Component:
    """Which kind of work made up most of the critical path."""
    whole = sum(end - start for row in shown.rows if row.count == 1 for start, end in row.path)
    if found is None or not whole:
        return tile("Most of the time", None, note="nothing was measured")
    share = written.value(100 * found.path / whole, "percent")
    return tile("Most of the time", share, note=f"{found.label} in {found.service}")


def _gap_words(gap: int) -> str:
    if not gap:
        return "first start to last end"
    return f"longest pause {written.value(gap / 1000, 'milliseconds')}"


def _ms(us: int | None) -> float | None:
    return None if us is None else us / 1000


def waterfall_words(shown: Waterfall) -> str:
    """What stands after the title."""
    if not shown.rows:
        return ""
    return (
        "solid: its own time · striped: a pause between calls · pale: waiting for children · "
        "dark line: critical path"
    )


def lines(found: Sequence[TraceLine], shown: Waterfall) -> Component | None:
    """Log lines with their distance from the start of the trace."""
    if not found:
        return None
    return html.Div(
        [_line(n, line, shown.start) for n, line in enumerate(found)], className="trace-lines"
    )


def _line(n: int, line: TraceLine, start: int) -> Component:
    offset = epoch_ms(line.at) * 1000 - start
    sign = "+" if offset >= 0 else written.MINUS
    href = f"/logs?{urlencode({'group': line.group})}"
    return html.Div(
        [
            html.Time(f"{sign}{written.value(abs(offset) / 1000, 'milliseconds')}"),
            dcc.Link(line.group.rpartition("/")[2] or line.group, href=href, title=line.group),
            html.Span(line.message.strip(), title=line.message.strip()),
        ],
        className=f"trace-line {line.level}".rstrip(),
        **data(**{"line-of-trace": str(n), "at": str(offset)}),
    )


def lines_words(found: Sequence[TraceLine]) -> str:
    """How many lines, from how many groups, and what is wrong in them."""
    if not found:
        return ""
    groups = len({line.group for line in found})
    errors = sum(line.level == "error" for line in found)
    said = f"{len(found)} in {groups} group{'' if groups == 1 else 's'}"
    return f"{said} · {errors} error{'' if errors == 1 else 's'}" if errors else said


def work_rows(shown: Waterfall) -> list[dict[str, Any]]:
    """One row for each kind of work."""
    whole = sum(end - start for row in shown.rows if row.count == 1 for start, end in row.path)
    return [
        {
            "id": f"{one.service}/{one.label}",
            "label": one.label,
            "service": one.service,
            "count": one.count,
            "own": one.own / 1000,
            "share": 100 * one.path / whole if whole else None,
            "longest": one.longest / 1000,
        }
        for one in operations(shown.rows)
    ]


def unknown(trace_id: str) -> list[Component]:
    """The head where nothing is known."""
    return [breadcrumbs(("Traces", "/traces"), (trace_id, "")), code(trace_id)]
