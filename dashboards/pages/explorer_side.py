"""One row of the explorer in the side panel: its slots, its numbers, and the ways on from it."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.spend import Dimension, SpendDimension
from app.read import Reads, SpendRow
from dashboards.figures import Band, spend_bars
from dashboards.pages.explorer_found import Found
from dashboards.pages.explorer_state import Chosen, answerable, name_of, offered
from dashboards.pages.spend_names import value_words
from dashboards.pages.spend_shown import (
    Key,
    calendar_of,
    floats,
    span_words,
    together,
    unsettled_from,
)
from dashboards.parts import chart, definitions, link, nothing


def beside(reads: Reads, chosen: Chosen, found: Found, key: Key) -> Component:
    """What the row is made of and where to look next."""
    told = found.reading.value
    row = told.row(*key) if key or not chosen.group else None
    if row is None:
        return nothing("All that is not among the rows above; filter or group it otherwise.")
    names = [value_words(d, v, reads) for d, v in zip(chosen.group, row.key, strict=True)]
    drawn = spend_bars(
        [Band(names[0] if names else "Total", floats(row.amounts))],
        calendar_of(told),
        unsettled_from=unsettled_from(told),
        before=_before(found, row),
    )
    return html.Div(
        [
            html.H2(" · ".join(names) or "Total"),
            chart("spend-beside", "row", height=200, figure=drawn),
            definitions(_facts(found, row)),
            *(
                _ways(reads, chosen, dimension, value)
                for dimension, value in zip(chosen.group, row.key, strict=True)
            ),
        ],
        className="beside",
    )


def _before(found: Found, row: SpendRow) -> list[float | None]:
    old = found.before.row(*row.key) if found.before else None
    return floats(old.amounts)[: len(row.amounts)] if old else []


def _facts(found: Found, row: SpendRow) -> dict[str, str]:
    told = found.reading.value
    said = {
        **{
            f"{name_of(d)[:1].upper()}{name_of(d)[1:]}": v or "(empty)"
            for d, v in zip(told.question.group, row.key, strict=True)
        },
        "Total": f"${row.total:,.2f}, {span_words(told.question.window)}",
    }
    old = found.before.row(*row.key) if found.before else None
    if old is not None and found.before is not None:
        amount = together(old.amounts, told.totals)
        if amount is not None:
            window = span_words(found.before.question.window)
            said["Before"] = f"${amount:,.2f} over as many slots, {window}"
            said["Change"] = written.change(float(row.total), float(amount))
    return said


def _ways(reads: Reads, chosen: Chosen, dimension: Dimension, value: str) -> Component:
    """Keep it, leave it out, or split it by something else."""
    cuts = reads.spend.cuts()
    kept = chosen.keeping(dimension, value)
    held = [one.dimension for one in kept.where]
    named = value_words(dimension, value, reads)
    splits = [d for d in offered(cuts) if d != dimension and answerable(cuts, [d, *held])]
    shown = [
        link("Only this", kept.href()),
        link("All but this", chosen.keeping(dimension, value, exclude=True).href()),
        *(link(f"By {name_of(d)}", kept.href(by=d.value, then="")) for d in splits),
        *_service(reads, dimension, value),
    ]
    parts: list[Component | str] = [part for way in shown for part in (way, " ")]
    return html.Div([html.H3(named), html.P(parts, className="ways")])


def _service(reads: Reads, dimension: Dimension, value: str) -> list[Component]:
    """The page of the service, where the catalogue knows it."""
    if dimension is not SpendDimension.SERVICE:
        return []
    return [
        link(f"{each.title} in operation", f"/services/{each.id}")
        for each in reads.catalogue
        if value in each.bills
    ]
