"""Savings Plans and reservations by day: how much they cover, and how much of them is used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import Output
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Look, Reading
from app.model.spend import FactKind, SpendFact
from app.model.time import Window
from app.read import Reads
from dashboards import ids
from dashboards.figures import Band, Calendar, spend_lines
from dashboards.pages.asking import quietly
from dashboards.pages.spend_shown import PROMISE, span_words
from dashboards.parts import Seen, chart_answer, chart_outputs, chart_panel, row

KINDS = {
    "plans": (
        "Savings Plans",
        FactKind.SAVINGS_PLANS_COVERAGE,
        FactKind.SAVINGS_PLANS_UTILIZATION,
        "No Savings Plan in these accounts.",
    ),
    "reservations": (
        "Reservations",
        FactKind.RESERVATION_COVERAGE,
        FactKind.RESERVATION_UTILIZATION,
        "No reservation in these accounts.",
    ),
}


def commitments(page: str) -> Component:
    """A chart for each kind of commitment."""
    return row(
        *(
            chart_panel(page, key, title, unit="% by day", span=6, height=180)
            for key, (title, *_) in KINDS.items()
        )
    )


def commitment_outputs(page: str) -> list[Output]:
    """Filled by :func:`commitment_answer`."""
    return [
        output
        for key in KINDS
        for output in (*chart_outputs(page, key), Output(ids.detail(page, key), "children"))
    ]


def commitment_answer(reads: Reads, seen: Seen) -> list[Any]:
    """Coverage and use, in the order of the outputs."""
    found = []
    for _, coverage, utilization, empty in KINDS.values():
        covered, used = reads.spend.facts(coverage), reads.spend.facts(utilization)
        found += [*_chart(covered, used, seen, empty), _detail(covered.value, used.value)]
    return found


def _chart(
    covered: Reading[tuple[SpendFact, ...]],
    used: Reading[tuple[SpendFact, ...]],
    seen: Seen,
    empty: str,
) -> list[Any]:
    calendar = _calendar((*covered.value, *used.value), seen.now)
    bands = [
        Band(name, _by_day(facts.value, calendar))
        for name, facts in (("covered", covered), ("used", used))
        if facts.value
    ]
    best = covered if covered.look is Look.DATA else used
    answer = chart_answer(
        spend_lines(bands, calendar, unit="percent"), best, seen, empty=empty, promise=PROMISE
    )
    return quietly(answer) if best.problem else answer


def _calendar(facts: Sequence[SpendFact], now: datetime) -> Calendar:
    days = [_day(fact) for fact in facts]
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = min(days, default=today - timedelta(days=30))
    return Calendar.days(Window(first, max(days, default=today) + timedelta(days=1)))


def _by_day(facts: Sequence[SpendFact], calendar: Calendar) -> list[float | None]:
    known = {_day(fact): float(fact.content.get("percent") or 0.0) for fact in facts}
    return [known.get(start) for start in calendar.starts]


def _day(fact: SpendFact) -> datetime:
    return datetime.fromisoformat(str(fact.content["day"])).replace(tzinfo=UTC)


def _detail(covered: Sequence[SpendFact], used: Sequence[SpendFact]) -> str:
    """What was paid for and not used, where AWS tells it."""
    days = [*covered, *used]
    if not days:
        return ""
    unused = sum(float(str(fact.content.get(name) or 0)) for fact in used for name in _UNUSED)
    start, end = min(map(_day, days)), max(map(_day, days)) + timedelta(days=1)
    return f"{span_words(Window(start, end))} · {written.value(unused, 'usd')} unused"


_UNUSED = ("unused", "unused_cost")
