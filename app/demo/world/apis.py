"""Metrics of APIs: AWS/ApiGateway, in the three spellings of REST, HTTP and WebSocket."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.demo.world.flows import calls, work
from app.demo.world.functions import milliseconds
from app.demo.world.naming import Published, prefixed
from app.demo.world.noise import Floats
from app.demo.world.platform import Api, Route
from app.demo.world.samples import Samples, each_one, skewed, zero_or_one
from app.demo.world.sheet import Sheet

NAMESPACE = "AWS/ApiGateway"
_CLIENT_ERRORS = 0.011
_OVERHEAD_MS = 9.0
_ANSWER_BYTES = 5200.0


def api_metrics(sheet: Sheet, api: Api) -> Published:
    """Everything one API publishes, for the stage and, if it is detailed, for each method."""
    identity = {"ApiName": api.name} if api.protocol == "REST" else {"ApiId": api.id}
    whole = _measured(sheet, api, api.routes, "all")
    published = prefixed(NAMESPACE, {**identity, "Stage": api.stage}, whole)
    published |= prefixed(NAMESPACE, identity, whole)
    if api.detailed:
        for route in api.routes:
            method = {"Stage": api.stage, "Resource": route.path, "Method": route.method}
            measured = _measured(sheet, api, (route,), f"{route.method} {route.path}")
            published |= prefixed(NAMESPACE, {**identity, **method}, measured)
    return published


def _measured(sheet: Sheet, api: Api, routes: Sequence[Route], part: str) -> dict[str, Samples]:
    if api.protocol == "WEBSOCKET":
        return _chat(sheet, api)
    names = ("4XXError", "5XXError") if api.protocol == "REST" else ("4xx", "5xx")
    m, requests = sheet.minutes, _requests(sheet, api, routes)
    refused = sheet.thin(f"{api.name}/{part}/refused", requests, _CLIENT_ERRORS)
    measured = {
        "Count": each_one(m, requests),
        names[0]: zero_or_one(m, requests, refused),
        names[1]: zero_or_one(m, requests, _broken(sheet, api, routes)),
    }
    if api.protocol == "HTTP":
        wobble = sheet.normal(f"{api.name}/{part}/bytes")
        middle = sheet.level(_ANSWER_BYTES)
        measured["DataProcessed"] = skewed(m, requests, middle, 0.8, wobble)
    return measured | _times(sheet, api, routes, part, requests)


def _times(
    sheet: Sheet, api: Api, routes: Sequence[Route], part: str, requests: Floats
) -> dict[str, Samples]:
    m, wobble = sheet.minutes, sheet.normal(f"{api.name}/{part}/latency")
    inner = _middle(sheet, api, routes, requests)
    return {
        "Latency": skewed(m, requests, np.round(inner + _OVERHEAD_MS, 1), 0.5, wobble),
        "IntegrationLatency": skewed(m, requests, np.round(inner, 1), 0.5, wobble),
    }


def _requests(sheet: Sheet, api: Api, routes: Sequence[Route]) -> Floats:
    return sum((calls(sheet, api, route) for route in routes), sheet.level(0.0))


def _broken(sheet: Sheet, api: Api, routes: Sequence[Route]) -> Floats:
    """Answers with 5xx: the calls whose function failed or was throttled."""
    broken = sheet.level(0.0)
    for name in dict.fromkeys(route.function for route in routes):
        function = sheet.deployment.function(name)
        done = work(sheet, function)
        mine = _requests(sheet, api, [r for r in routes if r.function == name])
        share = np.divide(mine, done.offered, out=sheet.level(0.0), where=done.offered > 0)
        broken = broken + np.round((done.failed + done.throttled) * share)
    return np.minimum(broken, _requests(sheet, api, routes))


def _middle(sheet: Sheet, api: Api, routes: Sequence[Route], requests: Floats) -> Floats:
    """The median time behind the API, weighted by the calls of each route."""
    total = sheet.level(0.0)
    for route in routes:
        function = sheet.deployment.function(route.function)
        total = total + calls(sheet, api, route) * milliseconds(sheet, function)
    middle: Floats = np.divide(total, requests, out=sheet.level(1.0), where=requests > 0) + 4.0
    return middle


def _chat(sheet: Sheet, api: Api) -> dict[str, Samples]:
    m, opened, closed = sheet.minutes, *(_route(sheet, api, n) for n in ("$connect", "$disconnect"))
    messages = _route(sheet, api, "sendMessage")
    everything = opened + closed + messages
    done = work(sheet, sheet.deployment.function(api.routes[0].function))
    failed = np.minimum(done.failed + done.throttled, everything)
    inner = _middle(sheet, api, api.routes, everything)
    wobble = sheet.normal(f"{api.name}/latency")
    return {
        "ConnectCount": each_one(m, opened),
        "MessageCount": each_one(m, messages),
        "ClientError": zero_or_one(
            m, everything, sheet.thin(f"{api.name}/client", everything, 0.003)
        ),
        "ExecutionError": zero_or_one(m, everything, sheet.level(0.0)),
        "IntegrationError": zero_or_one(m, everything, failed),
        "IntegrationLatency": skewed(m, everything, np.round(inner, 1), 0.5, wobble),
    }


def _route(sheet: Sheet, api: Api, path: str) -> Floats:
    return calls(sheet, api, next(r for r in api.routes if r.path == path))
