"""One alarm: its points against its threshold, why it stands as it does, who was told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dash import ALL, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from app.model import written
from app.model.alarms import Delivery, DeliveryState, Transition
from app.model.readings import Look, Reading
from app.model.states import AlarmState
from app.read import AlarmDetail, AlarmRow, Promptness, Reads, Scope
from dashboards import ids
from dashboards.figures import StateChange, Threshold, alarm_chart, empty
from dashboards.pages import alarm_why, silencing
from dashboards.pages.asking import (
    Json,
    Now,
    alarm_edit_href,
    alarm_href,
    asked,
    resource_href,
    service_href,
)
from dashboards.pages.charts import period_words
from dashboards.pages.trace_list import traces_panel
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    body_answer,
    body_outputs,
    breadcrumbs,
    chart_answer,
    chart_outputs,
    chart_panel,
    definitions,
    link,
    nothing,
    page,
    panel,
    row,
    rule_tree,
    state_badge,
    table_answer,
    table_outputs,
    table_panel,
)

PATH, TITLE = "/alarm/<path:alarm>", "Alarm"
PAGE = "alarm"
ALARM, HEAD, RULE, CHART = "alarm:id", "alarm:head", "alarm:rule", "alarm:chart"
SERIES = "alarm:series"
TRACES = "alarm:traces"
PROMISE = timedelta(minutes=1)
HISTORY = (
    Column("at", "At", Cell.TIME, width=120),
    Column("old", "From", width=170),
    Column("new", "To", Cell.STATE, width=120),
    Column("reason", "Reason", flex=4),
    Column("prompt", "After its period", width=200),
    Column("told", "Told", flex=2),
)
CONTRIBUTORS = (
    Column("group", "Series", flex=2),
    Column("since", "In ALARM since", Cell.TIME, width=150),
    Column("reason", "Reason", flex=4),
)
POINTS = (
    Column("at", "Slot", Cell.TIME, width=120),
    Column("value", "Value", width=110),
    Column("breaching", "Breaching", width=110),
)
_WORDS = {
    DeliveryState.PENDING: "on its way",
    DeliveryState.SENT: "sent",
    DeliveryState.HELD: "held",
    DeliveryState.FAILED: "failed",
}
_STATES = {
    AlarmState.OK: "ok",
    AlarmState.ALARM: "critical",
    AlarmState.INSUFFICIENT_DATA: "no_data",
}


def title(alarm: str) -> str:
    """The alarm's name, which ends its id."""
    return alarm.split("/", 2)[-1]


