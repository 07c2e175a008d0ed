"""Which invocations leave lines, how each went, and the ids that it has in every group.

The counts are those of the metrics, thinned out: of the successes one in
``1 / SHARE``, of the failures at least one in each minute that had any. Functions
further down the road take over trace and correlation from the requests that
caused them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from app.demo.logs.text import Draws, chosen, filled, hex_seconds
from app.demo.world.flows import work
from app.demo.world.functions import milliseconds
from app.demo.world.noise import Floats, Minutes
from app.demo.world.platform import Api, Function, Route
from app.demo.world.sheet import Sheet

SHARE = 1 / 25
OK, ERROR, TIMEOUT, THROTTLED, REFUSED = "ok", "error", "timeout", "throttled", "refused"
CONTAINERS = 3
_ROWS_A_MINUTE, _ROWS_A_KIND = 4096, 1024
_TIMEOUTS, _REFUSALS, _COLD = 0.12, 0.011, 0.015
_HOP_MS = 140


def invocations(sheet: Sheet, function: Function) -> pl.DataFrame:
    """The logged invocations of a function, in no order; throttled ones never ran."""
    return sheet.once(("logged", function.name), lambda: _invocations(sheet, function))


def routes_of(sheet: Sheet, function: Function) -> list[tuple[Api, Route]]:
    """The routes that lead to a function; ``route`` of its invocations counts them."""
    return [(a, r) for a in sheet.deployment.apis for r in a.routes if r.function == function.name]


def thinned(sheet: Sheet, name: str, whole: Floats, share: float = SHARE) -> Minutes:
    """About that share of a count, by chance."""
    return np.floor(whole * share + sheet.uniform(f"logs/{name}")).astype(np.int64)


def at_least_one(whole: Floats, share: float = SHARE) -> Minutes:
    """That share of a count, and one where there is any."""
    return np.ceil(whole * share).astype(np.int64)


def rows_of(sheet: Sheet, counts: Sequence[Minutes]) -> tuple[Minutes, Minutes]:
    """A row for each thing that is counted: its number, and which of ``counts`` it is of.

    The minute is the number divided by :data:`_ROWS_A_MINUTE`, see :func:`minute_of`.
    """
    numbers, kinds = [], []
    for kind, each in enumerate(counts):
        count = np.minimum(each, _ROWS_A_KIND)
        start = np.repeat(np.cumsum(count) - count, count)
        within = np.arange(int(count.sum()), dtype=np.int64) - start
        minute = np.repeat(sheet.minutes, count)
        numbers.append(minute * _ROWS_A_MINUTE + kind * _ROWS_A_KIND + within)
        kinds.append(np.full(len(within), kind, dtype=np.int64))
    return np.concatenate(numbers), np.concatenate(kinds)


def minute_of(numbers: Minutes) -> Minutes:
    """The minute of each row."""
    return numbers // _ROWS_A_MINUTE


def _invocations(sheet: Sheet, function: Function) -> pl.DataFrame:
    done = work(sheet, function)
    numbers, kinds = rows_of(
        sheet,
        [
            thinned(sheet, function.name, done.invoked - done.failed),
            at_least_one(done.failed),
            at_least_one(done.throttled),
        ],
    )
    draws = Draws(sheet.draws(f"logs/{function.name}", numbers))
    minutes = minute_of(numbers)
    at = minutes * 60_000 + draws.below("at", 60_000)
    outcome = _outcome(function, kinds, draws)
    lasts = _lasts(sheet, function, minutes, outcome, draws)
    frame = pl.DataFrame(
        {
            "number": numbers,
            "mark": draws.rows,
            "minute": minutes,
            "at": at,
            "outcome": outcome,
            "lasts": lasts,
            "memory": (function.memory * (0.34 + 0.3 * draws.uniform("memory"))).astype(np.int64),
            "request": draws.uuid("request"),
            "gateway": draws.uuid("gateway"),
            "correlation": draws.uuid("correlation"),
            "root": pl.Series(hex_seconds(at)),
            "tail": draws.hexadecimal("trace", 24),
            "segment": draws.hexadecimal("segment", 16),
            "user": draws.below("user", 400),
            "post": draws.below("post", 9_000),
            "items": draws.below("items", 40),
            "route": _route(sheet, function, draws),
            "container": draws.below("container", CONTAINERS),
            "cold": draws.uniform("cold") < _COLD,
        }
    )
    frame = frame.with_columns(trace=filled("1-<<root>>-<<tail>>")).drop("root", "tail")
    return _caused(sheet, function, frame)


def _outcome(function: Function, kinds: Minutes, draws: Draws) -> pl.Series:
    chance = draws.uniform("outcome")
    names = (OK, ERROR, THROTTLED, REFUSED, TIMEOUT)
    which = np.where(kinds == 0, 0, np.where(kinds == 1, 1, 2))
    which = np.where((kinds == 1) & (chance < _TIMEOUTS), 4, which)
    if function.source == "routes":
        which = np.where((kinds == 0) & (chance < _REFUSALS), 3, which)
    return chosen(names, which)


def _lasts(
    sheet: Sheet, function: Function, minutes: Minutes, outcome: pl.Series, draws: Draws
) -> Floats:
    """Milliseconds of each invocation, around the median of its minute."""
    middle = milliseconds(sheet, function)[minutes - sheet.start]
    spread = middle * np.exp(function.sigma * draws.normal("lasts"))
    limit = function.timeout * 1000.0
    lasts = np.where((outcome == TIMEOUT).to_numpy(), limit, np.minimum(spread, limit - 5.0))
    return np.round(np.maximum(lasts, 0.8), 2).astype(np.float64)


def _route(sheet: Sheet, function: Function, draws: Draws) -> Minutes:
    """Which of its routes each call came by, busy ones more often."""
    rates = np.array([route.rate for _, route in routes_of(sheet, function)])
    if not len(rates):
        return np.zeros(len(draws.rows), dtype=np.int64)
    edges = np.cumsum(rates) / rates.sum()
    found: Minutes = np.searchsorted(edges, draws.uniform("route"), side="right").astype(np.int64)
    return np.minimum(found, len(rates) - 1)


def _caused(sheet: Sheet, function: Function, own: pl.DataFrame) -> pl.DataFrame:
    """Invocations with trace, correlation, user and time of what caused them, where known."""
    cause = cause_of(sheet, function)
    if cause is None:
        return own
    upstream = invocations(sheet, cause)
    changing = [i for i, (_, r) in enumerate(routes_of(sheet, cause)) if r.method != "GET"]
    if changing:
        upstream = upstream.filter(pl.col("route").is_in(changing))
    taken = ("correlation", "trace", "user", "post")
    causes = _placed(upstream.filter(pl.col("outcome") == OK)).select(
        "minute",
        "place",
        *(pl.col(name).alias(f"{name}_before") for name in taken),
        after=pl.col("at") + pl.col("lasts").cast(pl.Int64) + _HOP_MS,
    )
    joined = _placed(own).join(causes, on=["minute", "place"], how="left", maintain_order="left")
    moved = pl.col("after") + pl.col("at") % 400
    return joined.with_columns(
        pl.coalesce(moved, "at").alias("at"),
        *(pl.coalesce(f"{name}_before", name).alias(name) for name in taken),
    ).select(own.columns)


def _placed(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows with their place among those of the same minute."""
    ordered = frame.sort("number")
    return ordered.with_columns(place=pl.int_range(pl.len()).over("minute"))


def cause_of(sheet: Sheet, function: Function) -> Function | None:
    """The function whose requests make this one run, through a rule, a queue or a stream."""
    deployment, (kind, _, name) = sheet.deployment, function.source.partition(":")
    if kind == "queue":
        kind, name = "rule", deployment.queue(name).rule
    if kind == "rule" and name:
        source = deployment.rule(name).source
        return deployment.function(source) if source else None
    if kind == "stream":
        writers = deployment.table(name).writers
        return deployment.function(writers[0][0]) if writers else None
    return None
