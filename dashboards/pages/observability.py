"""What watching costs: by kind, by log group that takes in, by namespace of custom metrics."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from app.model import written
from app.model.readings import Look
from app.read import (
    GroupCost,
    NamespaceCost,
    Observability,
    ObservabilityKind,
    Reads,
    Scope,
    SpendFilter,
)
from dashboards import ids
from dashboards.pages.asking import Json, Now, asked, banner, explore_href, named
from dashboards.pages.explorer_found import filters
from dashboards.pages.explorer_state import Chosen
from dashboards.pages.money_table import money_table
from dashboards.pages.spend_frame import OBSERVABILITY, UNBLENDED, number, spend_page
from dashboards.pages.spend_shown import span_words
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    row,
    table_outputs,
    table_panel,
    tile,
    tiles,
)

PATH, TITLE = OBSERVABILITY, "Observability cost"
PAGE = "observability"
TILES, BANNER = "observability:tiles", "observability:banner"
TABLES = ("kinds", "namespaces", "groups")
KINDS = (
    Column("name", "What", Cell.NAME, flex=4, phone=True),
    Column("share", "Share", Cell.SHARE, width=160),
    Column("usd", "Spend", Cell.NUMBER, unit="usd", width=100, phone=True),
)
NAMESPACES = (
    Column("name", "Namespace", Cell.NAME, flex=4, phone=True),
    Column("metrics", "Metrics", Cell.NUMBER, unit="count", width=90, phone=True),
    Column("usd", "A month", Cell.NUMBER, unit="usd", width=100, phone=True),
)
GROUPS = (
    Column("name", "Log group", Cell.NAME, flex=5, phone=True),
    Column("place", "Account, Region", width=196),
    Column("bytes", "Taken in", Cell.NUMBER, unit="bytes", width=100),
    Column("share", "Share of all", Cell.SHARE, width=150),
    Column("usd", "Taking in", Cell.NUMBER, unit="usd", width=96, phone=True),
    Column("stored", "Stored, a month", Cell.NUMBER, unit="usd", width=124),
    Column("kept", "Kept", width=116),
)


def layout(**_: str) -> Component:
    """Tiles, kinds beside namespaces, log groups."""
    return spend_page(
        PATH,
        html.Div(id=BANNER, className="banner"),
        html.Div(id=TILES, className="tiles-place"),
        row(
            table_panel(PAGE, "kinds", "What it is spent on", KINDS, span=6, height=420),
            table_panel(PAGE, "namespaces", "Custom metrics", NAMESPACES, span=6, height=420),
        ),
        table_panel(PAGE, "groups", "Log groups", GROUPS, height=560),
        note=(
            "Kinds are as billed. Log groups and namespaces share out what was billed by what "
            f"they took in and published, so they are estimates. {UNBLENDED}"
        ),
    )


def register(app: Dash, reads: Reads, now: Now) -> None:
    """One callback: the page is read in one go."""

    @app.callback(
        Output(BANNER, "children"),
        Output(TILES, "children"),
        *(output for key in TABLES for output in table_outputs(PAGE, key)),
        Input(ids.VIEW, "data"),
        Input(ids.TICK, "data"),
    )
    def show(view: Json, _tick: int) -> list[Any]:
        question = asked(reads, now, view)
        return answer(reads, question.scope, question.seen, filters(view))


def answer(
    reads: Reads, scope: Scope, seen: Seen, where: tuple[SpendFilter, ...] = ()
) -> list[Any]:
    """Everything that the page shows, in the order of the outputs."""
    window = Chosen().window(scope.window, scope.now)
    found = named(reads, reads.costs.observability(window, seen.now, where))
    told = found.value
    kinds = [_kind(each, told) for each in told.kinds]
    spaces = [_namespace(each) for each in told.namespaces]
    groups = [_group(reads, each) for each in told.log_groups]
    groups += [_left(told)] if told.unexplained else []
    groups.sort(key=lambda each: -float(each["usd"] or 0))
    return [
        banner(found, seen),
        _tiles(told) if found.look is Look.DATA else None,
        *money_table(kinds, found, seen, span_words(window), "Nothing was billed for watching."),
        *money_table(spaces, found, seen, _counted(spaces), "No custom metric is collected."),
        *money_table(
            groups, found, seen, _taken_in(told, groups), "No log group took anything in."
        ),
    ]


def _tiles(told: Observability) -> Component:
    """The total and its share of the bill, the largest kind, group and namespace."""
    kind = next(iter(told.kinds), None)
    group = next(iter(told.log_groups), None)
    space = next(iter(told.namespaces), None)
    return tiles(
        tile("Watching costs", float(told.total), "usd", note="in this period"),
        tile(
            "Share of the bill",
            100 * told.share_of_bill,
            "percent",
            note="is for watching",
        ),
        tile(
            "Most of it",
            written.value(kind.usd, "usd") if kind else written.DASH,
            note=kind.title if kind else "nothing was billed",
        ),
        tile(
            "Dearest log group",
            written.value(group.usd, "usd") if group else written.DASH,
            note=group.key.name if group else "none takes anything in",
        ),
        tile(
            "Dearest namespace, a month",
            written.value(space.usd_per_month, "usd") if space else written.DASH,
            note=space.namespace if space else "no custom metrics",
        ),
    )


def _counted(rows: list[dict[str, Any]]) -> str:
    return f"{len(rows)}, by amount" if rows else ""


def _taken_in(told: Observability, rows: list[dict[str, Any]]) -> str:
    said = [_counted(rows), told.bytes_from, told.price_said]
    return " · ".join(part for part in said if part)


def _kind(kind: ObservabilityKind, told: Observability) -> dict[str, Any]:
    share = float(100 * kind.usd / told.total) if told.total > 0 else None
    return {"id": kind.kind, "name": kind.title, "share": share, "usd": number(kind.usd)}


def _namespace(space: NamespaceCost) -> dict[str, Any]:
    return {
        "id": space.namespace,
        "name": space.namespace,
        "name_href": explore_href(space.namespace),
        "metrics": space.metrics,
        "usd": number(space.usd_per_month),
    }


def _group(reads: Reads, group: GroupCost) -> dict[str, Any]:
    key, kept = group.key, group.retention_days
    return {
        "id": f"{key.place}|{key.name}",
        "name": key.name,
        "name_href": f"/logs?{urlencode({'group': key.name})}",
        "place": reads.place_words(key.place),
        "bytes": group.bytes,
        "share": 100 * group.share,
        "usd": number(group.usd),
        "stored": number(group.stored_usd_per_month),
        "kept": "never expires" if kept is None else f"{kept} d",
    }


def _left(told: Observability) -> dict[str, Any]:
    """What of log ingestion no group explains: groups that are not collected, other accounts."""
    return {"id": "unexplained", "name": "not explained", "usd": number(told.unexplained)}
