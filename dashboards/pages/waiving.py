"""The form that hides a finding for a reason and a time, and the end of such a waiver."""

from __future__ import annotations

from datetime import datetime, timedelta

from dash import Dash, html
from dash.development.base_component import Component

from app.model import written
from app.read import FindingRow, Reads
from dashboards.pages.asking import Now, author
from dashboards.pages.with_reason import WithReason
from dashboards.parts import Seen

SPANS = {
    "30d": ("30 days", timedelta(days=30)),
    "90d": ("90 days", timedelta(days=90)),
    "365d": ("1 year", timedelta(days=365)),
}
WAIVE = WithReason(
    "waive",
    "Waive",
    "Why is it right as it is?",
    {value: words for value, (words, _) in SPANS.items()},
    "90d",
)
part = WAIVE.part


def form(row: FindingRow, seen: Seen) -> Component:
    """Waive with an end and a reason; where a waiver runs, what it says and a way to end it."""
    waiver = row.waiver
    if waiver is None:
        return WAIVE.form(row.finding.key)
    until = written.at(waiver.expires, seen.zone, seen.now)
    words = f"Until {until}, by {waiver.author}: {waiver.reason}"
    stands = html.P("It stands in config.yaml.", className="said")
    return WAIVE.running("Waived", words, WAIVE.end_button(waiver.id) if waiver.id else stands)


def register(app: Dash, reads: Reads, now: Now) -> None:
    """Start and end waivers."""
    WAIVE.register(app, reads, now, started, ended)


def started(reads: Reads, key: str, span: str, reason: str, seen: Seen) -> str:
    """Hide the finding, or say what is missing."""
    row = find(reads, key, seen)
    if row is None:
        return "This finding does not stand any more."
    until = seen.now + SPANS.get(span, SPANS["90d"])[1]
    try:
        reads.findings.waive(row.finding, reason, author(), seen.now, until)
    except ValueError as error:
        return str(error)
    return f"Waived until {written.at(until, seen.zone, seen.now)}."


def ended(reads: Reads, waiver: str, now: datetime) -> str:
    """End a waiver by its number."""
    reads.findings.end_waiver(int(waiver), now)
    return "The waiver has ended."


def find(reads: Reads, key: str, seen: Seen) -> FindingRow | None:
    """The finding of that key, waived or not."""
    found = reads.findings.all(reads.places, seen.now).value
    rows = (*found.rows, *found.waived, *found.blind)
    return next((row for row in rows if row.finding.key == key), None)