def layout(alarm: str, **_: str) -> Component:
    """State and reason, the chart, evaluated points, history, definition."""
    return page(
        dcc.Store(id=ALARM, data=alarm),
        html.Div(id=HEAD, className="resource-head"),
        html.Div(id=RULE),
        html.Div(chart_panel(PAGE, "chart", "Evaluated metric", span=12, height=280), id=CHART),
        html.Div(
            table_panel(PAGE, "contributors", "Contributors in ALARM", CONTRIBUTORS, height=260),
            id=SERIES,
        ),
        html.Div(id=TRACES),
        table_panel(PAGE, "history", "History", HISTORY, height=360),
        alarm_why.panels(PAGE),
        row(
            panel(PAGE, "definition", "Definition", span=6),
            table_panel(PAGE, "points", "Evaluated points", POINTS, span=6, height=300),
        ),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """The page is read in one go, but for what takes longer."""
    alarm_why.register(app, reads, now, PAGE, ALARM)

    @app.callback(
        Output(HEAD, "children"),
        Output(RULE, "children"),
        Output(CHART, "hidden"),
        *chart_outputs(PAGE, "chart"),
        Output(ids.detail(PAGE, "chart"), "children"),
        Output(SERIES, "hidden"),
        *table_outputs(PAGE, "contributors"),
        *table_outputs(PAGE, "history"),
        *table_outputs(PAGE, "points"),
        *body_outputs(PAGE, "definition"),
        Output(TRACES, "children"),
        Input(ALARM, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
        Input(silencing.part("ended", ALL), "children"),
    )
    def show(alarm: str, view: Json, *_: Any) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, alarm, question.scope, question.seen)


def answer(reads: Reads, alarm: str, scope: Scope, seen: Seen) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    reading = reads.alarms.one(alarm, scope)
    detail = reading.value
    if detail is None:
        return _unknown(alarm, reading, scope, seen)
    points = Reading(detail.points, Look.DATA if detail.points else Look.NOTHING)
    changes = Reading(detail.history, Look.DATA if detail.history else Look.NOTHING)
    series = Reading(detail.contributors, Look.DATA if detail.contributors else Look.NOTHING)
    return [
        _head(detail, reads.place_words(detail.row.place), seen),
        _rule(detail, seen),
        detail.rule is not None,
        *chart_answer(_figure(detail, scope), reading, seen, promise=PROMISE),
        f"{detail.row.condition} · drawn at {period_words(detail.period_s)}",
        detail.contributors is None,
        *table_answer(contributors(detail), series, seen, empty="No series is in ALARM."),
        *table_answer(history(detail), changes, seen, empty="It has not changed its state yet."),
        *table_answer(
            _points(detail), points, seen, empty="The last evaluation named no single points."
        ),
        *body_answer(_definition(detail), reading, seen),
        _traces(reads, detail.row.resource, scope, seen),
    ]


def _traces(reads: Reads, arn: str, scope: Scope, seen: Seen) -> Component | None:
    """Traces of the resource that the alarm watches."""
    found = reads.inventory.resource(arn).value if arn else None
    return traces_panel(PAGE, found.resource, reads, scope, seen) if found else None


def _head(detail: AlarmDetail, place: str, seen: Seen) -> list[Component]:
    alarm = detail.row
    since = f" Since {written.at(alarm.since, seen.zone, seen.now)}." if alarm.since else ""
    told = ", ".join(alarm.channels) or "nobody"
    said = f"{alarm.severity}, {place}, tells {told}"
    ways = []
    if alarm.resource:
        ways.append(link(alarm.name_of_resource, resource_href(alarm.resource)))
    if alarm.service:
        ways.append(link("service", service_href(alarm.service)))
    return [
        breadcrumbs(("Alarms", "/alarms"), (alarm.title, "")),
        html.Div(
            [
                state_badge(alarm.health, why=alarm.reason),
                html.Span(f"{alarm.reason}{since}", className="resource-reason"),
            ],
            className="resource-line",
        ),
        html.P(alarm.problem, className="could-not-ask") if alarm.problem else html.Div(),
        html.P(
            [detail.says, *(part for way in ways for part in (" ", way))] if detail.says else ways
        ),
        html.P([said, " ", link("Change it", alarm_edit_href(alarm.id))], className="muted"),
        silencing.form(alarm, seen),
    ]


def _rule(detail: AlarmDetail, seen: Seen) -> Component | None:
    """The rule of a composite as a live tree."""
    if detail.rule is None:
        return None
    body = rule_tree(detail.rule, seen, alarm_href)
    return panel(PAGE, "rule", "Rule", body, detail="as of now", loading=False)


def _figure(detail: AlarmDetail, scope: Scope) -> dict[str, Any]:
    alarm = detail.row
    changes = [StateChange(t.at, t.new) for t in sorted(detail.transitions, key=lambda t: t.at)]
    return alarm_chart(
        detail.line,
        window=scope.window,
        threshold=_threshold(alarm),
        unit=alarm.unit,
        changes=changes,
        until=min(scope.now, scope.window.end),
        beside=detail.usual,
    )


def _threshold(alarm: AlarmRow) -> Threshold | None:
    if alarm.threshold is None:
        return None
    return Threshold(alarm.threshold, f"threshold {written.value(alarm.threshold, alarm.unit)}")


def history(detail: AlarmDetail) -> list[dict[str, Any]]:
    """The rows of the history: each change, why, how soon, and who was told."""
    return [_transition(each, detail) for each in detail.history]


def contributors(detail: AlarmDetail) -> list[dict[str, Any]]:
    """The rows of the series that are in ALARM."""
    return [
        {
            "id": each.id,
            "group": _group(each.attributes),
            "since": int(each.since.timestamp() * 1000) if each.since else None,
            "reason": each.reason,
        }
        for each in detail.contributors or ()
    ]


def _group(attributes: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in attributes.items())


def _transition(transition: Transition, detail: AlarmDetail) -> dict[str, Any]:
    own = [d for d in detail.deliveries if d.transition.id == transition.id]
    return {
        "id": str(transition.id),
        "at": int(transition.at.timestamp() * 1000),
        "old": str(transition.old),
        "new": _STATES[transition.new],
        "reason": f"{_group(transition.attributes)}: {transition.reason}"
        if transition.contributor
        else transition.reason,
        "prompt": _prompt(detail.prompt.get(transition.id)),
        "told": "; ".join(_told(d) for d in own) or written.DASH,
    }


def _prompt(found: Promptness | None) -> str:
    """How long after its last period a change was decided."""
    if found is None:
        return written.DASH
    return f"{written.length(found.after)} · {found.intervals:.1f} intervals"


def _told(delivery: Delivery) -> str:
    why = f" ({delivery.why})" if delivery.why else ""
    tries = f", {delivery.attempts} tries" if delivery.attempts > 1 else ""
    return f"{delivery.channel}: {_WORDS[delivery.state]}{why}{tries}"


def _points(detail: AlarmDetail) -> list[dict[str, Any]]:
    return [
        {
            "id": str(at),
            "at": int(point.at.timestamp() * 1000) if point.at else None,
            "value": written.value(point.value, detail.row.unit)
            if point.value is not None
            else "missing",
            "breaching": {True: "yes", False: "no", None: written.DASH}[point.breaching],
        }
        for at, point in enumerate(detail.points)
    ]


def _definition(detail: AlarmDetail) -> Component:
    put = dict(detail.put)
    dimensions = put.pop("Dimensions", None) or []
    named = {d["Name"]: d["Value"] for d in dimensions}
    shown = {k: v for k, v in put.items() if v not in (None, "", [])}
    return definitions({"Origin": detail.row.origin, **shown, **named})


def _unknown(alarm: str, reading: Reading[Any], scope: Scope, seen: Seen) -> list[Any]:
    words = f"No alarm is defined under “{alarm}”; it may have been taken out of config.yaml."
    head = [
        breadcrumbs(("Alarms", "/alarms"), (title(alarm), "")),
        nothing(words, link("All alarms", "/alarms")),
    ]
    return [
        head,
        None,
        False,
        *chart_answer(empty(scope.window), reading, seen, empty="Nothing to draw."),
        "",
        True,
        *table_answer([], reading, seen, empty="No contributors."),
        *table_answer([], reading, seen, empty="No history."),
        *table_answer([], reading, seen, empty="No points."),
        *body_answer(None, reading, seen, empty="No definition."),
        None,
    ]
