"""What the explorer asks for: the period and the one before; and all as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from decimal import Decimal

from app.model.readings import Look, Reading
from app.model.spend import dimension_of
from app.read import Granularity, Reads, Scope, SpendAnswer, SpendFilter, SpendQuestion
from dashboards.pages.asking import Json, named
from dashboards.pages.explorer_state import METRICS, Chosen
from dashboards.pages.spend_names import value_words
from dashboards.pages.spend_shown import Key, span_words
from dashboards.view import View

MOST_ROWS, MOST_SAVED = 300, 50_000


@dataclass(frozen=True, slots=True)
class Found:
    """What was asked, and both answers."""

    chosen: Chosen
    reading: Reading[SpendAnswer]
    before: SpendAnswer | None


def filters(view: Json) -> tuple[SpendFilter, ...]:
    """The accounts and Regions of the header."""
    seen = View.of(view)
    pairs = (("LINKED_ACCOUNT", seen.accounts), ("REGION", seen.regions))
    return tuple(SpendFilter(dimension_of(name), values) for name, values in pairs if values)


def find(
    reads: Reads,
    chosen: Chosen,
    scope: Scope,
    also: tuple[SpendFilter, ...] = (),
    most: int = MOST_ROWS,
) -> Found:
    """Ask for the period and for the one that it is compared with."""
    window = chosen.window(scope.window, scope.now)
    per = chosen.granularity(window)
    where = (*chosen.where, *also)
    base = SpendQuestion(window, chosen.metric, chosen.group, where, per, top=most)
    reading = named(reads, reads.spend.ask(base, scope.now))
    earlier = chosen.before(window, per)
    if earlier is None or reading.look is not Look.DATA:
        return Found(chosen, reading, None)
    keys = tuple(row.key for row in reading.value.rows)
    old = SpendQuestion(earlier, chosen.metric, chosen.group, where, per, keys=keys)
    before = reads.spend.ask(old, scope.now).value
    return Found(chosen, reading, before if before.slots else None)


def words_of(reads: Reads, chosen: Chosen, key: Key) -> str:
    """A row's name in a legend."""
    if not key:
        return "Total"
    return " · ".join(
        value_words(dimension, value, reads)
        for dimension, value in zip(chosen.group, key, strict=True)
    )


def exported(reads: Reads, chosen: Chosen, scope: Scope, also: tuple[SpendFilter, ...] = ()) -> str:
    """Every row and slot with exact amounts, and what was asked above them."""
    told = find(reads, chosen, scope, also, MOST_SAVED).reading.value
    out = io.StringIO()
    pen = csv.writer(out, lineterminator="\n")
    names = [dimension.value for dimension in chosen.group]
    question = told.question
    by_hour = question.granularity is Granularity.HOUR
    slots = [f"{slot:%Y-%m-%dT%H:%MZ}" if by_hour else f"{slot:%Y-%m-%d}" for slot in told.slots]
    what = f"{METRICS[chosen.metric].capitalize()} cost in USD per {question.granularity.value}"
    out.write(f"# {what}, {span_words(question.window)}, {chosen.href()}\n")
    pen.writerow([*(names or ["total"]), "sum", *slots])
    for row in (*told.rows, *([told.rest] if told.rest else [])):
        key = row.key or ["other" if row is told.rest and names else "total"]
        filled = [*key, *[""] * (len(names) - len(key))]
        pen.writerow([*filled, f"{row.total:f}", *map(_exact, row.amounts)])
    return out.getvalue()


def _exact(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:f}"
