"""Beside the answer: one event in full, or the values of a field, each a step further.

A button that narrows the query holds its condition; the script in ``assets`` puts
it in front of the query and runs it.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.time import Window, from_epoch_ms
from app.model.traces import xray_id
from app.read import LogQuestion, Reads, Scope, ValueCount
from dashboards.parts.attributes import data

AROUND = timedelta(seconds=30)
NEAR = timedelta(minutes=20)
"""A function runs for 15 minutes at most; its trace began so long before the line, or less."""
MOST_REQUESTS = 3
_TRACE_IDS = re.compile(r"\b1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}\b")
_REQUEST_IDS = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
LONGEST_VALUE = 300
SECONDS = 5.0
ID_FROM = 16
"""A value so long that has digits is probably an id, by which other groups can be asked."""


def event(reads: Reads, cells: dict[str, Any], zone: tzinfo) -> Component:
    """One row: its message, its fields, and the ways to what happened around it."""
    shown = {name: value for name, value in cells.items() if name != "id" and value is not None}
    message, log = shown.pop("@message", None), str(shown.get("@log", ""))
    at = shown.pop("@timestamp", None)
    parts: list[Any] = [html.H2("Event" if message is not None else "Row")]
    if at is not None:
        parts.append(html.P(html.Time(_exact(at, zone)), className="said"))
    if message is not None:
        parts.append(html.Pre(readable(str(message)), className="message"))
    parts.append(_ways(at, log))
    parts.append(_trace(reads, str(message or ""), shown, at))
    found = reads.log_page.event(str(message), log.partition(":")[2]) if message else []
    own = {name: value for name, value in shown.items() if name not in dict(found)}
    rows = [_fact(name, value) for name, value in own.items()]
    rows += [_narrowing(name, value) for name, value in found]
    parts.append(html.Div(rows, className="event-fields"))
    return html.Div(parts, className="beside")


def field(reads: Reads, about: LogQuestion, name: str) -> Component:
    """The most frequent values of a field among the events that the query lets through."""
    asked = LogQuestion(about.text, about.groups, about.scope, SECONDS, about.rows)
    found = reads.log_page.values(asked, name)
    parts: list[Any] = [html.H2([html.Code(name)])]
    if found.mistake:
        return html.Div([*parts, html.Pre(found.mistake, className="mistake")], className="beside")
    if not found.values:
        said = f"No event has it{f' within {SECONDS:g} s' if found.stopped else ''}."
        return html.Div([*parts, html.P(said, className="nothing")], className="beside")
    most = found.values[0].count
    values = [_value(each, most, found.events) for each in found.values]
    spelled = found.values[0].keep.rpartition(" = ")[0]
    return html.Div(
        [
            *parts,
            html.P(_told(found.different, found.events, len(found.values)), className="said"),
            html.Div(values, className="value-list"),
            html.Div(
                [
                    _step("Count by it", query=found.query),
                    _step("Only events that have it", narrow=f"ispresent({spelled})"),
                ],
                className="filters",
            ),
        ],
        className="beside",
    )


def readable(message: str) -> str:
    """A message that is JSON, laid out; any other as it is."""
    try:
        found = json.loads(message)
    except ValueError:
        return message
    if not isinstance(found, dict | list):
        return message
    return json.dumps(found, indent=2, ensure_ascii=False)


def _exact(at: int, zone: tzinfo) -> str:
    """To the millisecond, in the reader's zone and in UTC."""
    utc, part = from_epoch_ms(at), f"{at % 1000:03d}"
    local = utc.astimezone(zone)
    offset = local.isoformat()[-6:]
    return f"{local:%Y-%m-%d %H:%M:%S}.{part} {offset} ({utc:%H:%M:%S}.{part} UTC)"


def _ways(at: int | None, log: str) -> Component | None:
    """Links to the events around this one, in its group and everywhere."""
    if at is None:
        return None
    moment = from_epoch_ms(at)
    span = f"{_iso(moment - AROUND)}..{_iso(moment + AROUND)}"
    ascending = "fields @timestamp, @log, @message\n| sort @timestamp asc\n| limit 1000"
    group = log.partition(":")[2]
    here = {"q": ascending, "group": group, "range": span}
    everywhere = {"q": ascending, "range": span}
    links = [dcc.Link("Around it, in all groups", href=f"/logs?{urlencode(everywhere)}")]
    if group:
        links.insert(0, dcc.Link("Around it, in its group", href=f"/logs?{urlencode(here)}"))
    return html.P(links, className="ways")


def _trace(reads: Reads, message: str, cells: dict[str, Any], at: int | None) -> Component | None:
    """The trace that a line names, or that its request belongs to."""
    text = " ".join([message, *(str(value) for value in cells.values())])
    ids = [found for each in _TRACE_IDS.findall(text) if (found := xray_id(each))]
    if not ids and at is not None:
        moment = from_epoch_ms(at)
        window = Window(moment - NEAR, moment + NEAR)
        requests = dict.fromkeys(_REQUEST_IDS.findall(text))
        scope = Scope(window, reads.places, moment)
        named = (
            reads.trace_page.of_request(each, scope) for each in list(requests)[:MOST_REQUESTS]
        )
        ids = [each for each in named if each]
    links = [dcc.Link(f"Trace …{id_[-8:]}", href=f"/trace/{id_}") for id_ in dict.fromkeys(ids)]
    return html.P(links, className="ways") if links else None


def _iso(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def _fact(name: str, value: Any) -> Component:
    return html.Div([html.Code(name), html.Span(_short(value), className="value")])


def _narrowing(name: str, value: ValueCount) -> Component:
    steps = [_step("Keep", narrow=value.keep), _step("Drop", narrow=value.drop)]
    text = str(value.value)
    if _is_id(text):
        steps.append(_step("Follow", query=_following(text), everywhere=True))
    return html.Div(
        [
            html.Code(name),
            html.Span(_short(value.value), className="value", title=text),
            html.Span(steps, className="steps"),
        ]
    )


def _is_id(text: str) -> bool:
    return len(text) >= ID_FROM and any(c.isdigit() for c in text) and not set(text) & set(" :/.")


def _value(value: ValueCount, most: int, events: int) -> Component:
    share = f" · {written.value(100 * value.count / events, 'percent')}" if events else ""
    return html.Div(
        [
            html.Span(_short(value.value) or "(empty)", className="value", title=str(value.value)),
            html.Span(f"{value.count:,}{share}", className="muted count-of"),
            html.Span(
                [_step("Keep", narrow=value.keep), _step("Drop", narrow=value.drop)],
                className="steps",
            ),
            html.I(style={"width": f"{100 * value.count / most:.1f}%"}),
        ]
    )


def _told(different: int, events: int, shown: int) -> str:
    values = "1 value" if different == 1 else f"{different:,} values"
    if not events:
        return f"The {shown} most frequent of more than {different:,} values."
    top = f", the {shown} most frequent" if different > shown else ""
    return f"{values} in {events:,} events{top}."


def _following(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return (
        f"fields @timestamp, @log, @message\n| filter @message like {quoted}\n"
        "| sort @timestamp asc\n| limit 1000"
    )


def _step(words: str, *, narrow: str = "", query: str = "", everywhere: bool = False) -> Component:
    given = {"narrow": narrow} if narrow else {"query": query}
    if everywhere:
        given["everywhere"] = "yes"
    return html.Button(words, type="button", className="step", **data(**given))


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
