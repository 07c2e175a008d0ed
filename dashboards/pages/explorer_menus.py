"""What is chosen above the explorer's chart, and the conditions that hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dash import html
from dash.development.base_component import Component

from app.model.spend import Cut, Dimension, dimension_of
from app.read import Granularity, Reads, SpendFilter
from dashboards.pages.explorer_state import (
    COMPARED,
    METRICS,
    PERIODS,
    SHOWN,
    Chosen,
    answerable,
    name_of,
    offered,
)
from dashboards.pages.spend_names import value_words
from dashboards.parts import Choice, chooser, condition

NOT_TOGETHER = "Not collected together: Cost Explorer tells two dimensions at a time."


def menus(
    chosen: Chosen, reads: Reads, cuts: Sequence[Cut], per: Granularity, no_hours: str = ""
) -> list[Component]:
    """The row of menus, then the conditions; ``no_hours`` says why hours are not to be had."""
    known = offered(cuts) or (dimension_of("SERVICE"),)
    bar = [
        chooser("By", _groups(chosen, known, cuts)),
        chooser("then by", _seconds(chosen, known, cuts)) if chosen.by != "all" else None,
        chooser("Period", _choices(chosen, "period", PERIODS)),
        chooser("per", _grains(chosen, per, no_hours)),
        chooser("as", _choices(chosen, "shown", SHOWN)),
        chooser("vs", _choices(chosen, "compare", COMPARED)),
        chooser("cost", _metrics(chosen)),
    ]
    return [
        html.Div([menu for menu in bar if menu is not None], className="choosers"),
        html.Div(
            [_condition(chosen, at, one, reads) for at, one in enumerate(chosen.where)],
            className="pills",
        )
        if chosen.where
        else html.Div(),
    ]


def _groups(chosen: Chosen, known: Sequence[Dimension], cuts: Sequence[Cut]) -> list[Choice]:
    held = [one.dimension for one in chosen.where]
    return [
        *(
            Choice(
                name_of(d),
                chosen.href(by=d.value, then=""),
                chosen.by == d.value,
                _why(cuts, [d, *held]),
            )
            for d in known
        ),
        Choice("nothing, the total", chosen.href(by="all", then=""), chosen.by == "all"),
    ]


def _seconds(chosen: Chosen, known: Sequence[Dimension], cuts: Sequence[Cut]) -> list[Choice]:
    held = [dimension_of(chosen.by), *(one.dimension for one in chosen.where)]
    return [
        Choice("nothing", chosen.href(then=""), not chosen.then),
        *(
            Choice(
                name_of(d),
                chosen.href(then=d.value),
                chosen.then == d.value,
                _why(cuts, [d, *held]),
            )
            for d in known
            if d.value != chosen.by
        ),
    ]


def _why(cuts: Sequence[Cut], dimensions: Sequence[Dimension]) -> str:
    return "" if answerable(cuts, dimensions) else NOT_TOGETHER


def _choices(chosen: Chosen, name: str, words: dict[str, str]) -> list[Choice]:
    now = getattr(chosen, name)
    return [Choice(text, chosen.href(**{name: key}), key == now) for key, text in words.items()]


def _grains(chosen: Chosen, per: Granularity, no_hours: str) -> list[Choice]:
    return [
        Choice(
            each.value,
            chosen.href(per=each.value),
            each is per,
            no_hours if each is Granularity.HOUR else "",
        )
        for each in Granularity
    ]


def _metrics(chosen: Chosen) -> list[Choice]:
    return [
        Choice(words, chosen.href(metric=metric), metric is chosen.metric)
        for metric, words in METRICS.items()
    ]


def _condition(chosen: Chosen, at: int, one: SpendFilter, reads: Reads) -> Component:
    where = chosen.where
    others = (*where[:at], *where[at + 1 :])
    turned = (*where[:at], replace(one, exclude=not one.exclude), *where[at + 1 :])
    name = name_of(one.dimension)
    return condition(
        f"{name[:1].upper()}{name[1:]}",
        ", ".join(value_words(one.dimension, value, reads) for value in one.values),
        exclude=one.exclude,
        other=chosen.href(where=turned),
        drop=chosen.href(where=others),
    )
