"""Free allowances: how much of each is used, when it will be used up, and what follows then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Look
from app.model.spend import FactKind, SpendFact
from app.model.states import Health
from app.read import FreeMeter, Reads
from dashboards import ids
from dashboards.pages.asking import Json, Now, asked, banner, named
from dashboards.pages.meter_cells import AHEAD, STATE, USED, meter_cells, meter_column
from dashboards.pages.money_table import money_table
from dashboards.pages.spend_frame import FREE_TIER, number, spend_page
from dashboards.pages.spend_names import short, unit_words
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    table_outputs,
    table_panel,
    tile,
    tiles,
)

PATH, TITLE = FREE_TIER, "Free tier"
PAGE = "free-tier"
TILES, BANNER = "free-tier:tiles", "free-tier:banner"
COLUMNS = (
    STATE,
    Column("service", "Service", Cell.NAME, width=128, phone=True),
    Column("says", "Allowance", flex=5),
    meter_column(136, phone=True),
    Column("used", "Used of it", width=172),
    replace(USED, wide=True),
    replace(AHEAD, wide=True),
    Column("ends", "Used up", width=124),
    Column("usd", "Then costs", Cell.NUMBER, unit="usd", width=104,
           says="What the use beyond the allowance will cost by the end of the month"),
    Column("kind", "Kind", width=120, wide=True),
)  # fmt: skip


def layout(**_: str) -> Component:
    """Tiles, then a meter for each allowance, the nearest to its end first."""
    return spend_page(
        PATH,
        html.Div(id=BANNER, className="banner"),
        html.Div(id=TILES, className="tiles-place"),
        table_panel(PAGE, "meters", "Allowances", COLUMNS, height=720),
        note="As AWS counts it, up to a day late. Use beyond an allowance is charged.",
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """One callback for tiles and table."""

    @app.callback(
        Output(BANNER, "children"),
        Output(TILES, "children"),
        *table_outputs(PAGE, "meters"),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(view: Json, _tick: int) -> list[Any]:
        return answer(reads, asked(reads, now, view).seen)


def answer(reads: Reads, seen: Seen) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    found = named(reads, reads.costs.free_tier(seen.now))
    plans = reads.spend.facts(FactKind.ACCOUNT_PLAN).value
    meters = sorted(found.value, key=_nearness)
    table = money_table(
        [_row(each, seen) for each in meters],
        found,
        seen,
        f"{len(meters)}, the nearest to its end first" if meters else "",
        "AWS names no free allowance for these accounts.",
    )
    return [
        banner(found, seen),
        _tiles(reads, meters, plans, seen) if found.look is Look.DATA else None,
        *table,
    ]


def _nearness(meter: FreeMeter) -> tuple[float, float]:
    """What is used up first, then what will be, then by share."""
    return (-max(meter.share, meter.forecast_share or 0.0), -meter.share)


def _tiles(
    reads: Reads, meters: Sequence[FreeMeter], plans: Sequence[SpendFact], seen: Seen
) -> Component:
    over = [each for each in meters if each.health is Health.CRITICAL]
    near = [each for each in meters if each.health is Health.WARNING]
    ending = min(
        (each for each in near if each.exhausted_at), key=lambda m: m.days_left or 0.0, default=None
    )
    cost = sum(float(each.cost_over or 0) for each in meters)
    return tiles(
        tile(
            "Used up",
            float(len(over)),
            "count",
            note=f"of {len(meters)} allowances",
            health=Health.CRITICAL if over else None,
        ),
        tile(
            "Nearly used",
            float(len(near)),
            "count",
            note="80 %, or gone this month",
            health=Health.WARNING if near else None,
        ),
        tile(
            "Next to end",
            _left(ending) if ending else "none",
            note=_named(ending) if ending else "all others last the month",
        ),
        tile("Beyond the allowances", cost, "usd", note="by the end of this month"),
        _plan(reads, plans, seen),
    )


def _plan(reads: Reads, plans: Sequence[SpendFact], seen: Seen) -> Component:
    """The plan of the account that pays; AWS tells credits only for some."""
    if not plans:
        return tile("Account plan", "unknown", note="AWS has not told it")
    told = plans[0].content
    said = [dict(reads.accounts).get(str(told.get("account")), str(told.get("account")))]
    if told.get("credits"):
        said.append(f"{written.value(float(str(told['credits'])), 'usd')} credits left")
    if told.get("expires"):
        said.append(f"until {str(told['expires'])[:10]}")
    return tile("Account plan", str(told.get("type") or "unknown").lower(), note=" · ".join(said))


def _left(meter: FreeMeter) -> str:
    days = meter.days_left or 0.0
    return written.ago(timedelta(days=days)) if days < 1 else f"{days:.0f}{written.NBSP}d"


def _named(meter: FreeMeter) -> str:
    return f"{short(meter.allowance.service)}, {unit_words(meter.allowance.unit)}"


def _row(meter: FreeMeter, seen: Seen) -> dict[str, Any]:
    own = meter.allowance
    ahead = meter.forecast_share
    return {
        "id": f"{own.service}|{own.usage_type}|{own.region}|{own.kind}|{own.description}",
        "service": short(own.service),
        "says": own.description,
        **meter_cells(
            meter.health,
            _why(meter, seen),
            100 * meter.share,
            None if ahead is None else 100 * ahead,
        ),
        "used": f"{_amount(own.used)} of {_amount(own.limit)} {unit_words(own.unit)}",
        "ends": _ends(meter, seen),
        "usd": number(meter.cost_over) if (ahead or 0.0) > 1 else None,
        "kind": own.kind,
    }


def _amount(value: float) -> str:
    return written.value(value, "count")


def _ends(meter: FreeMeter, seen: Seen) -> str:
    if meter.exhausted_at is None:
        return "lasts"
    day = written.day(meter.exhausted_at)
    return day if meter.exhausted_at <= seen.now else f"{day}, in {_left(meter)}"


def _why(meter: FreeMeter, seen: Seen) -> str:
    if meter.health is Health.OK:
        return "It lasts the month as things go."
    if meter.share >= 1:
        since = f" since {written.day(meter.exhausted_at)}" if meter.exhausted_at else ""
        return f"Used up{since}; more is charged. {meter.price_said}".strip()
    return f"{written.value(100 * meter.share, 'percent')} used; ends {_ends(meter, seen)}."
