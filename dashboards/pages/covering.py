"""One recommended alarm of one resource in the side panel: why, how tight, and the switch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import MATCH, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from app.model import written
from app.model.alarms import Choice, Switch
from app.model.time import Window
from app.read import Cover, CoverDetail, Reads, Scope
from app.read.guarding import GUARDED
from dashboards.figures import Threshold, timeseries
from dashboards.pages.asking import Now, alarm_href, author, resource_href
from dashboards.parts import Seen, chart, link, nothing

WORDS = {
    Cover.ON: "On",
    Cover.OTHER: "Own alarm",
    Cover.COMING: "Coming",
    Cover.LEAVING: "Leaving",
    Cover.OFF: "Off",
    Cover.IMPOSSIBLE: "Not possible",
    Cover.NOT_FOR_IT: "Not for it",
}
_CHOSEN = {Choice.ON: "on", Choice.OFF: "off", Choice.CONFIGURED: "back to config.yaml"}
_HOLDS = "It holds from the next evaluation on."
Id = dict[str, str]


def part(name: str, key: Any) -> dict[str, Any]:
    """Ids of the switch's parts, told apart by the alarm."""
    return {"page": "covering", "part": name, "key": key}


def beside(reads: Reads, id_: str, scope: Scope, seen: Seen) -> Component:
    """The side panel of one cell."""
    detail = reads.coverage.one(id_, scope)
    if detail is None:
        return nothing("This alarm is not recommended any more.")
    guard, alarm, resource = detail.guard, detail.guard.advice.alarm, detail.guard.advice.resource
    title = f"{alarm.title[:1].upper()}{alarm.title[1:]}"
    ways = [link("Open the resource", resource_href(resource.arn))]
    if guard.alarm:
        ways.insert(0, link("Open the alarm", alarm_href(guard.alarm)))
    return html.Div(
        [
            html.H2(f"{title} · {resource.name or resource.id}"),
            html.P([html.Strong(WORDS[guard.cover]), f". {guard.why}"]),
            html.P(f"{alarm.says} {_from(detail)}"),
            html.P(detail.condition, className="muted") if detail.condition else None,
            *_history(detail, seen),
            _switches(detail) if guard.advice.put else None,
            _record(detail.switches, seen),
            html.P([part for way in ways for part in (way, " ")]),
        ],
        className="beside",
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Each button answers with a sentence beside it."""

    @app.callback(
        Output(part("said", MATCH), "children"),
        Input(part("on", MATCH), "n_clicks"),
        Input(part("suggested", MATCH), "n_clicks"),
        Input(part("off", MATCH), "n_clicks"),
        Input(part("back", MATCH), "n_clicks"),
        State(part("limit", MATCH), "data"),
        State(part("comment", MATCH), "value"),
        State(part("on", MATCH), "id"),
        prevent_initial_call=True,
    )
    def switch(*given: Any) -> Any:
        clicks, (threshold, comment, own) = given[:4], given[4:]
        names = ("on", "suggested", "off", "back")
        pressed = next((n for n, c in zip(names, clicks, strict=True) if c), "")
        if not pressed:
            return no_update
        limit = float(threshold) if pressed == "suggested" and threshold is not None else None
        return switched(reads, own["key"], pressed, (comment or "", limit), now())


def switched(
    reads: Reads, id_: str, pressed: str, said: tuple[str, float | None], now: datetime
) -> str:
    """Write the choice down, and say what it does."""
    comment, limit = said
    choice = {"off": Choice.OFF, "back": Choice.CONFIGURED}.get(pressed, Choice.ON)
    reads.coverage.choose([id_], choice, (author(), comment.strip()), now, limit)
    told = {
        Choice.ON: "Switched on.",
        Choice.OFF: "Switched off.",
        Choice.CONFIGURED: "Left to config.yaml.",
    }
    return f"{told[choice]} {_HOLDS}"


def _from(detail: CoverDetail) -> str:
    source = detail.guard.advice.alarm.source
    return "Recommended by AWS." if source == "aws" else "Recommended by Watchdeck."


def _history(detail: CoverDetail, seen: Seen) -> list[Component]:
    """What the alarm would have seen, with the suggested threshold or else its own."""
    line, suggestion = detail.line, detail.suggestion
    why = html.P(suggestion.why) if suggestion.why else None
    if line is None:
        return [why] if why else []
    limit = suggestion.threshold if suggestion.threshold is not None else detail.threshold
    word = "suggested" if suggestion.threshold is not None else "threshold"
    shown = (
        Threshold(limit, f"{word} {written.value(limit, detail.unit)}")
        if limit is not None
        else None
    )
    end = line.start + line.step * len(line.values)
    window = Window(line.start, max(end, seen.now))
    figure = timeseries([line], window=window, threshold=shown)
    drawn = chart("covering", "history", height=180, figure=figure)
    return [drawn, *([why] if why else [])]


def _switches(detail: CoverDetail) -> Component:
    """What can be chosen; buttons that make no sense now are there, hidden, for the callback."""
    guard, key = detail.guard, detail.guard.advice.id
    on = guard.cover in GUARDED and guard.cover is not Cover.OTHER
    suggested = detail.suggestion.threshold
    at = written.value(suggested, detail.unit) if suggested is not None else ""
    chosen = guard.switch is not None and guard.switch.choice is not Choice.CONFIGURED
    set_to = f"{'Set to' if on else 'Switch on at'} {at}"
    own = detail.threshold is not None and f" at {written.value(detail.threshold, detail.unit)}"
    return html.Div(
        [
            dcc.Store(id=part("limit", key), data=suggested),
            dcc.Input(
                id=part("comment", key),
                placeholder="Why? It stays on record.",
                className="input",
                maxLength=300,
                debounce=False,
            ),
            html.Div(
                [
                    _button("on", key, f"Switch on{own or ''}", shown=not on),
                    _button("suggested", key, set_to, shown=suggested is not None),
                    _button("off", key, "Switch off", shown=on),
                    _button("back", key, "Leave to config.yaml", shown=chosen),
                ],
                className="buttons",
            ),
            html.Span(id=part("said", key), role="status", className="said"),
        ],
        className="switch-form",
    )


def _button(name: str, key: str, text: str, *, shown: bool) -> Component:
    return html.Button(
        text, id=part(name, key), className="button", type="button", hidden=not shown
    )


def _record(switches: Sequence[Switch], seen: Seen) -> Component | None:
    if not switches:
        return None
    return html.Ul([html.Li(_choice(each, seen)) for each in switches], className="listed")


def _choice(switch: Switch, seen: Seen) -> str:
    because = f": {switch.comment}" if switch.comment else ""
    when = written.at(switch.at, seen.zone, seen.now)
    return f"{when} {_CHOSEN[switch.choice]}, by {switch.author}{because}"
