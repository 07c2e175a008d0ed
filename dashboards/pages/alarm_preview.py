"""What the form of an alarm would have done: chart, figures and the traps it stands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from alerts.lint import Finding
from alerts.rehearse import Comparison, Rehearsal
from alerts.writing import Draft, Preview, Writer
from app.model import written
from app.model.readings import Look, Reading
from app.model.time import Window
from app.read import Reads, Scope
from app.read.alarm_words import unit_of
from dashboards.figures import StateChange, Threshold, empty, rehearsal_chart
from dashboards.pages.alarm_form import places
from dashboards.parts import Seen, body_answer, chart_answer, definitions, listed

LONG = timedelta(days=7)
"""A rehearsal is never shorter: pages per week of an hour would be a guess."""

NO_TRAP = "It stands in no known trap."
MOST_DRAWN = 200
"""Changes of state that are marked on the chart, the newest ones."""


def answer(reads: Reads, draft: Draft, scope: Scope, seen: Seen) -> list[Any]:
    """Chart, figures and traps of what stands in the form."""
    end = min(scope.now, scope.window.end)
    window = Window(min(scope.window.start, end - LONG), end)
    found = writer_of(reads).preview(draft, window, scope.now)
    rehearsal = found.rehearsal
    if rehearsal is None:
        nothing = Reading(None, Look.NOTHING)
        missing = listed(found.problems)
        return [
            *chart_answer(empty(scope.window), nothing, seen, empty="Fill in the form."),
            *body_answer(missing, Reading(None, Look.DATA), seen),
            *body_answer(None, nothing, seen, empty="Nothing to look at yet."),
        ]
    there = Reading(rehearsal, Look.NOTHING if rehearsal.problem else Look.DATA)
    told = Reading(found, Look.DATA)
    traps = Reading(found, Look.DATA if found.findings else Look.NOTHING)
    return [
        *chart_answer(_figure(reads, found, rehearsal, scope), there, seen, empty=_said(rehearsal)),
        *body_answer(_figures(found, rehearsal), told, seen),
        *body_answer(
            traps_listed(found.findings), traps, seen, empty="It stands in no known trap."
        ),
    ]


def writer_of(reads: Reads) -> Writer:
    """Writes to the store that the readers read."""
    return Writer(reads.store, reads.catalogue, places(reads), reads.channels, reads.unusual)


def _figure(reads: Reads, found: Preview, rehearsal: Rehearsal, scope: Scope) -> dict[str, Any]:
    put = rehearsal.put
    known = reads.catalogue.metric(str(put.get("Namespace")), str(put.get("MetricName")))
    unit = unit_of(put, known.unit if known else "")
    limit = put.get("Threshold")
    threshold = (
        None
        if limit is None
        else Threshold(float(limit), f"threshold {written.value(limit, unit)}")
    )
    return rehearsal_chart(
        rehearsal.line,
        rehearsal.bounds,
        window=scope.window,
        threshold=threshold,
        changes=[StateChange(c.at, c.new) for c in rehearsal.changes[-MOST_DRAWN:]],
        falling=str(put.get("ComparisonOperator")).startswith("Less"),
        until=rehearsal.window.end,
        unit=unit,
    )


def _figures(found: Preview, rehearsal: Rehearsal) -> Component:
    """How often and how long, beside the alarm as it is."""
    before = found.before
    rows = {
        "Looked at": written.length(rehearsal.window.length),
        "Judged every": written.length(rehearsal.every),
        "Pages": _beside(_pages, rehearsal, before),
        "Pages a week": _beside(_rate, rehearsal, before),
        "In ALARM": _beside(_span, rehearsal, before),
        "Could not ask": written.length(rehearsal.unasked) if rehearsal.unasked else "",
    }
    return definitions(
        {name: value for name, value in rows.items() if value} | _compared(found.beside)
    )


def _compared(beside: Comparison | None) -> dict[str, str]:
    if beside is None:
        return {}
    return {
        "Raised by both": str(len(beside.both)),
        "Only as it is": str(len(beside.only_first)),
        "Only as written here": str(len(beside.only_second)),
    }


def _beside(
    words: Callable[[Rehearsal], str], rehearsal: Rehearsal, before: Rehearsal | None
) -> str:
    return words(rehearsal) + ("" if before is None else f" (as it is: {words(before)})")


def _pages(rehearsal: Rehearsal) -> str:
    return str(rehearsal.pages)


def _rate(rehearsal: Rehearsal) -> str:
    rate = rehearsal.pages_per_week
    return written.DASH if rate is None else f"{rate:.1f}"


def _span(rehearsal: Rehearsal) -> str:
    return written.length(rehearsal.in_alarm) if rehearsal.in_alarm else "never"


def _said(rehearsal: Rehearsal) -> str:
    return f"{rehearsal.problem[:1].upper()}{rehearsal.problem[1:]}"


def traps_listed(findings: Sequence[Finding]) -> Component | None:
    """Each trap with its way out; None where there is none."""
    if not findings:
        return None
    return listed(
        [html.Strong(f"{each.weight.capitalize()}: "), f"{each.says} {each.fix}"]
        for each in findings
    )
