"""How traces are shown on their page: tiles, points, rows of the list, and what some share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Look, Reading
from app.model.states import Health
from app.model.time import epoch_ms
from app.model.traces import Outcome
from app.read import Chosen, Common, Shared, TraceRow, TracesFound
from dashboards.figures import Point
from dashboards.pages.asking import trace_href
from dashboards.parts import Cell, Column, histogram, tile, tiles
from dashboards.parts.attributes import data

COLUMNS = (
    Column("state", "Ended", Cell.OUTCOME, width=104, phone=True),
    Column("request", "Request", Cell.NAME, flex=4, phone=True),
    Column("status", "Status", Cell.NUMBER, unit="plain", width=72),
    Column("response", "Response", Cell.NUMBER, unit="milliseconds", width=98, phone=True),
    Column("at", "Began", Cell.INSTANT, width=124),
    Column("entry", "Entry", flex=2, wide=True),
    Column("services", "Nodes", Cell.NUMBER, unit="count", width=72, wide=True),
    Column("user", "User", flex=1, wide=True),
    Column("notes", "Notes", flex=2),
)
TROUBLE = (Outcome.FAULT, Outcome.ERROR, Outcome.THROTTLE)


def tiles_of(found: TracesFound) -> Component:
    """How many, how many of them failed, how long they took."""
    total = found.matching
    note = f"of {written.value(found.scanned, 'count')} sampled"
    counts = {outcome: found.outcomes.get(outcome, 0) for outcome in Outcome}
    failed = [
        tile(
            title,
            written.value(100 * counts[outcome] / total, "percent") if total else None,
            note=f"{written.value(counts[outcome], 'count')} sampled traces",
            health=health if counts[outcome] else None,
        )
        for title, outcome, health in (
            ("Faults", Outcome.FAULT, Health.CRITICAL),
            ("Errors and throttles", Outcome.ERROR, Health.WARNING),
        )
    ]
    times = found.percentiles
    return tiles(
        tile("Traces", total, "count", note=note),
        *failed,
        tile("Response p50", times.get("p50"), "milliseconds", note="of the root segment"),
        tile("Response p95", times.get("p95"), "milliseconds", note=_p99(times.get("p99"))),
    )


def _p99(ms: float | None) -> str:
    return "" if ms is None else f"p99 {written.value(ms, 'milliseconds')}"


def points(rows: Sequence[TraceRow]) -> list[tuple[Point, list[Any]]]:
    """What is drawn, and what the pointer tells of it."""
    return [
        (
            Point(row.at, row.response_ms, row.outcome.value),
            [
                row.trace_id,
                epoch_ms(row.at),
                row.response_ms,
                row.outcome.value,
                f"{row.request} {row.status or ''}".strip(),
            ],
        )
        for row in rows
        if row.response_ms is not None
    ]


def spread(found: TracesFound) -> Component | None:
    """The histogram of all that passed."""
    if found.spread is None:
        return None
    return histogram(found.spread, tuple(found.percentiles.items()))


def cells(row: TraceRow) -> dict[str, Any]:
    """A row of the list."""
    notes = [
        words
        for words, is_so in (
            ("in progress", row.response_ms is None),
            ("cold start", bool(row.cold_start)),
            (f"malformed: {'; '.join(row.flaws)}", bool(row.flaws)),
        )
        if is_so
    ]
    return {
        "id": row.trace_id,
        "state": row.outcome.value,
        "request": row.request,
        "request_href": trace_href(row.trace_id),
        "status": row.status,
        "response": row.response_ms,
        "at": epoch_ms(row.at),
        "entry": row.entry,
        "services": row.services,
        "user": row.user,
        "notes": ", ".join(notes),
    }


def is_chosen(row: TraceRow, chosen: Chosen | None) -> bool:
    """Whether a trace lies in the box that was drawn."""
    if chosen is None:
        return True
    ms = row.response_ms
    if (chosen.low_ms is not None or chosen.high_ms is not None) and ms is None:
        return False
    return (
        (chosen.start is None or row.at >= chosen.start)
        and (chosen.end is None or row.at <= chosen.end)
        and (chosen.low_ms is None or (ms or 0.0) >= chosen.low_ms)
        and (chosen.high_ms is None or (ms or 0.0) <= chosen.high_ms)
    )


def chosen_words(chosen: Chosen | None, zone: tzinfo) -> str:
    """ "14:05:10 to 14:20:00, 840 ms to 2.3 s"."""
    if chosen is None:
        return ""
    said = []
    if chosen.start is not None and chosen.end is not None:
        start, end = (at.astimezone(zone) for at in (chosen.start, chosen.end))
        said.append(f"{start:%H:%M:%S} to {end:%H:%M:%S}")
    if chosen.low_ms is not None and chosen.high_ms is not None:
        low, high = (written.value(ms, "milliseconds") for ms in (chosen.low_ms, chosen.high_ms))
        said.append(f"{low} to {high}")
    return f"Chosen: {', '.join(said)}"


def points_words(found: TracesFound, *, log: bool) -> str:
    """What stands after the title of the points."""
    said = ["drag to choose, click to open"]
    if len(found.rows) < found.matching:
        said.insert(0, f"{len(found.rows):,} of {found.matching:,}: failed, slowest, some others")
    if log:
        said.append("log")
    return " · ".join(said) if found.rows else ""


def list_words(found: TracesFound, listed: int) -> str:
    """How many the list holds."""
    if not found.rows:
        return ""
    few = f"{listed:,} of {found.matching:,}" if listed < found.matching else f"{listed:,}"
    return f"{few} sampled, newest first"


def mistake_or(mistake: str, empty: Any) -> Any:
    """The drawn mistake in the place of the list."""
    return html.Pre(mistake, className="mistake", role="alert") if mistake else empty


def without_data(reading: Reading[None]) -> Reading[None]:
    """The reading where there is nothing to show."""
    return replace(reading, look=Look.NOTHING) if reading.look is Look.DATA else reading


def common_part(found: Common) -> Component:
    """Each thing that many of the chosen have and few of the others, with the way to keep it."""
    if not found.shared:
        said = "Nothing tells them from the others." if found.others else "There are no others."
        return html.P(said, className="nothing")
    told = (
        f"{found.which[:1].upper()}{found.which[1:]}: {found.chosen:,} against {found.others:,} "
        "other sampled traces. What they have more often:"
    )
    return html.Div(
        [
            html.P(told, className="said"),
            html.Div([_shared(one) for one in found.shared], className="shared"),
        ]
    )


def _shared(one: Shared) -> Component:
    inside, outside = (written.value(100 * share, "percent") for share in (one.inside, one.outside))
    keep = (
        html.Button("Keep", type="button", className="step", title=one.keep, **data(keep=one.keep))
        if one.keep
        else None
    )
    return html.Div(
        [
            html.Div(
                [
                    html.Span(
                        one.kind if one.key in ("", one.kind) else one.key, className="muted"
                    ),
                    html.Span(one.value, className="value", title=one.value),
                    keep,
                ],
                className="shared-name",
            ),
            html.Div(
                [
                    html.I(style={"width": f"{100 * one.inside:.1f}%"}),
                    html.I(className="others", style={"width": f"{100 * one.outside:.1f}%"}),
                ],
                className="shared-bars",
            ),
            html.Div(f"{inside} of these, {outside} of the others", className="shared-told"),
        ]
    )
