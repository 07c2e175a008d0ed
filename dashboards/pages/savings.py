"""What could cost less: findings by amount, each with its evidence and where its price is from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dash import ALL, Dash, Input, Output, State, html, no_update
from dash.development.base_component import Component

from app.model import written
from app.model.findings import Finding, FindingKind, UnitPrice
from app.model.readings import Look, Reading
from app.read import FindingRow, FindingsAnswer, Reads, Scope
from dashboards import ids
from dashboards.pages import waiving
from dashboards.pages.advice import advice_answer, advice_outputs, advice_panel
from dashboards.pages.asking import Json, Now, asked, resource_href
from dashboards.pages.commitments import commitment_answer, commitment_outputs, commitments
from dashboards.pages.spend_frame import SAVINGS, number, spend_page
from dashboards.pages.tables import moment
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    definitions,
    link,
    nothing,
    table_answer,
    table_outputs,
    table_panel,
    tile,
    tiles,
)

PATH, TITLE = SAVINGS, "Savings"
PAGE = "savings"
TILES = "savings:tiles"
PROMISE = timedelta(hours=24)
_COLUMNS = (
    Column("finding", "Finding", Cell.NAME, flex=4, phone=True),
    Column("resource", "Resource", Cell.NAME, flex=3, phone=True),
    Column("place", "Account, Region", width=196),
    Column("why", "Evidence", flex=6),
)
STANDING = (
    *_COLUMNS,
    Column("since", "First seen", Cell.TIME, width=112, wide=True),
    Column("price", "Price from", width=210, wide=True),
    Column("usd", "A month", Cell.NUMBER, unit="usd", width=96, phone=True),
)
HIDDEN = (
    *_COLUMNS,
    Column("reason", "Waived because", flex=4),
    Column("until", "Until", Cell.TIME, width=112),
    Column("usd", "A month", Cell.NUMBER, unit="usd", width=96, phone=True),
)
BLIND = (
    Column("finding", "Check", Cell.NAME, flex=3, phone=True),
    Column("place", "Account, Region", width=230),
    Column("why", "Why it could not look", flex=6, phone=True),
)


def layout(**_: str) -> Component:
    """Tiles, what stands, what is waived, and what could not be looked at."""
    return spend_page(
        PATH,
        html.Div(id=TILES, className="tiles-place"),
        table_panel(PAGE, "standing", "Findings", STANDING, height=640, clickable=True),
        advice_panel(PAGE),
        commitments(PAGE),
        table_panel(PAGE, "waived", "Waived", HIDDEN, clickable=True),
        table_panel(PAGE, "blind", "Could not look", BLIND, height=300),
        note="Amounts a month, estimated from the price beside them. At stake counts each resource "
        "once, and leaves out whole parts of the bill, such as all custom metrics.",
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """The tables, and the side panel of a finding."""
    waiving.register(app, reads, now)

    @app.callback(
        Output(TILES, "children"),
        *table_outputs(PAGE, "standing"),
        *table_outputs(PAGE, "waived"),
        *table_outputs(PAGE, "blind"),
        *advice_outputs(PAGE),
        *commitment_outputs(PAGE),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
        Input(waiving.part("said", ALL), "children"),
        Input(waiving.part("ended", ALL), "children"),
    )
    def show(view: Json, *_: Any) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, question.scope, question.seen)

    for key in ("standing", "waived"):
        _register_side(app, reads, now, key)


def _register_side(app: Dash, reads: Reads, now: Now, key: str) -> None:
    @app.callback(
        Output(ids.SIDE, "children", allow_duplicate=True),
        Input(ids.grid(PAGE, key), "cellClicked", allow_optional=True),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def open_beside(clicked: dict[str, Any] | None, view: Json) -> Any:
        if not clicked or clicked.get("colId") == "resource":
            return no_update
        question = asked(reads, now, view)
        return beside(reads, str(clicked["rowId"]), question.seen)


def answer(reads: Reads, scope: Scope, seen: Seen) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    found = reads.findings.all(scope.places, scope.now, (FindingKind.COST,))
    standing, waived, blind = found.value.rows, found.value.waived, found.value.blind
    look = found.look if standing or found.look is not Look.DATA else Look.NOTHING
    return [
        _tiles(found.value),
        *table_answer(
            [_row(reads, row) for row in standing],
            Reading(None, look, found.as_of),
            seen,
            detail=f"{len(standing)}, by amount" if standing else "",
            empty="Nothing was found that could cost less.",
            promise=PROMISE,
        ),
        *_table(reads, waived, seen, "Nothing is waived."),
        *_blind(reads, found.value, blind, seen),
        *advice_answer(reads, seen),
        *commitment_answer(reads, seen),
    ]


def beside(reads: Reads, key: str, seen: Seen) -> Component:
    """One finding: claim, evidence, amount with its price, what to do, and the waiver."""
    row = waiving.find(reads, key, seen)
    if row is None:
        return nothing("This finding does not stand any more.")
    finding = row.finding
    amount = written.value(finding.usd, "usd") if finding.usd is not None else "no price known"
    return html.Div(
        [
            html.H2(f"{row.check.title} · {finding.name}"),
            html.P([html.Strong(amount), " a month" if finding.usd is not None else ""]),
            html.P(finding.reason),
            html.P(row.check.advice),
            definitions({**_evidence(finding), **_prices(finding.prices)}),
            html.P(_ways(finding)),
            waiving.form(row, seen),
        ],
        className="beside",
    )


def _ways(finding: Finding) -> list[Any]:
    if not finding.resource.startswith("arn:"):
        return []
    return [link("Open the resource", resource_href(finding.resource))]


def _evidence(finding: Finding) -> dict[str, Any]:
    named = {_words(name): value for name, value in finding.evidence.items()}
    return {"Check": finding.check, "Severity": finding.severity.value, **named}


def _words(name: str) -> str:
    """A name of evidence in words; a usage type stays as it is."""
    return name.replace("_", " ").capitalize() if name.islower() else name


def _prices(prices: Sequence[UnitPrice]) -> dict[str, Any]:
    return {
        f"Price of {price.what}": (
            f"${price.usd.normalize():f} per {price.unit}, {price.source}, {price.at:%Y-%m-%d}"
        )
        for price in prices
    }


def _tiles(found: FindingsAnswer) -> Component:
    priced = sum(r.finding.usd is not None and not r.finding.is_of_bill for r in found.rows)
    waived = sum(float(row.finding.usd or 0) for row in found.waived)
    failed = {run.check.id for run in found.runs if run.message}
    looked = {run.check.id for run in found.runs} - failed
    return tiles(
        tile("At stake", float(found.usd), "usd", note=f"a month, by {priced} findings"),
        tile("Without a price", float(found.unpriced), "count", note="findings with no amount"),
        tile(
            "Waived",
            float(len(found.waived)),
            "count",
            note=f"{written.value(waived, 'usd')} a month",
        ),
        tile("Checks", float(len(looked)), "count", note="looked at everything"),
        tile(
            "Could not look",
            float(len(failed) + len(found.blind)),
            "count",
            note=_blind_words(len(failed), len(found.blind)),
        ),
    )


def _blind_words(checks: int, resources: int) -> str:
    if not checks and not resources:
        return "every check saw everything"
    return f"{checks} checks somewhere, {resources} resources"


def _table(reads: Reads, rows: Sequence[FindingRow], seen: Seen, empty: str) -> list[Any]:
    reading = Reading(rows, Look.DATA if rows else Look.NOTHING)
    shown = [_row(reads, row) for row in rows]
    return table_answer(shown, reading, seen, detail=f"{len(rows)}" if rows else "", empty=empty)


def _blind(
    reads: Reads, found: FindingsAnswer, rows: Sequence[FindingRow], seen: Seen
) -> list[Any]:
    """Checks that lacked an input, each reason once; then single resources."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for run in found.runs:
        if run.message:
            lacking.setdefault((run.check.title, run.message), []).append(
                reads.place_words(run.place)
            )
    shown = [
        {"id": f"{title}|{why}", "finding": title, "place": _places(places), "why": why}
        for (title, why), places in lacking.items()
    ] + [_row(reads, row) for row in rows]
    reading = Reading(shown, Look.DATA if shown else Look.NOTHING)
    said = f"{len(shown)}" if shown else ""
    return table_answer(shown, reading, seen, detail=said, empty="Every check could look.")


def _places(places: Sequence[str]) -> str:
    return places[0] + (f" and {len(places) - 1} more" if len(places) > 1 else "")


def _row(reads: Reads, row: FindingRow) -> dict[str, Any]:
    finding, waiver = row.finding, row.waiver
    arn = finding.resource if finding.resource.startswith("arn:") else ""
    return {
        "id": finding.key,
        "finding": row.check.title,
        "resource": finding.name or finding.resource,
        "resource_href": resource_href(arn) if arn else None,
        "place": reads.place_words(finding.place),
        "why": finding.reason + ("; all of it, not at stake" if _is_whole(finding) else ""),
        "since": moment(finding.first_seen),
        "price": _price_words(finding.prices),
        "usd": number(finding.usd),
        "reason": waiver.reason if waiver else "",
        "until": moment(waiver.expires) if waiver else None,
    }


def _is_whole(finding: Finding) -> bool:
    """A part of the bill as a whole, whose amount is no saving."""
    return finding.is_of_bill and finding.usd is not None


def _price_words(prices: Sequence[UnitPrice]) -> str:
    if not prices:
        return written.DASH
    return f"{prices[0].source}, {prices[0].at:%Y-%m-%d}"
