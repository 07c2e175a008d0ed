"""One budget in the side panel: how it stands, who was told, and where the money goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal

from dash import html
from dash.development.base_component import Component

from app.model import written
from app.model.budgets import Budget, BudgetStanding, Of, Period, Source, ThresholdStanding
from app.model.spend import Dimension, dimension_of
from app.model.time import Window
from app.read import Reads, SpendFilter, SpendQuestion
from dashboards.pages.asking import alarm_href
from dashboards.pages.explorer_state import Chosen, name_of
from dashboards.pages.spend_ahead import month_figure
from dashboards.pages.spend_frame import number
from dashboards.pages.spend_names import value_words
from dashboards.pages.spend_shown import span_words
from dashboards.parts import (
    Seen,
    chart,
    definitions,
    link,
    listed,
    meter,
    nothing,
    state_badge,
)

PAGE = "budgets"


def beside(reads: Reads, id_: str, seen: Seen) -> Component:
    """One budget: how it stands, its thresholds with who was told, and where the money goes."""
    found = next((s for s in reads.budgets.standing(seen.now).value if s.budget.id == id_), None)
    if found is None:
        return nothing("This budget is not set any more.")
    budget = found.budget
    said = f"{found.said[:1].upper()}{found.said[1:]}."
    return html.Div(
        [
            html.H2(budget.name),
            html.P([state_badge(found.health), " ", _span(found)]),
            meter(
                found.actual_share,
                forecast=found.forecast_share,
                health=found.health,
                marks=[each.threshold.percent for each in found.thresholds],
                label=budget.name,
            ),
            html.P(said),
            _outlook(reads, found, seen),
            html.H3("Thresholds"),
            listed([_threshold(reads, budget, each, seen) for each in found.thresholds])
            if found.thresholds
            else nothing("None; nobody is told."),
            definitions(
                {
                    "Of what": scope_words(budget, reads),
                    "Set in": source_words(budget),
                    "Told": ", ".join(budget.channels) or "nobody",
                }
            ),
            html.P(_ways(budget)),
        ],
        className="beside",
    )


def scope_words(budget: Budget, reads: Reads) -> str:
    """What counts for a budget, as people call it."""
    said = [_condition(name, values, reads) for name, values in budget.where.items()]
    return " · ".join(said) or "everything"


def _condition(name: str, values: Sequence[str], reads: Reads) -> str:
    dimension = _dimension(name)
    if dimension is None:
        return f"{name} {', '.join(values)}"
    said = ", ".join(value_words(dimension, value, reads) for value in values)
    return f"{name_of(dimension)} {said}"


def amount_words(amount: Decimal | None, unit: str) -> str:
    """Dollars, or a quantity with its unit."""
    if unit == "USD":
        return written.value(number(amount), "usd")
    return f"{written.value(number(amount), 'count')} {unit}"


def percent_words(each: ThresholdStanding) -> str:
    """ "80 % expected"."""
    what = "spent" if each.threshold.of is Of.ACTUAL else "expected"
    return f"{each.threshold.percent:g} % {what}"


def _threshold(
    reads: Reads, budget: Budget, each: ThresholdStanding, seen: Seen
) -> list[Component | str]:
    """A threshold, its amount, and whether it was crossed; it is an alarm like any other."""
    alarm = alarm_href(budget.alarm_id(each.threshold, reads.budgets.place))
    if each.crossed_at is not None:
        told = f"crossed {written.at(each.crossed_at, seen.zone, seen.now)}"
    else:
        told = "crossed" if each.is_crossed else "not crossed"
    amount = amount_words(each.amount, budget.unit)
    return [link(percent_words(each), alarm), f" · {amount} · {told}"]


def _span(found: BudgetStanding) -> str:
    return f"a {found.budget.period.value}, {span_words(_window(found))}"


def _window(found: BudgetStanding) -> Window:
    start, end = (datetime.combine(day, time(), UTC) for day in (found.start, found.end))
    return Window(start, end)


def _outlook(reads: Reads, found: BudgetStanding, seen: Seen) -> Component | None:
    """The month of a budget as the bill has it; None for quantities and other periods."""
    budget, where = found.budget, conditions(found.budget)
    if budget.unit != "USD" or budget.period is not Period.MONTH or where is None:
        return None
    ahead = reads.costs.forecast(seen.now, where=where).value
    if ahead is None:
        return None
    told = reads.spend.ask(SpendQuestion(_window(found), where=where), seen.now).value
    return chart(PAGE, "beside", height=180, figure=month_figure(ahead, told.totals, found, None))


def conditions(budget: Budget) -> tuple[SpendFilter, ...] | None:
    """What counts, as the bill is asked; None where it names what the bill does not tell."""
    found = [(_dimension(name), values) for name, values in budget.where.items()]
    if any(dimension is None for dimension, _ in found):
        return None
    return tuple(SpendFilter(dimension, values) for dimension, values in found if dimension)


def source_words(budget: Budget) -> str:
    """Where a budget is set."""
    return "config.yaml" if budget.source is Source.OWN else "AWS Budgets"


def _ways(budget: Budget) -> list[Component]:
    """The same cut of the bill in the explorer, where the budget's conditions are the bill's."""
    where = conditions(budget)
    if where is None:
        return []
    return [link("Where it goes", Chosen(period="month", where=where).href())]


def _dimension(name: str) -> Dimension | None:
    """Also from the names that AWS Budgets has for its filters; None for one the bill lacks."""
    try:
        return dimension_of(_OF_AWS.get(name, name))
    except ValueError:
        return None


_OF_AWS = {
    "Service": "SERVICE",
    "LinkedAccount": "LINKED_ACCOUNT",
    "Region": "REGION",
    "UsageType": "USAGE_TYPE",
    "Operation": "OPERATION",
    "RecordType": "RECORD_TYPE",
}
