"""Lines of API Gateway: an access log in JSON for each API, execution logs of the REST one."""

from __future__ import annotations

import polars as pl

from app.demo.logs.requests import ERROR, OK, REFUSED, THROTTLED, TIMEOUT, invocations, routes_of
from app.demo.logs.text import Draws, chosen, filled, stamped
from app.demo.world.noise import stream_of
from app.demo.world.platform import Api
from app.demo.world.sheet import Sheet

_STATUS = {OK: 200, REFUSED: 404, ERROR: 502, TIMEOUT: 504, THROTTLED: 503}
_FAILED = (ERROR, TIMEOUT, THROTTLED)
_BROWSERS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0.0.0",
    "blog-app/4.2.0 (Android 17)",
)
_ACCESS = (
    '{"requestId":"<<gateway>>","extendedRequestId":"<<extended>>","ip":"<<ip>>","caller":"-",'
    '"user":"-","requestTime":"<<clock>>","requestTimeEpoch":<<at>>,"httpMethod":"<<method>>",'
    '"resourcePath":"<<path>>","status":<<status>>,"protocol":"HTTP/1.1",'
    '"responseLength":<<bytes>>,"integrationLatency":<<inner>>,"responseLatency":<<outer>>,'
    '"integrationRequestId":"<<request>>","integrationStatus":<<integration>>,'
    '"xrayTraceId":"<<trace>>","userAgent":"<<agent>>"}'
)

_BROKEN = (
    "(<<gateway>>) Lambda execution failed with status <<integration>> due to <<reason>>. "
    "Lambda request id: <<request>>"
)
_EXECUTION = (
    (-2, "(<<gateway>>) Extended Request Id: <<extended>>"),
    (-1, _BROKEN),
    (0, "(<<gateway>>) Method completed with status: <<status>>"),
)


def access_lines(sheet: Sheet, api: Api) -> pl.DataFrame:
    """One line for each logged request."""
    rows = _requests(sheet, api)
    stream = f"{stream_of(api.id):016x}{stream_of(f'{api.id}/access'):016x}"
    return rows.select(
        # The line is written when the answer has been sent.
        (pl.col("at") + pl.col("outer")).alias("at"),
        pl.lit(stream).alias("stream"),
        filled(_ACCESS).alias("message"),
        "mark",
        pl.lit(100, dtype=pl.Int64).alias("part"),
    )


def execution_lines(sheet: Sheet, api: Api) -> pl.DataFrame:
    """What the gateway says of requests that failed, at the log level ERROR."""
    rows = _requests(sheet, api).filter(pl.col("outcome").is_in(_FAILED))
    names = [f"{stream_of(f'{api.id}/{n}'):016x}{stream_of(f'{n}/{api.id}'):016x}" for n in (1, 2)]
    rows = rows.with_columns(stream=chosen(names, (rows["mark"] % 2).to_numpy()))
    return pl.concat(
        rows.select(
            (pl.col("at") + pl.col("outer") + offset).alias("at"),
            "stream",
            filled(text).alias("message"),
            "mark",
            pl.lit(200 + part, dtype=pl.Int64).alias("part"),
        )
        for part, (offset, text) in enumerate(_EXECUTION)
    )


def _requests(sheet: Sheet, api: Api) -> pl.DataFrame:
    """The logged requests of all routes of an API."""
    names = dict.fromkeys(route.function for route in api.routes)
    return pl.concat(requests_of(sheet, api, name) for name in names)


def requests_of(sheet: Sheet, api: Api, name: str) -> pl.DataFrame:
    """The logged requests that an API sent to one function."""
    function = sheet.deployment.function(name)
    own = [(n, r) for n, (a, r) in enumerate(routes_of(sheet, function)) if a.name == api.name]
    rows = invocations(sheet, function).filter(pl.col("route").is_in([n for n, _ in own]))
    draws = Draws(rows["mark"].to_numpy())
    address = pl.DataFrame({"a": draws.below("a", 120) + 60, "b": draws.below("b", 250)})
    failed = pl.col("outcome").is_in(_FAILED)
    ok = pl.col("outcome").is_in((OK, REFUSED, ERROR, TIMEOUT))
    return rows.with_columns(
        extended=draws.hexadecimal("extended", 15) + "=",
        ip=address.select(filled("203.0.<<a>>.<<b>>").alias("ip"))["ip"],
        agent=draws.pick("agent", _BROWSERS),
        method=pl.col("route").replace_strict(
            {n: r.method for n, r in own}, return_dtype=pl.String
        ),
        path=pl.col("route").replace_strict({n: r.path for n, r in own}, return_dtype=pl.String),
        status=pl.col("outcome").replace_strict(_STATUS, return_dtype=pl.Int64),
        bytes=pl.when(failed).then(36).otherwise(420 + pl.col("items") * 260),
        inner=pl.when(ok).then(pl.col("lasts").ceil().cast(pl.Int64) + 4).otherwise(6),
        integration=pl.when(pl.col("outcome") == THROTTLED).then(429).otherwise(200),
        reason=pl.when(pl.col("outcome") == THROTTLED)
        .then(pl.lit("rate exceeded"))
        .otherwise(pl.lit("customer function error")),
    ).with_columns(
        outer=pl.col("inner") + 9,
        clock=stamped("at", "%d/%b/%Y:%H:%M:%S +0000"),
    )
