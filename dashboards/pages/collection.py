"""How collecting goes: what fails and what to do, freshness, rounds, calls and their price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from app.model import written
from app.model.groups import log_group_words
from app.model.plans import PlannedRead
from app.model.readings import Look, Reading
from app.model.rounds import MeterEntry, Round
from app.model.states import Health
from app.model.time import Window, floor
from app.read import Collection, DataSet, Reads, RoundRow, Scope, Spending
from dashboards import ids
from dashboards.figures import bars
from dashboards.pages.asking import Json, Now, asked
from dashboards.pages.log_audits import AUDIT, audits
from dashboards.pages.own_bill import OWN_BILL, own_bill
from dashboards.pages.tables import PlaceWords, moment
from dashboards.parts import (
    Attention,
    Cell,
    Column,
    Seen,
    attention,
    body_answer,
    body_outputs,
    chart_answer,
    chart_outputs,
    chart_panel,
    page,
    panel,
    row,
    table_answer,
    table_outputs,
    table_panel,
    tile,
    tiles,
)

PATH, TITLE = "/collection", "Collection"
PAGE, TILES = "collection", "collection:tiles"
DAY = timedelta(days=1)
TWICE = "Spend of an account is told twice"
MOST_NAMED = 4
"""So many groups that are held back are named; of more their number is told."""

_NAMED = ("metrics", "spend")
"""Collectors whose groups begin with their name, or need none."""

EVERY_SAYS = "How often it is read now; near the cap more rarely than the settings wish"
ROUNDS = (
    Column("state", "State", Cell.STATE, width=136, phone=True),
    Column("group", "Group", Cell.NAME, least=150, phone=True),
    Column("place", "Account, Region", width=178),
    Column("outcome", "Outcome", width=78),
    Column("finished", "Ended", Cell.TIME, width=66),
    Column("lag", "Behind", Cell.NUMBER, unit="seconds", width=108, phone=True),
    Column("every", "Every", Cell.NUMBER, unit="seconds", width=72, says=EVERY_SAYS),
    Column("took", "Took", Cell.NUMBER, unit="seconds", width=72),
    Column("rows", "Rows", Cell.NUMBER, unit="count", width=62),
    Column("calls", "Calls", Cell.NUMBER, unit="count", width=58),
)
CALLS = (
    Column("place", "Account, Region", width=196),
    Column("service", "API", flex=2, phone=True),
    Column("operation", "Operation", flex=3, phone=True),
    Column("collector", "For", width=110),
    Column("calls", "Calls", Cell.NUMBER, unit="count", width=90),
    Column("units", "Billed units", Cell.NUMBER, unit="count", width=110),
    Column("throttles", "Throttled", Cell.NUMBER, unit="count", width=100),
    Column("errors", "Errors", Cell.NUMBER, unit="count", width=80),
    Column("usd", "USD", Cell.NUMBER, unit="usd", width=100, phone=True),
)
FRESHNESS = (
    Column("state", "State", Cell.STATE, width=136),
    Column("name", "Data, every", flex=1),
    Column("place", "Account, Region", width=196),
    Column("age", "Age", Cell.NUMBER, unit="seconds", width=100),
)


def layout(**_: str) -> Component:
    """Tiles, what fails, freshness beside the bill, rounds and calls."""
    return page(
        html.Div(id=TILES, className="tiles-place"),
        panel(PAGE, "failing", "Failing or held back"),
        row(
            chart_panel(PAGE, "days", "Watchdeck's own calls", unit="USD a day", span=5),
            table_panel(PAGE, "freshness", "Freshness", FRESHNESS, span=7, height=240),
        ),
        table_panel(PAGE, "rounds", "Rounds", ROUNDS, height=560),
        table_panel(
            PAGE, "audit", "Log events of a day, held against CloudWatch's count", AUDIT, height=320
        ),
        table_panel(PAGE, "calls", "Calls this month", CALLS, height=480),
        table_panel(PAGE, "own_bill", "Own calls, held against AWS's bill", OWN_BILL, height=220),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """One callback: the page is read in one go."""

    @app.callback(
        Output(TILES, "children"),
        *body_outputs(PAGE, "failing"),
        *chart_outputs(PAGE, "days"),
        *table_outputs(PAGE, "freshness"),
        *table_outputs(PAGE, "rounds"),
        *table_outputs(PAGE, "audit"),
        *table_outputs(PAGE, "calls"),
        *table_outputs(PAGE, "own_bill"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(view: Json, _tick: int) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, question.scope, question.seen)


def answer(reads: Reads, scope: Scope, seen: Seen) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    reading = reads.collection.state(scope)
    found, words = reading.value, reads.place_words
    return [
        _tiles(found, seen),
        *_failing(found, reading, seen, words),
        *_days(found, seen),
        *table_answer([_fresh(d, seen, words) for d in found.data_sets], reading, seen),
        *table_answer(
            [_round(each, words) for each in found.rows],
            reading,
            seen,
            detail=f"{len(found.rows)} groups",
        ),
        *audits(found, reading, seen, words),
        *_calls(found, reading, seen, words),
        *own_bill(reads, seen),
    ]


def _tiles(found: Collection, seen: Seen) -> Component:
    bill = found.spending
    lags = [r.lag for r in found.rows if r.lag is not None and r.round.collector == "metrics"]
    oldest = max(lags, default=None)
    return tiles(
        tile(
            "Failing groups",
            float(len(found.failing)),
            "count",
            note=f"of {len(found.rows)}",
            health=Health.COULD_NOT_ASK if found.failing else Health.OK,
        ),
        tile(
            "Oldest metrics",
            oldest.total_seconds() if oldest is not None else None,
            "seconds",
            note="behind now",
        ),
        tile(
            "This month",
            float(bill.month_to_date),
            "usd",
            note=f"cap {written.value(bill.cap, 'usd')}",
            health=bill.health,
        ),
        tile(
            "Projected this month",
            float(bill.projected) if bill.projected is not None else None,
            "usd",
            note=_projection(bill),
        ),
        tile(
            "Collected",
            float(found.series),
            "count",
            note=f"series · {written.value(found.resources, 'count')} resources",
        ),
    )


def _projection(bill: Spending) -> str:
    if bill.projected is None:
        return "too early in the month"
    if not bill.plan:
        return "if it goes on like this"
    return "by the plan, held back" if bill.held_back else "by the plan"


def _failing(
    found: Collection, reading: Reading[Collection], seen: Seen, words: PlaceWords
) -> list[Any]:
    entries = [*(_failure(each, words) for each in found.failing), *_held_back(found, words)]
    entries += [Attention(Health.WARNING, TWICE, said) for said in found.warnings]
    calm = f"Every one of {len(found.rows)} groups answered at its last round."
    if not found.rows:
        calm = "No round has ended yet."
    body = attention(entries, seen, calm=calm)
    return body_answer(body, Reading(None, Look.DATA, reading.as_of), seen)


def _failure(failing: RoundRow, words: PlaceWords) -> Attention:
    done = failing.round
    return Attention(
        failing.health,
        f"{_group(done)} of {words(done.place)}: {failing.outcome}",
        " ".join(part for part in (done.message, failing.remedy) if part),
        failing.since,
        "",
        "",
    )


def _held_back(found: Collection, words: PlaceWords) -> Iterator[Attention]:
    """What is read more rarely than wished: how rarely, which groups, and why."""
    alike: dict[tuple[timedelta, timedelta], list[PlannedRead]] = {}
    for each in found.held_back:
        alike.setdefault((each.every, each.wished), []).append(each)
    bill = found.spending
    why = ""
    if bill.wished is not None:
        why = (
            f"At the wished intervals the month would end at {written.value(bill.wished, 'usd')}; "
            f"the cap is {written.value(bill.cap, 'usd')} (collection.budget_usd_per_month)."
        )
    for (every, wished), several in alike.items():
        named = [f"{each.group} of {words(each.place)}" for each in several[:MOST_NAMED]]
        rest = len(several) - len(named)
        groups = "1 group is" if len(several) == 1 else f"{len(several)} groups are"
        yield Attention(
            Health.WARNING,
            f"{groups} read every {written.length(every)} instead of {written.length(wished)}",
            f"{why} {', '.join(named)}{f' and {rest} more' if rest else ''}.".strip(),
            None,
            "",
            "",
        )


def _days(found: Collection, seen: Seen) -> list[Any]:
    today = floor(seen.now, DAY)
    window = Window(today - 29 * DAY, today + DAY)
    there = any(not line.empty for line in found.days)
    reading = Reading(found.days, Look.DATA if there else Look.NOTHING)
    figure = bars(found.days, window=window, unit="usd")
    return chart_answer(figure, reading, seen, empty="No call has been counted yet.")


def _fresh(data: DataSet, seen: Seen, words: PlaceWords) -> dict[str, Any]:
    return {
        "id": f"{data.name} {data.place}",
        "state": data.health.value,
        "name": f"{data.name}, {written.length(data.promise)}",
        "place": words(data.place),
        "age": (seen.now - data.as_of).total_seconds() if data.as_of else None,
    }


def _round(found: RoundRow, words: PlaceWords) -> dict[str, Any]:
    done = found.round
    return {
        "id": f"{done.collector} {done.place} {done.group}",
        "state": found.health.value,
        "state_why": done.message or None,
        "group": _group(done),
        "place": words(done.place),
        "outcome": found.outcome,
        "finished": moment(done.finished),
        "lag": found.lag.total_seconds() if found.lag is not None else None,
        "every": found.promise.total_seconds(),
        "took": (done.finished - done.started).total_seconds(),
        "rows": done.rows,
        "calls": done.calls,
    }


def _group(done: Round) -> str:
    """The group, which for most questions begins with their kind already."""
    if done.collector == "logs":
        return log_group_words(done.group)
    return done.group if done.collector in _NAMED else f"{done.collector}/{done.group}"


def _calls(
    found: Collection, reading: Reading[Collection], seen: Seen, words: PlaceWords
) -> list[Any]:
    entries = found.spending.entries
    look = Look.DATA if entries else Look.NOTHING
    return table_answer(
        [_call(each, words) for each in entries],
        Reading(entries, look, reading.as_of),
        seen,
        detail=_called(entries),
        empty="No call has been counted this month.",
    )


def _called(entries: Sequence[MeterEntry]) -> str:
    calls = sum(each.calls for each in entries)
    return f"{written.value(calls, 'count')} calls, dearest first" if calls else ""


def _call(entry: MeterEntry, words: PlaceWords) -> dict[str, Any]:
    place = entry.place
    return {
        "id": f"{place} {entry.service} {entry.operation} {entry.collector}",
        "place": words(place),
        "service": entry.service,
        "operation": entry.operation,
        "collector": entry.collector,
        "calls": entry.calls,
        "units": entry.units,
        "throttles": entry.throttles,
        "errors": entry.errors,
        "usd": float(entry.usd),
    }
