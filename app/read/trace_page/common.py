"""What some traces have more often than the others: annotations, users, addresses, services.

Each trace becomes a set of features; counting them on both sides says which ones
tell the two apart. It is a count, not a cause.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from app.model import written
from app.model.time import epoch_ms
from app.query.trace_filter import annotation_name
from app.read.trace_page.answers import Chosen, Common, Shared
from app.read.trace_page.filters import entering, equals, is_number, of_service, of_shape
from app.read.trace_page.urls import shape_of_url

SLOW = 0.95
MOST_OTHERS, MOST_SHARED = 50_000, 10
LEAST_DIFFERENCE, LEAST_SHARE, LEAST_COUNT = 0.15, 0.2, 2
DEVIATIONS = 2.5
"""By so many standard errors shares must differ, or chance alone could have made them differ."""


KINDS = (
    "annotation", "url", "user", "version", "cold start", "outcome", "status", "method", "zone",
    "entry", "passes",
)  # fmt: skip
"""Of things that go together the first is told."""


def outcome() -> pl.Expr:
    """How a trace counts, exactly one of: throttle before fault before error."""
    return (
        pl.when("throttle")
        .then(pl.lit("throttle"))
        .when("fault")
        .then(pl.lit("fault"))
        .when("error")
        .then(pl.lit("error"))
        .otherwise(pl.lit("ok"))
    )


def common_of(passing: pl.LazyFrame, chosen: Chosen | None) -> Common:
    """What the chosen of the passing traces share; without a choice the slowest twentieth."""
    frame = passing.select(*_COLUMNS, outcome().alias("outcome")).collect(engine="streaming")
    inside, which = _inside(frame, chosen)
    marked = frame.with_columns(inside=inside).with_row_index("trace")
    mine = marked.filter("inside")
    others = marked.filter(~pl.col("inside"))
    if others.height > MOST_OTHERS:
        others = others.gather_every(-(-others.height // MOST_OTHERS))
    if not mine.height or not others.height:
        return Common(which, mine.height, others.height)
    return Common(which, mine.height, others.height, _shared(mine, others))


_COLUMNS = (
    "at", "response_time", "url", "method", "status", "entry_name", "users", "services",
    "annotations", "versions", "zones", "cold_start",
)  # fmt: skip


def _inside(frame: pl.DataFrame, chosen: Chosen | None) -> tuple[pl.Series, str]:
    """Which rows are meant, and how they are called."""
    if chosen is None:
        limit = frame["response_time"].drop_nulls().quantile(SLOW, "nearest")
        if limit is None:
            return pl.repeat(False, frame.height, eager=True), ""
        slow = (frame["response_time"] >= limit).fill_null(False)
        return slow, f"the slowest 5 %, from {written.value(limit / 1000, 'milliseconds')} on"
    conditions = [pl.lit(True)]
    if chosen.start is not None:
        conditions.append(pl.col("at").dt.epoch("ms") >= epoch_ms(chosen.start))
    if chosen.end is not None:
        conditions.append(pl.col("at").dt.epoch("ms") <= epoch_ms(chosen.end))
    if chosen.low_ms is not None:
        conditions.append(pl.col("response_time") >= 1000 * chosen.low_ms)
    if chosen.high_ms is not None:
        conditions.append(pl.col("response_time") <= 1000 * chosen.high_ms)
    found = frame.select(pl.all_horizontal(conditions).fill_null(False).alias("inside"))
    return found["inside"], "the chosen ones"


def _shared(mine: pl.DataFrame, others: pl.DataFrame) -> tuple[Shared, ...]:
    here, there = _counted(mine), _counted(others)
    both = here.join(there, on=["kind", "key", "value"], how="left", suffix="_there").with_columns(
        inside=pl.col("count") / mine.height,
        outside=pl.col("count_there").fill_null(0) / others.height,
    )
    pooled = (pl.col("count") + pl.col("count_there").fill_null(0)) / (mine.height + others.height)
    chance = (pooled * (1 - pooled) * (1 / mine.height + 1 / others.height)).sqrt()
    telling = both.filter(
        pl.col("inside") - pl.col("outside") >= LEAST_DIFFERENCE,
        pl.col("inside") - pl.col("outside") > DEVIATIONS * chance,
        pl.col("inside") >= LEAST_SHARE,
        pl.col("count") >= LEAST_COUNT,
    )
    difference = pl.col("inside") - pl.col("outside")
    rank = pl.col("kind").replace_strict({kind: n for n, kind in enumerate(KINDS)})
    down = [True, False, False, False]
    ranked = telling.sort(difference, rank, "key", "value", descending=down)
    # What the same traces have, and the same others, says the same in other words.
    ranked = ranked.unique(["count", "count_there"], keep="first", maintain_order=True)
    return tuple(
        Shared(
            row["kind"],
            row["key"],
            row["value"],
            row["inside"],
            row["outside"],
            row["count"],
            _keep(row["kind"], row["key"], row["value"]),
        )
        for row in ranked.head(MOST_SHARED).iter_rows(named=True)
    )


def _counted(frame: pl.DataFrame) -> pl.DataFrame:
    """How many of the traces have each feature."""
    features = pl.concat(
        [each.select("trace", "kind", "key", "value") for each in _features(frame)]
    )
    return (
        features.drop_nulls("value")
        .filter(pl.col("value") != "")
        .unique()
        .group_by("kind", "key", "value")
        .agg(count=pl.len())
    )


def _features(frame: pl.DataFrame) -> list[pl.DataFrame]:
    plain = [
        _plain(frame, "outcome", pl.col("outcome").replace("ok", None)),
        _plain(frame, "url", shape_of_url(pl.col("url"))),
        _plain(frame, "method", pl.col("method")),
        _plain(frame, "status", pl.col("status").cast(pl.String)),
        _plain(frame, "entry", pl.col("entry_name")),
        _plain(frame, "cold start", pl.when("cold_start").then(pl.lit("yes"))),
    ]
    lists = [
        _plain(_each(frame, "users"), "user", pl.col("users")),
        _plain(_each(frame, "versions"), "version", pl.col("versions")),
        _plain(_each(frame, "zones"), "zone", pl.col("zones")),
        _plain(_each(frame, "services"), "passes", pl.col("services").struct.field("name")),
    ]
    return [*plain, *lists, _annotations(frame)]


def _each(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """A row for each value of a list; other columns would be copied along."""
    return frame.select("trace", column).explode(column)


def _plain(frame: pl.DataFrame, kind: str, value: pl.Expr) -> pl.DataFrame:
    return frame.select("trace", kind=pl.lit(kind), key=pl.lit(""), value=value)


def _annotations(frame: pl.DataFrame) -> pl.DataFrame:
    one = pl.col("annotations").struct
    number = one.field("number").cast(pl.String).str.strip_suffix(".0")
    flag = one.field("flag").cast(pl.String)
    text = one.field("text")
    quoted_text = pl.concat_str(pl.lit('"'), text, pl.lit('"'))
    return (
        frame.select("trace", "annotations")
        .explode("annotations")
        .select(
            "trace",
            kind=pl.lit("annotation"),
            key=one.field("key").fill_null(""),
            value=pl.coalesce(quoted_text, number, flag),
        )
    )


def _keep(kind: str, key: str, value: str) -> str:
    """The filter that lets through what has the feature."""
    if kind == "annotation":
        is_text = value.startswith(chr(34))
        name = annotation_name(key)
        return equals(name, value[1:-1]) if is_text else is_number(name, value)
    if kind == "outcome":
        return value
    return _KEEPS[kind](value) if kind in _KEEPS else ""


_KEEPS: dict[str, Callable[[str], str]] = {
    "url": of_shape,
    "method": lambda value: equals("http.method", value),
    "status": lambda value: is_number("http.status", value),
    "user": lambda value: equals("user", value),
    "zone": lambda value: equals("availabilityzone", value),
    "passes": of_service,
    "entry": entering,
}
