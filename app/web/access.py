"""One line a request in the log, without the query string, which may hold what people look for.

What machines ask all the time (files, probes) is told at debug level only.
"""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request

ROUTINE = ("/assets/", "/_dash-component-suites/", "/healthz", "/readyz", "/metrics")
LOG = logging.getLogger("watchdeck.access")


def register(server: Flask) -> None:
    """Logs method, path, status, size and time of every request."""

    @server.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @server.after_request
    def log(response: Response) -> Response:
        took_ms = (time.perf_counter() - g.get("began", time.perf_counter())) * 1000
        level = logging.DEBUG if _is_routine(response) else logging.INFO
        said = "%s %s %d %.1f ms"
        LOG.log(level, said, request.method, request.path, response.status_code, took_ms)
        return response


def _is_routine(response: Response) -> bool:
    return response.status_code < 400 and request.path.startswith(ROUTINE)
