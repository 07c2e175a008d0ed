"""Where the values of a keyword stand in the tables of traces and of spans.

Null is a missing value. What several parts of a trace know is a list.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from app.query.trace_filter import tree
from app.query.trace_filter.keywords import Kind, keywords

_SECOND = 1_000_000
_LONGEST = 1e9
"""Seconds that nothing takes; what is compared with more is compared with this."""
NODE = ("account", "name", "type")


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a keyword in each row: one at most, or a list of them.

    With ``micros`` the column holds whole microseconds and the keyword means seconds.
    """

    expr: pl.Expr
    many: bool = False
    micros: bool = False


def _one(name: str) -> Values:
    return Values(pl.col(name))


def _seconds(name: str) -> Values:
    return Values(pl.col(name), micros=True)


def _told(name: str) -> pl.Expr:
    """A text, where the empty one stands for none."""
    return pl.when(pl.col(name) != "").then(pl.col(name))


def _outcomes(prefix: str, known: pl.Expr) -> dict[str, Values]:
    """Fault, error, throttle and ok of what is ``known``."""
    names = ("fault", "error", "throttle")
    failed = pl.any_horizontal(*(pl.col(f"{prefix}{name}") for name in names))
    exprs = {name: pl.col(f"{prefix}{name}") for name in names} | {"ok": ~failed}
    return {name: Values(pl.when(known).then(expr)) for name, expr in exprs.items()}


def _requests(prefix: str = "") -> dict[str, Values]:
    return {
        "http.status": _one(f"{prefix}status"),
        "http.url": _one(f"{prefix}url"),
        "http.method": _one(f"{prefix}method"),
        "http.useragent": _one(f"{prefix}user_agent"),
        "http.clientip": _one(f"{prefix}client_ip"),
    }


def of_traces() -> Mapping[str, Values]:
    """The table of traces: outside of braces."""
    # What X-Ray told of has a root, whether its segments are here or not.
    known = [pl.col(name).is_not_null() for name in ("entry_name", "response_time", "status")]
    failed = pl.col("fault") | pl.col("error") | pl.col("throttle")
    is_bare = pl.col("bare").fill_null(value=False)
    tells_outcome = pl.any_horizontal(failed, is_bare, pl.col("revision") > 0, *known)
    return {
        **_outcomes("", tells_outcome),
        **_requests(),
        "responsetime": _seconds("response_time"),
        "duration": _seconds("duration"),
        "partial": _one("partial"),
        "inferred": _one("inferred"),
        "user": Values(pl.col("users"), many=True),
        "availabilityzone": Values(pl.col("zones"), many=True),
        "instance.id": Values(pl.col("instance_ids"), many=True),
        "resource.arn": Values(pl.col("resource_arns"), many=True),
        "name": Values(_told("entry_name")),
        "type": Values(_told("entry_type")),
    }


def of_segments() -> Mapping[str, Values]:
    """The table of spans, a segment a row: in the braces of ``service()``."""
    return {
        **_outcomes("", pl.lit(True)),
        **_requests(),
        "responsetime": _seconds("duration"),
        "duration": _seconds("duration"),
        "partial": _one("partial"),
        "user": _one("user"),
        "availabilityzone": _one("zone"),
        "instance.id": _one("instance_id"),
        "resource.arn": _one("resource_arn"),
        "name": Values(_told("node_name")),
        "type": Values(_told("node_type")),
        "root": Values(_of_node(pl.col("root").any())),
        "inferred": Values(_of_node(((pl.col("kind") == "inferred") | _is_subsegment()).all())),
    }


def of_calls() -> Mapping[str, Values]:
    """Calls with the columns of the calling span before ``by_``: in the braces of ``edge()``."""
    return {
        **_outcomes("by_", pl.lit(True)),
        **_requests("by_"),
        "responsetime": _seconds("by_duration"),
        "duration": _seconds("by_duration"),
        "partial": _one("partial"),
        "user": _one("by_user"),
        "availabilityzone": _one("by_zone"),
        "instance.id": _one("by_instance_id"),
        "resource.arn": _one("by_resource_arn"),
        "name": Values(_told("caller_name")),
        "type": Values(_told("caller_type")),
    }


def _is_subsegment() -> pl.Expr:
    return pl.col("kind") == "subsegment"


