"""What spend is for: how much of it tags explain, and what costs whether it is used or not."""

from __future__ import annotations

from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from app.model import written
from app.model.spend import Tag
from app.model.time import Window
from app.read import Idle, IdleLine, Reads, SpendFilter, TagCoverage
from dashboards.pages.asking import quietly
from dashboards.pages.explorer_state import Chosen
from dashboards.pages.money_table import money_table, shown
from dashboards.pages.spend_names import short
from dashboards.pages.spend_shown import PROMISE
from dashboards.parts import (
    Cell,
    Column,
    Seen,
    body_answer,
    body_outputs,
    link,
    meter,
    panel,
    row,
    table_outputs,
    table_panel,
)

IDLE = (
    Column("name", "What", Cell.NAME, flex=3, phone=True),
    Column("why", "Why", flex=4),
    Column("types", "Usage types", flex=4, wide=True),
    Column("usd", "A month", Cell.NUMBER, unit="usd", width=96, phone=True),
)


def for_what_row(page: str) -> Component:
    """Tags beside what costs when idle."""
    return row(
        table_panel(page, "idle", "Costs when idle", IDLE, span=7, height=330),
        panel(page, "tags", "Tags", span=5),
    )


def for_what_outputs(page: str) -> list[Output]:
    """Filled by :func:`for_what_answer`."""
    return [*table_outputs(page, "idle"), *body_outputs(page, "tags")]


def for_what_answer(
    reads: Reads, month: Window, seen: Seen, where: tuple[SpendFilter, ...]
) -> list[Any]:
    """Idle cost at the rate of the last days; tags over the month so far."""
    return [*_idle(reads, seen, where), *_tags(reads, month, seen, where)]


def _idle(reads: Reads, seen: Seen, where: tuple[SpendFilter, ...]) -> list[Any]:
    found = reads.costs.idle(seen.now, where)
    rows = _kinds(found.value)
    share = written.value(100 * found.value.share, "percent")
    total = written.value(found.value.usd_per_month, "usd")
    detail = f"{total} a month, {share} of the bill" if rows else ""
    empty = "Nothing is billed by the hour or for lying there."
    return money_table(rows, found, seen, detail, empty)


def _kinds(found: Idle) -> list[dict[str, Any]]:
    """One row a kind, by amount; its usage types are told beside it."""
    kinds: dict[tuple[str, str], list[IdleLine]] = {}
    for line in found.lines:
        kinds.setdefault((line.title, line.why), []).append(line)
    rows = [
        {
            "id": title,
            "name": title,
            "why": why,
            "types": ", ".join(dict.fromkeys(line.usage_type for line in lines)),
            "usd": float(sum(line.usd_per_month for line in lines)),
        }
        for (title, why), lines in kinds.items()
    ]
    return sorted(rows, key=lambda each: -float(str(each["usd"])))


def _tags(reads: Reads, month: Window, seen: Seen, where: tuple[SpendFilter, ...]) -> list[Any]:
    found = reads.costs.tag_coverage(month, seen.now, where)
    tags = [each for each in found.value if each.total > 0]
    empty = "Spend is collected by no tag; collection.spend.tags in config.yaml names them."
    reading, said = shown(found, empty, there=bool(tags))
    body = html.Div([_tag(each) for each in tags], className="tag-list")
    answer = body_answer(body, reading, seen, empty=said, promise=PROMISE)
    return quietly(answer) if found.problem else answer


def _tag(found: TagCoverage) -> Component:
    """One tag by itself: how much of the bill has a value, and whose has none."""
    tag = Tag(found.key)
    untagged = Chosen(by="SERVICE", period="month", where=(SpendFilter(tag, ("",)),))
    services = ", ".join(
        f"{short(name)} {written.value(usd, 'usd')}" for name, usd in found.top_untagged[:3]
    )
    return html.Div(
        [
            html.Div(
                [
                    link(found.key, Chosen(by=tag.value, period="month").href()),
                    html.Span(
                        f"{written.value(100 * found.share, 'percent')} tagged", className="muted"
                    ),
                ]
            ),
            meter(100 * found.share, label=f"Tagged by {found.key}"),
            html.P(
                [
                    link(f"{written.value(found.untagged, 'usd')} untagged", untagged.href()),
                    f": {services}" if services else "",
                ],
                className="said",
            ),
        ],
        className="tag-coverage",
    )
