"""What one service or resource costs, on its own page: its days by usage type, and findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

from dash import Dash, Input, Output
from dash.development.base_component import Component

from app.model import written
from app.model.findings import FindingKind
from app.model.readings import Look, Reading
from app.model.spend import SpendDimension
from app.model.time import Window
from app.read import FindingsAnswer, Reads, Scope, SpendAnswer, SpendFilter, SpendQuestion
from app.read.findings import together
from dashboards import ids
from dashboards.figures import spend_bars
from dashboards.pages.asking import Json, Now, asked, named, quietly
from dashboards.pages.explorer_state import Chosen
from dashboards.pages.spend_frame import SAVINGS, number
from dashboards.pages.spend_shown import (
    PROMISE,
    bands_of,
    calendar_of,
    explained,
    floats,
    span_words,
    unsettled_from,
)
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    chart_answer,
    chart_outputs,
    chart_panel,
    link,
    row,
    table_answer,
    table_outputs,
    table_panel,
    tile,
)

DAY, WEEK = timedelta(days=1), timedelta(days=7)
TOP, TOP_ROWS = 5, 40
FINDINGS = (
    Column("finding", "Finding", Cell.NAME, flex=3, phone=True),
    Column("resource", "Resource", flex=3),
    Column("usd", "A month", Cell.NUMBER, unit="usd", width=92, phone=True),
)
Of = Callable[[Reads, str, Scope, Seen], list[Any]]


def spend_row(page: str) -> Component:
    """Days by usage type beside what could cost less."""
    return row(
        chart_panel(page, "spend", "Spend", unit="USD a day, by usage type", span=7, height=180),
        table_panel(page, "findings", "Could cost less", FINDINGS, span=5, height=230),
    )


def register(app: Dash, reads: Reads, now: Now, page: tuple[str, str], of: Of) -> None:
    """A callback of its own: health must not wait for money. ``page`` is its name and store."""
    name, store = page

    @app.callback(
        *chart_outputs(name, "spend"),
        Output(ids.detail(name, "spend"), "children"),
        *table_outputs(name, "findings"),
        Input(store, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(which: str, view: Json, _tick: int) -> list[Any]:
        question = asked(reads, now, view)
        return of(reads, which, question.scope, question.seen)


def of_service(reads: Reads, service: str, scope: Scope, seen: Seen) -> list[Any]:
    """Everything that the bill calls by the names of one service, in all accounts."""
    known = reads.catalogue.services.get(service)
    bills = known.bills if known else ()
    found = reads.findings.of_service(service, scope.places, scope.now)
    if not bills:
        empty = "The catalogue does not say what the bill calls this service."
        return [*_untold(scope, seen, empty), *_findings(found, seen)]
    where = (SpendFilter(SpendDimension.SERVICE, tuple(bills)),)
    return [*_days(reads, where, scope, seen), *_findings(found, seen)]


def of_resource(reads: Reads, arn: str, scope: Scope, seen: Seen) -> list[Any]:
    """What a bill of resources tells of one; Cost Explorer does not tell them."""
    known = reads.inventory.resource(arn).value
    if known is None:
        return [*_untold(scope, seen, "The inventory does not know it."), *_none(seen)]
    resource = known.resource
    found = reads.findings.of_resource(arn, resource.place, scope.now)
    names = tuple(dict.fromkeys((arn, resource.id)))
    where = (SpendFilter(SpendDimension.RESOURCE, names),)
    return [*_days(reads, where, scope, seen), *_findings(found, seen)]


def spend_tile(reads: Reads, bills: Sequence[str], seen: Seen) -> Component | None:
    """A day of the last seven that have a whole bill, against the seven before."""
    today = seen.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = today - DAY  # the newest day on the bill is not whole yet
    where = (SpendFilter(SpendDimension.SERVICE, tuple(bills)),)
    window = Window(end - 2 * WEEK, end)
    told = reads.spend.ask(SpendQuestion(window, where=where), seen.now).value
    if not bills or not told.slots or told.total <= 0:
        return None
    old, new = (_mean(told.totals[part]) for part in (slice(0, 7), slice(7, 14)))
    against = f"{written.change(new, old)} vs the week before" if old else "unblended"
    return tile("Spend a day", new, "usd", note=against, line=floats(told.totals))


def _mean(amounts: Sequence[Decimal | None]) -> float:
    known = [float(amount) for amount in amounts if amount is not None]
    return sum(known) / len(known) if known else 0.0


def _days(reads: Reads, where: tuple[SpendFilter, ...], scope: Scope, seen: Seen) -> list[Any]:
    window = Chosen().window(scope.window, scope.now)
    group = (SpendDimension.USAGE_TYPE,)
    question = SpendQuestion(window, group=group, where=where, top=TOP_ROWS)
    reading, empty = explained(named(reads, reads.spend.ask(question, scope.now)))
    told = reading.value
    figure = spend_bars(
        bands_of(told, lambda key: key[0], TOP),
        calendar_of(told),
        unsettled_from=unsettled_from(told),
    )
    drawn = chart_answer(figure, reading, seen, empty=empty, promise=PROMISE)
    return [*(quietly(drawn) if reading.problem else drawn), _detail(told, where)]


def _detail(told: SpendAnswer, where: tuple[SpendFilter, ...]) -> Any:
    if not told.slots:
        return ""
    chosen = replace(Chosen(by="USAGE_TYPE"), where=where)
    total = written.value(told.total, "usd")
    return [link(f"{total} unblended", chosen.href()), f", {span_words(told.question.window)}"]


def _untold(scope: Scope, seen: Seen, empty: str) -> list[Any]:
    window = Chosen().window(scope.window, scope.now)
    told = SpendAnswer(SpendQuestion(window))
    figure = spend_bars([], calendar_of(told))
    return [*chart_answer(figure, Reading(None, Look.NOTHING), seen, empty=empty), ""]


def _findings(found: Reading[FindingsAnswer], seen: Seen) -> list[Any]:
    rows = [r for r in found.value.rows if r.check.kind is FindingKind.COST]
    usd = float(together(r.finding for r in rows))
    look = Look.NOTHING if not rows and found.look is Look.DATA else found.look
    return table_answer(
        [
            {
                "id": r.finding.key,
                "finding": r.check.title,
                "finding_href": SAVINGS,
                "resource": r.finding.name,
                "usd": number(r.finding.usd),
            }
            for r in rows
        ],
        Reading(None, look, found.as_of),
        seen,
        detail=f"{len(rows)}" + (f", {written.value(usd, 'usd')} a month" if usd else "")
        if rows
        else "",
        empty="Nothing was found that could cost less.",
        promise=PROMISE,
    )


def _none(seen: Seen) -> list[Any]:
    return table_answer([], Reading(None, Look.NOTHING), seen, empty="Nothing was looked at.")