def _of_node(expr: pl.Expr) -> pl.Expr:
    return expr.over("trace_id", *(f"node_{part}" for part in NODE))


def node_annotated(predicate: pl.Expr) -> pl.Expr:
    """Whether any span of the same node in the trace satisfies ``predicate``."""
    return _of_node(predicate.any())


def simple(condition: tree.Simple, columns: Mapping[str, Values]) -> pl.Expr:
    """Whether a row satisfies a condition: never null, so that its opposite is right too."""
    values, comparison = columns[condition.keyword], condition.comparison
    boolean = keywords()[condition.keyword].kind is Kind.BOOLEAN

    if boolean and comparison is not None and isinstance(comparison.value, str):
        comparison = tree.Comparison(comparison.operator, comparison.value == "true")

    def one(value: pl.Expr) -> pl.Expr:
        if comparison is not None:
            return (_timed if values.micros else compared)(value, comparison)
        return value if boolean else value.is_not_null()

    found = values.expr.list.eval(one(pl.element())).list.any() if values.many else one(values.expr)
    return found.fill_null(False)


def selected(
    selectors: tuple[tree.Selector, ...], value: Callable[[str], pl.Expr]
) -> Iterator[pl.Expr]:
    """What a node must be to be one of those; ``value`` gives its account, name or type."""
    for selector in selectors:
        for name, wanted in selector.arguments:
            part = value("account" if name == "account.id" else name)
            yield (part == wanted) & (part != "")


def annotated(key: str, comparison: tree.Comparison | None, column: str = "annotations") -> pl.Expr:
    """Whether an annotation of a row is there, or compares."""
    entry = pl.element()
    flag = entry.struct.field("flag")
    if comparison is None:
        satisfied = flag | flag.is_null()
    else:
        satisfied = _of_its_type(entry, comparison).fill_null(False)
    is_key = entry.struct.field("key") == key
    return pl.col(column).list.eval(is_key & satisfied).list.any().fill_null(False)


def _of_its_type(entry: pl.Expr, comparison: tree.Comparison) -> pl.Expr:
    """An annotation compares with its own type; a quoted boolean with both types."""
    value, nothing = comparison.value, pl.lit(False)
    if isinstance(value, bool):
        return compared(entry.struct.field("flag"), comparison)
    if isinstance(value, float):
        return compared(entry.struct.field("number"), comparison)
    if comparison.operator in ("<", "<=", ">", ">="):
        return nothing
    text = compared(entry.struct.field("text"), comparison).fill_null(False)
    if value not in ("true", "false") or comparison.operator not in ("=", "!="):
        return text
    flag = tree.Comparison(comparison.operator, value == "true")
    return text | compared(entry.struct.field("flag"), flag).fill_null(False)


def _timed(value: pl.Expr, comparison: tree.Comparison) -> pl.Expr:
    """Microseconds against seconds, in integers: a division of columns is not rounded alike."""
    wanted = min(max(float(comparison.value), -_LONGEST), _LONGEST)
    around = range(math.floor(wanted * _SECOND) - 2, math.floor(wanted * _SECOND) + 4)
    least = next(each for each in around if each / _SECOND >= wanted)
    beyond = next(each for each in around if each / _SECOND > wanted)
    equal = (value >= least) & (value < beyond)
    return {
        "=": equal, "!=": ~equal, "<": value < least, "<=": value < beyond,
        ">": value >= beyond, ">=": value >= least,
    }[comparison.operator]  # fmt: skip


def compared(value: pl.Expr, comparison: tree.Comparison) -> pl.Expr:
    """The comparison as an expression; null where the value is missing."""
    wanted = comparison.value
    texts: dict[str, Callable[[str], pl.Expr]] = {
        "CONTAINS": lambda text: value.str.contains(text, literal=True),
        "BEGINSWITH": value.str.starts_with,
        "ENDSWITH": value.str.ends_with,
    }
    if isinstance(wanted, str) and comparison.operator in texts:
        return texts[comparison.operator](wanted)
    others: dict[str, Callable[[pl.Expr], pl.Expr]] = {
        "=": value.__eq__, "!=": value.__ne__, "<": value.__lt__,
        "<=": value.__le__, ">": value.__gt__, ">=": value.__ge__,
    }  # fmt: skip
    return others[comparison.operator](pl.lit(wanted))
