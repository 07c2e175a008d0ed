"""Line items of a Cost and Usage Report or FOCUS export as rows of a statement.

Reports of all ages are read: names as in ``lineItem/UnblendedCost`` become those of
CUR 2.0 (``line_item_unblended_cost``), and what a report does not tell stays null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from app.model.spend import HOUR_S, MONTH_S, SPEND_ROWS
from app.model.time import Window, epoch_ms
from collectors import bill_cur, bill_focus
from collectors.bill_cur import CUR
from collectors.bill_focus import FOCUS
from collectors.bill_tags import tags_text
from collectors.bill_values import AT, Meaning, number, text, when

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Form:
    """How one file is to be read: our names of its columns to those in the file.

    ``services`` are names of product codes that the file itself tells.
    """

    meaning: Meaning
    names: Mapping[str, str]
    services: Mapping[str, str] = field(default_factory=dict)


def form_of(columns: Sequence[str]) -> Form | None:
    """How to read a file with these columns; None if it is no bill."""
    if {*FOCUS.period, bill_focus.BILLED} <= set(columns):
        return Form(FOCUS, {c: c for c in columns if c in FOCUS.columns})
    plain = {normal(column): column for column in columns}
    if {CUR.period[0], bill_cur.BILLED} <= plain.keys():
        wanted = {n: c for n, c in plain.items() if n in CUR.columns or CUR.is_tag(n)}
        return Form(CUR, wanted)
    return None


def normal(column: str) -> str:
    """A column as CUR 2.0 names it; ``resourceTags/user:team`` and cost categories keep theirs."""
    group, slash, name = column.partition("/")
    if not slash:
        return column
    if group == "resourceTags":
        return f"resource_tags/{name}"
    if group == "costCategory":
        return f"cost_category/{name}"
    # As Athena names them: ReservationARN is reservation_a_r_n.
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", name) if name.isupper() or "ARN" in name else name
    return "_".join(_WORD.sub("_", part).lower() for part in (group, name))


def payers(raw: pl.DataFrame, form: Form) -> pl.Series:
    """The account that pays, for each line."""
    return raw.select(text(raw, [form.meaning.payer]).alias("payer"))["payer"]


def rows(raw: pl.DataFrame, form: Form, window: Window) -> pl.DataFrame:
    """Rows of a statement from lines with columns as in ``form.names``.

    What is dated outside of ``window``, as some corrections are, counts at its edge.
    """
    meaning = form.meaning
    tags = tags_text(raw, [n for n in raw.columns if meaning.is_tag(n)]).alias("tags")
    kept = raw.with_columns(tags)
    start, end = (when(kept, name) for name in meaning.period)
    length = (end - start).dt.total_seconds().fill_null(0).clip(0, MONTH_S)
    first, last = epoch_ms(window.start), epoch_ms(window.end) - HOUR_S * 1000
    columns = {
        "at": start.dt.truncate("1h").clip(_at(first), _at(last)),
        "period": pl.when(length > 0).then(length).otherwise(HOUR_S),
        **{name: text(kept, candidates) for name, candidates in meaning.texts.items()},
        "service": meaning.service(kept, form.services),
        "tag_value": pl.lit(None),
        "tags": pl.col("tags"),
        **meaning.amounts(kept),
        "quantity": number(kept, meaning.quantity),
        "estimated": meaning.estimated(kept),
    }
    return kept.select(columns[name].cast(kind).alias(name) for name, kind in SPEND_ROWS.items())


def _at(ms: int) -> pl.Expr:
    return pl.lit(ms).cast(AT)
