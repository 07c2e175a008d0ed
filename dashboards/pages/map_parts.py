"""Pieces of what opens beside the map: numbers, tables, and buttons that open something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.time import Window
from app.read import Counts, MapFound
from dashboards.parts import tile, tiles
from dashboards.parts.attributes import data

Row = tuple[Any, float, float | None, float | None, float | None]
"""What it is, requests, the share that failed in percent, and two times in milliseconds."""


def numbers(counts: Counts, window: Window) -> Component:
    """Rate, errors and duration; of several together only the slowest p99 is known."""
    kinds = (("faults", counts.fault), ("errors", counts.error), ("throttles", counts.throttle))
    note = ", ".join(f"{count:,} {kind}" for kind, count in kinds if count) or "none failed"
    p99 = written.value(counts.p99, "milliseconds")
    times = (
        tile("Slowest p99", counts.p99, "milliseconds", note="of those below")
        if counts.p50 is None
        else tile("p50", counts.p50, "milliseconds", note=f"p99 {p99}")
    )
    return tiles(
        tile("Requests", counts.total, "count", note=f"sampled, {rate(counts.total, window)}"),
        tile("Failed", failed_share(counts), "percent", note=note),
        times,
    )


def estimated(found: MapFound) -> Component | None:
    """That counts are more than the traces that are listed."""
    if found.traces >= found.matching:
        return None
    said = "Estimated: a trace that is stored whole may stand for several, so fewer are listed."
    return html.P(said, className="muted")


def rate(count: int, window: Window) -> str:
    """ "12/min", as a person says it."""
    seconds = (window.end - window.start).total_seconds()
    return written.value(count / seconds if seconds else 0.0, "per_second")


def failed_share(counts: Counts) -> float | None:
    """Percent of the requests that did not end well; None without any."""
    failed = counts.fault + counts.error + counts.throttle
    return 100 * failed / counts.total if counts.total else None


def opener(kind: str, id_: str, words: str) -> Component:
    """A button that opens another node or link beside the map."""
    marks = data(**{"open-map": kind, "key": id_})
    return html.Button(words, type="button", className="link", title=words, **marks)


def numbers_table(what: str, rows: Sequence[Row], times: tuple[str, str]) -> Component:
    """Several of a kind with their numbers, each of which opens."""
    head = html.Tr([html.Th(words) for words in (what, "Requests", "Failed", *times)])
    body = [
        html.Tr(
            [
                html.Td(name),
                html.Td(written.value(total, "count")),
                html.Td(written.value(failed, "percent")),
                html.Td(written.value(first, "milliseconds")),
                html.Td(written.value(second, "milliseconds")),
            ]
        )
        for name, total, failed, first, second in rows
    ]
    return html.Table([html.Thead(head), html.Tbody(body)], className="plain numbers")
