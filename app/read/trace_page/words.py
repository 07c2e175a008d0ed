"""What a filter of traces can be completed to: words of the language, and values that occur."""

from __future__ import annotations

import polars as pl

from app.model.traces import Annotation
from app.query.trace_filter import COMPLEX, annotation_name, keywords, literal, quoted
from app.query.trace_filter.keywords import Kind, Scope
from app.read.trace_page.answers import FilterWords, Word

NEWEST, MOST_VALUES, MOST_KEYS = 20_000, 40, 60
_AFTER = {Kind.NUMBER: " > ", Kind.TEXT: " = "}


def words_of(traces: pl.LazyFrame) -> FilterWords:
    """Words and values; of the values those that occur in most of the newest traces.

    Values are as they stand between the quotes of a filter.
    """
    newest = traces.select(
        "start", "url", "method", "user_agent", "client_ip", "users", "services", "annotations",
        "instance_ids", "zones", "resource_arns",
    ).top_k(NEWEST, by="start").collect(engine="streaming")  # fmt: skip
    annotations = _annotations(newest)
    nodes = newest.select(pl.col("services").explode()).drop_nulls().unnest("services")
    values = {
        "http.url": _frequent(newest["url"]),
        "http.method": _frequent(newest["method"]),
        "http.useragent": _frequent(newest["user_agent"]),
        "http.clientip": _frequent(newest["client_ip"]),
        "user": _frequent(newest["users"].explode()),
        "instance.id": _frequent(newest["instance_ids"].explode()),
        "availabilityzone": _frequent(newest["zones"].explode()),
        "resource.arn": _frequent(newest["resource_arns"].explode()),
        "service()": _frequent(nodes["name"]) if nodes.height else (),
        "name": _frequent(nodes["name"]) if nodes.height else (),
        "type": _frequent(nodes["type"]) if nodes.height else (),
    }
    return FilterWords(
        tuple(_words()),
        tuple(Word(name, says) for name, says, _ in annotations),
        values | {name.lower(): found for name, _, found in annotations},
    )


def annotation_value(value: Annotation) -> str:
    """An annotation to be read; a number exactly."""
    return value if isinstance(value, str) else literal(value)


def _words() -> list[Word]:
    plain = [
        Word(one.name, one.says, _AFTER.get(one.kind, ""))
        for one in keywords().values()
        if Scope.TRACE in one.scopes
    ]
    return [*plain, *(Word(name, says) for name, says in COMPLEX.items()), *_JOINING]


_JOINING = (Word("AND", "both sides hold"), Word("OR", "one of the sides holds"))


def _frequent(values: pl.Series) -> tuple[str, ...]:
    found = values.drop_nulls().cast(pl.String)
    counted = found.value_counts(name="n").sort("n", found.name, descending=[True, False])
    frequent = counted[found.name].head(MOST_VALUES).to_list()
    return tuple(quoted(value)[1:-1] for value in frequent if value)


def _annotations(newest: pl.DataFrame) -> list[tuple[str, str, tuple[str, ...]]]:
    """Of each key: how it is written, what it holds, and its most frequent texts."""
    pairs = newest.select(pl.col("annotations").explode()).drop_nulls().unnest("annotations")
    if not pairs.height:
        return []
    by_key = (
        pairs.group_by("key")
        .agg(pl.len().alias("n"), "text")
        .sort("n", "key", descending=[True, False])
    )
    return [
        (
            annotation_name(key),
            f"in {count:,} of the newest traces",
            _frequent(pl.Series("text", texts, dtype=pl.String)),
        )
        for key, count, texts in by_key.head(MOST_KEYS).iter_rows()
    ]
