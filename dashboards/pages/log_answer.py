"""How the answer of a query looks: rows, events over time, fields, and marks under mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.lines import Line
from app.model.logs import FieldKind
from app.model.readings import Look, Reading
from app.read import FieldShare, Holds, LogAnswer, LogTimes, Mistake, Scope
from dashboards.figures import bars
from dashboards.parts import Cell, Column, Seen, body_answer, chart_answer, table
from dashboards.parts.attributes import data

PAGE = "logs"
PROMISE = timedelta(minutes=5)
HEIGHT = 640
MOST_FIELDS = 100
CANCELLED = "cancelled"
SYSTEM = ("@log", "@logStream")
"""Fields that every event has, and that tell one service from another."""

_KINDS = {
    FieldKind.NUMBER: "number",
    FieldKind.TEXT: "text",
    FieldKind.BOOLEAN: "true or false",
    FieldKind.MIXED: "mixed",
}


def rows(found: LogAnswer, reading: Reading[None], seen: Seen) -> list[Any]:
    """The table, or the mistake in its place, and the words after the title."""
    if found.mistake:
        drawn = html.Pre(found.mistake, className="mistake", role="alert")
        return [*body_answer(drawn, Reading(None, Look.DATA), seen), ""]
    grid = _table(found) if found.rows else None
    shown = body_answer(grid, reading, seen, empty=_nothing(found), promise=PROMISE)
    return [*shown, _detail(found)]


def over_time(
    answer: LogAnswer, found: LogTimes, reading: Reading[None], scope: Scope, seen: Seen
) -> list[Any]:
    """The chart, what it counts, and the fields."""
    line = found.line
    total = 0 if line is None else int(line.values.sum())
    look = Look.DATA if total else Look.NOTHING if reading.look is Look.DATA else reading.look
    empty = "No event matches." if answer.events + answer.left_out else "No event in this range."
    if answer.mistake:
        empty = "Waiting for a query that can be run."
    elif found.stopped:
        empty = f"Not counted: {_limit(found.stopped)}."
    problem = None if total else reading.problem
    figure = bars([line] if line is not None and total else [], window=scope.window, unit="count")
    shown = replace(reading, look=look, problem=problem, as_of=reading.as_of if total else None)
    chart = chart_answer(figure, shown, seen, empty=empty, promise=PROMISE)
    return [*chart, _counted(line, total, found.stopped), *_fields(found.fields, answer, seen)]


def marked(text: str, mistakes: Sequence[Mistake]) -> tuple[list[Any], list[Component]]:
    """The text with what is wrong underlined, and what is to be said of it."""
    parts: list[Any] = []
    at = 0
    for mistake in sorted(mistakes, key=lambda each: each.start):
        start, end = max(at, mistake.start), mistake.end
        if end <= at < len(text):  # inside one that is marked already
            continue
        wrong = text[start:end].rstrip("\n")
        parts += [text[at:start], html.Mark(wrong or " ")]
        at = start + len(wrong)
    lines = text.count("\n")
    said: list[Component] = [
        html.P(_placed(mistake, text) if lines else mistake.message, className="mistake-line")
        for mistake in mistakes
    ]
    return [*parts, text[at:]] if parts else [], said


def _placed(mistake: Mistake, text: str) -> str:
    return f"Line {text.count(chr(10), 0, mistake.start) + 1}: {mistake.message}"


def _table(found: LogAnswer) -> Component:
    names = [name for name, _ in found.columns]
    cells = [
        {"id": f"{n}", **dict(zip(names, values, strict=True))}
        for n, values in enumerate(found.rows)
    ]
    columns = [_column(name, holds) for name, holds in found.columns]
    return table(PAGE, "answer", columns, rows=cells, height=HEIGHT, clickable=True, levels=True)


def _column(name: str, holds: Holds) -> Column:
    if holds is Holds.TIME:
        precise = name.startswith("@")
        width = 128 if precise else 110
        unit = "exact" if precise else ""
        return Column(name, name, Cell.INSTANT, unit=unit, width=width, phone=True)
    if name == "@message":
        return Column(name, name, Cell.LINE, flex=6, phone=True)
    if name in ("@log", "@logStream"):
        return Column(name, name, Cell.GROUP, flex=2)
    if holds is Holds.NUMBER:
        return Column(name, name, Cell.NUMBER, unit="plain")
    return Column(name, name, Cell.LINE)


def _nothing(found: LogAnswer) -> str:
    read = found.events + found.left_out
    if found.stopped == CANCELLED:
        return "Cancelled before anything was found."
    if found.stopped:
        return f"Nothing was found before {found.stopped} was reached."
    if not read:
        return "No event in this range. Try a longer one, or other log groups."
    said = [f"No event matches. {written.value(read, 'count')} events in this range do not."]
    said += [
        f"{each[0].upper()}{each[1:]}{'' if each[-1] == '?' else '.'}" for each in found.absent
    ]
    return " ".join(said)


def _detail(found: LogAnswer) -> str:
    rows_ = "1 row" if len(found.rows) == 1 else f"{len(found.rows):,} rows"
    said = [f"the first {len(found.rows):,} rows" if found.more else rows_]
    said.append(f"{written.value(found.events, 'count')} events read")
    if found.left_out:
        said.append(f"{written.value(found.left_out, 'count')} not needed")
    if found.stopped:
        said.append(f"incomplete: {_limit(found.stopped)}")
    return " · ".join(said)


def _limit(stopped: str) -> str:
    return stopped if stopped == CANCELLED else f"{stopped} was reached"


def _counted(line: Line | None, total: int, stopped: str) -> str:
    if line is None or not total:
        return ""
    every = written.length(line.step)
    said = f"{written.value(total, 'count')} in this range, by {every}"
    return f"{said} · incomplete: {_limit(stopped)}" if stopped else said


def _fields(found: Sequence[FieldShare], answer: LogAnswer, seen: Seen) -> list[Any]:
    system = [FieldShare(name, FieldKind.TEXT, 1.0) for name in SYSTEM] if found else []
    shown = [*system, *found[:MOST_FIELDS]]
    listed = html.Ul([html.Li(_field(field)) for field in shown], className="fields")
    look = Look.NOTHING if answer.reading.look is Look.DATA else answer.reading.look
    reading = Reading(None, Look.DATA if shown else look)
    empty = "No fields were found in these events."
    return body_answer(listed if shown else None, reading, seen, empty=empty)


def _field(field: FieldShare) -> Component:
    share = written.value(min(1.0, field.share) * 100, "percent")
    return html.Button(
        [html.Code(field.name), html.Span(share, className="muted")],
        type="button",
        title=f"{field.name}: {_KINDS[field.kind]}, in {share} of the events. "
        "Click for its values.",
        **data(field=field.name),
    )
