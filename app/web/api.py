"""``/api/v1``: the answers of the readers as JSON, so that a number is the same everywhere.

An answer has the value as ``data`` and beside it how good it is: ``look``,
``as_of``, ``problem``, ``since``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
import orjson
from flask import Flask, Response, abort, request

from app.model.errors import OpsError
from app.model.ids import Place
from app.model.readings import Reading
from app.model.time import Window
from app.query.insights import Limits
from app.read import Reads, Scope
from app.read.moments import moment
from app.read.traces import told

SPAN = timedelta(hours=3)
MOST = 1000


def register(server: Flask, *, reads: Reads, now: Callable[[], datetime]) -> None:
    """The routes of version 1; all read, none writes."""

    def scope() -> Scope:
        at = now()
        reads.refresh()
        return Scope(Window(at - SPAN, at), _places(reads.places), at)

    @server.get("/api/v1/alarms")
    def alarms() -> Response:
        return answer(reads.alarms.current(scope()))

    @server.get("/api/v1/resources")
    def resources() -> Response:
        reads.refresh()
        text, service = request.args.get("q", ""), request.args.get("service", "")
        if service:
            _known(service, reads.catalogue.services)
            return answer(reads.inventory.listed(service, scope()))
        if not text:
            abort(400, "Say what to look for: ?q=TEXT or ?service=ID.")
        return answer(reads.inventory.search(text, limit=_limit()))

    @server.get("/api/v1/rounds")
    def rounds() -> Response:
        asked = scope()
        found = [r for r in reads.store.rounds.latest() if r.place in asked.places]
        return _json({"data": found[: _limit()]})

    @server.get("/api/v1/logs")
    def logs() -> Response:
        return _drawn(lambda: _logs(reads, now()))

    @server.get("/api/v1/services")
    def services() -> Response:
        at = now()
        reads.refresh()
        return _json({"data": reads.navigation(at).services})

    _register_traces(server, reads, now)


def _register_traces(server: Flask, reads: Reads, now: Callable[[], datetime]) -> None:
    @server.get("/api/v1/traces")
    def traces() -> Response:
        return _drawn(lambda: _traces(reads, now()))

    @server.get("/api/v1/traces/<trace_id>")
    def trace(trace_id: str) -> Response:
        reads.refresh()
        found = reads.traces.trace(trace_id, _places(reads.places))
        if found is None:
            abort(404, f"There is no trace {trace_id}.")
        return _json(told(found))

    @server.get("/api/v1/service-map")
    def service_map() -> Response:
        return _drawn(lambda: _service_map(reads, now()))


def answer(reading: Reading[Any]) -> Response:
    """A reading as JSON."""
    return _json(_with_look(reading))


def _with_look(reading: Reading[Any]) -> dict[str, Any]:
    return {
        "data": reading.value,
        "look": reading.look,
        "as_of": reading.as_of,
        "problem": reading.problem,
        "since": reading.since,
    }


def plain(value: Any) -> Any:
    """Dataclasses, mappings and arrays as JSON knows them; a gap is null."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, timedelta):
        return value.total_seconds()
    return float(value) if isinstance(value, Decimal) else value


def _json(value: Any) -> Response:
    data = orjson.dumps(plain(value), default=str, option=orjson.OPT_UTC_Z)
    return Response(data, content_type="application/json")


def _places(known: tuple[Place, ...]) -> tuple[Place, ...]:
    """Those that ``account`` and ``region`` leave, each given any number of times."""
    accounts, regions = request.args.getlist("account"), request.args.getlist("region")
    return tuple(
        place
        for place in known
        if (not accounts or place.account in accounts) and (not regions or place.region in regions)
    )


def _logs(reads: Reads, at: datetime) -> Response:
    """A query over stored events; raises QueryError and ConfigError."""
    reads.refresh()
    text = request.args.get("q", "")
    if not text:
        abort(400, "Say what to ask: ?q=QUERY, in Logs Insights QL.")
    limits = Limits(_limit(), _positive("timeout"), bytes=_whole(_positive("max_bytes")))
    asked = (text, request.args.getlist("group"), _window(at), _places(reads.places))
    if "explain" in request.args:
        return _json(reads.logs.explain(*asked, now=at))
    found = reads.logs.query(*asked, now=at, limits=limits)
    result, more = found.result(), found.more
    return _json(
        {"columns": result.columns, "rows": result.rows, "more": more, "scanned": found.scanned}
    )


def _drawn(build: Callable[[], Response]) -> Response:
    """The answer; a mistake in a query is answered with its place."""
    try:
        return build()
    except OpsError as error:
        drawn = getattr(error, "drawn", None)
        abort(400, drawn() if drawn else str(error))


def _traces(reads: Reads, at: datetime) -> Response:
    """Traces that a filter expression matches; raises QueryError."""
    slowest = "slowest" in request.args
    scope = _asked(reads, at)
    found = reads.traces.found(scope, request.args.get("q", ""), _limit(), slowest=slowest)
    reading = reads.traces.standing(scope.places).reading(found.traces, there=bool(found.traces))
    more = {"more": found.more, "undecided": found.undecided}
    return _json(_with_look(reading) | more)


def _service_map(reads: Reads, at: datetime) -> Response:
    """The map of the traces that a filter expression matches; raises QueryError."""
    scope, by_host = _asked(reads, at), "by_host" in request.args
    found = reads.traces.service_map(scope, request.args.get("q", ""), by_host=by_host)
    standing = reads.traces.standing(scope.places)
    return answer(standing.reading(found, there=bool(found.nodes)))


def _asked(reads: Reads, at: datetime) -> Scope:
    reads.refresh()
    return Scope(_window(at), _places(reads.places), at)


def _positive(name: str) -> float | None:
    """A number above 0, if it is given."""
    text = request.args.get(name)
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        abort(400, f"{name} must be a number above 0.")
    return number


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _window(at: datetime) -> Window:
    """From ``since`` to ``until``, the last three hours where neither is given."""
    until = moment(request.args.get("until", "now"), at, "until")
    since = request.args.get("since")
    start = until - SPAN if since is None else moment(since, at, "since")
    if until < start:
        abort(400, "until lies before since; swap the two.")
    return Window(start, until)


def _known(service: str, services: Mapping[str, Any]) -> None:
    if service not in services:
        abort(404, f"There is no service {service!r}; known are {', '.join(services)}.")


def _limit() -> int:
    text = request.args.get("limit", "100")
    if not text.isdigit() or not 0 < int(text) <= MOST:
        abort(400, f"limit must be a number from 1 to {MOST}.")
    return int(text)
